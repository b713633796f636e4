// OffsetCommit (API 8): how far a group has read; topics by id since version 10.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct OffsetCommitRequest {
    static constexpr Api api{.key = 8, .name = "OffsetCommit", .versions = {2, 10}, .flexible = 8};

    struct OffsetCommitRequestPartition {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = LeaderEpoch::none;
        /// whatever the client likes to remember
        std::optional<std::string> committed_metadata = "";

        using Self = OffsetCommitRequestPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::committed_offset>,
            field<&Self::committed_leader_epoch, ignorable(since(6))>,
            field<&Self::committed_metadata>};
        bool operator==(const OffsetCommitRequestPartition&) const = default;
    };

    struct OffsetCommitRequestTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitRequestPartition> partitions;

        using Self = OffsetCommitRequestTopic;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(until(9))>,
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::partitions>};
        bool operator==(const OffsetCommitRequestTopic&) const = default;
    };

    std::string group_id;
    int32_t generation_id_or_member_epoch = -1;  // -1 outside a group
    std::string member_id;
    std::optional<std::string> group_instance_id;  // static membership (KIP-345)
    int64_t retention_time_ms = -1;  // -1: the broker's own
    std::vector<OffsetCommitRequestTopic> topics;

    using Self = OffsetCommitRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::generation_id_or_member_epoch>,
        field<&Self::member_id>,
        field<&Self::group_instance_id, since(7)>,
        field<&Self::retention_time_ms, ignorable(until(4))>,
        field<&Self::topics>};
    bool operator==(const OffsetCommitRequest&) const = default;
};

struct OffsetCommitResponse {
    static constexpr Api api = OffsetCommitRequest::api;

    struct OffsetCommitResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;

        using Self = OffsetCommitResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>};
        bool operator==(const OffsetCommitResponsePartition&) const = default;
    };

    struct OffsetCommitResponseTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitResponsePartition> partitions;

        using Self = OffsetCommitResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(until(9))>,
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::partitions>};
        bool operator==(const OffsetCommitResponseTopic&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetCommitResponseTopic> topics;

    using Self = OffsetCommitResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(3))>,
        field<&Self::topics>};
    bool operator==(const OffsetCommitResponse&) const = default;
};

}  // namespace stoker::protocol
