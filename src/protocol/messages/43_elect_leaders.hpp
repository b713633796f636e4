// ElectLeaders (API 43): elects the leaders of partitions anew (KIP-183, KIP-460).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ElectLeadersRequest {
    static constexpr Api api{.key = 43, .name = "ElectLeaders", .versions = {0, 2}, .flexible = 2};

    struct TopicPartitions {
        std::string topic;
        std::vector<PartitionId> partitions;

        using Self = TopicPartitions;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const TopicPartitions&) const = default;
    };

    int8_t election_type = 0;  // 0: the preferred replica, 1: an unclean one if need be
    /// null: all
    std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
    int32_t timeout_ms = 60000;

    using Self = ElectLeadersRequest;
    static constexpr auto fields = Fields{
        field<&Self::election_type, since(1)>,
        field<&Self::topic_partitions>,
        field<&Self::timeout_ms>};
    bool operator==(const ElectLeadersRequest&) const = default;
};

struct ElectLeadersResponse {
    static constexpr Api api = ElectLeadersRequest::api;

    struct PartitionResult {
        PartitionId partition_id{};
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = PartitionResult;
        static constexpr auto fields = Fields{
            field<&Self::partition_id>,
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const PartitionResult&) const = default;
    };

    struct ReplicaElectionResult {
        std::string topic;
        std::vector<PartitionResult> partition_result;

        using Self = ReplicaElectionResult;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partition_result>};
        bool operator==(const ReplicaElectionResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ReplicaElectionResult> replica_election_results;

    using Self = ElectLeadersResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code, since(1)>,
        field<&Self::replica_election_results>};
    bool operator==(const ElectLeadersResponse&) const = default;
};

}  // namespace stoker::protocol
