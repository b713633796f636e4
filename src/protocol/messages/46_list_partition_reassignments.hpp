// ListPartitionReassignments (API 46): the moves of partitions that are under way (KIP-455).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ListPartitionReassignmentsRequest {
    static constexpr Api api{
        .key = 46, .name = "ListPartitionReassignments", .versions = {0, 0}, .flexible = 0};

    struct ListPartitionReassignmentsTopics {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        using Self = ListPartitionReassignmentsTopics;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partition_indexes>};
        bool operator==(const ListPartitionReassignmentsTopics&) const = default;
    };

    int32_t timeout_ms = 60000;
    std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;  // null: all

    using Self = ListPartitionReassignmentsRequest;
    static constexpr auto fields = Fields{
        field<&Self::timeout_ms>,
        field<&Self::topics>};
    bool operator==(const ListPartitionReassignmentsRequest&) const = default;
};

struct ListPartitionReassignmentsResponse {
    static constexpr Api api = ListPartitionReassignmentsRequest::api;

    struct OngoingPartitionReassignment {
        PartitionId partition_index{};
        std::vector<int32_t> replicas;
        std::vector<int32_t> adding_replicas;
        std::vector<int32_t> removing_replicas;

        using Self = OngoingPartitionReassignment;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::replicas>,
            field<&Self::adding_replicas>,
            field<&Self::removing_replicas>};
        bool operator==(const OngoingPartitionReassignment&) const = default;
    };

    struct OngoingTopicReassignment {
        std::string name;
        std::vector<OngoingPartitionReassignment> partitions;

        using Self = OngoingTopicReassignment;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const OngoingTopicReassignment&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<OngoingTopicReassignment> topics;

    using Self = ListPartitionReassignmentsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::topics>};
    bool operator==(const ListPartitionReassignmentsResponse&) const = default;
};

}  // namespace stoker::protocol
