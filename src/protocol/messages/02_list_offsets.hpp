// ListOffsets (API 2): offsets by time, or by a special timestamp: the ends of a partition.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ListOffsetsRequest {
    static constexpr Api api{.key = 2, .name = "ListOffsets", .versions = {1, 11}, .flexible = 6};

    struct ListOffsetsPartition {
        PartitionId partition_index{};
        LeaderEpoch current_leader_epoch = LeaderEpoch::none;
        /// -1 latest, -2 earliest, -3 max timestamp, -4 earliest local, -5 latest tiered
        int64_t timestamp = 0;

        using Self = ListOffsetsPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::current_leader_epoch, ignorable(since(4))>,
            field<&Self::timestamp>};
        bool operator==(const ListOffsetsPartition&) const = default;
    };

    struct ListOffsetsTopic {
        std::string name;
        std::vector<ListOffsetsPartition> partitions;

        using Self = ListOffsetsTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const ListOffsetsTopic&) const = default;
    };

    int32_t replica_id = 0;  // -1 for a consumer
    int8_t isolation_level = 0;  // 0: read_uncommitted, 1: read_committed
    std::vector<ListOffsetsTopic> topics;
    int32_t timeout_ms = 0;  // for offsets in remote storage (KIP-1075)

    using Self = ListOffsetsRequest;
    static constexpr auto fields = Fields{
        field<&Self::replica_id>,
        field<&Self::isolation_level, since(2)>,
        field<&Self::topics>,
        field<&Self::timeout_ms, ignorable(since(10))>};
    bool operator==(const ListOffsetsRequest&) const = default;
};

struct ListOffsetsResponse {
    static constexpr Api api = ListOffsetsRequest::api;

    struct ListOffsetsPartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;
        int64_t timestamp = -1;
        Offset offset{-1};
        LeaderEpoch leader_epoch = LeaderEpoch::none;

        using Self = ListOffsetsPartitionResponse;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>,
            field<&Self::timestamp>,
            field<&Self::offset>,
            field<&Self::leader_epoch, since(4)>};
        bool operator==(const ListOffsetsPartitionResponse&) const = default;
    };

    struct ListOffsetsTopicResponse {
        std::string name;
        std::vector<ListOffsetsPartitionResponse> partitions;

        using Self = ListOffsetsTopicResponse;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const ListOffsetsTopicResponse&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<ListOffsetsTopicResponse> topics;

    using Self = ListOffsetsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(2))>,
        field<&Self::topics>};
    bool operator==(const ListOffsetsResponse&) const = default;
};

}  // namespace stoker::protocol
