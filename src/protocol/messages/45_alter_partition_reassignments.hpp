// AlterPartitionReassignments (API 45): moves partitions to other replicas (KIP-455).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AlterPartitionReassignmentsRequest {
    static constexpr Api api{
        .key = 45, .name = "AlterPartitionReassignments", .versions = {0, 1},
        .flexible = 0};

    struct ReassignablePartition {
        PartitionId partition_index{};
        std::optional<std::vector<int32_t>> replicas;  // null: stop a reassignment under way

        using Self = ReassignablePartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::replicas>};
        bool operator==(const ReassignablePartition&) const = default;
    };

    struct ReassignableTopic {
        std::string name;
        std::vector<ReassignablePartition> partitions;

        using Self = ReassignableTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const ReassignableTopic&) const = default;
    };

    int32_t timeout_ms = 60000;
    bool allow_replication_factor_change = true;  // KIP-860
    std::vector<ReassignableTopic> topics;

    using Self = AlterPartitionReassignmentsRequest;
    static constexpr auto fields = Fields{
        field<&Self::timeout_ms>,
        field<&Self::allow_replication_factor_change, since(1)>,
        field<&Self::topics>};
    bool operator==(const AlterPartitionReassignmentsRequest&) const = default;
};

struct AlterPartitionReassignmentsResponse {
    static constexpr Api api = AlterPartitionReassignmentsRequest::api;

    struct ReassignablePartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = ReassignablePartitionResponse;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const ReassignablePartitionResponse&) const = default;
    };

    struct ReassignableTopicResponse {
        std::string name;
        std::vector<ReassignablePartitionResponse> partitions;

        using Self = ReassignableTopicResponse;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const ReassignableTopicResponse&) const = default;
    };

    int32_t throttle_time_ms = 0;
    bool allow_replication_factor_change = true;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<ReassignableTopicResponse> responses;

    using Self = AlterPartitionReassignmentsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::allow_replication_factor_change, ignorable(since(1))>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::responses>};
    bool operator==(const AlterPartitionReassignmentsResponse&) const = default;
};

}  // namespace stoker::protocol
