// OffsetFetch (API 9): what a group has committed; several groups at once since version 8
// (KIP-709), topics by id since version 10.
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

struct OffsetFetchRequest {
    static constexpr Api api{.key = 9, .name = "OffsetFetch", .versions = {1, 10}, .flexible = 6};

    struct OffsetFetchRequestTopic {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        using Self = OffsetFetchRequestTopic;
        static constexpr auto fields = Fields{
            field<&Self::name, until(7)>,
            field<&Self::partition_indexes, until(7)>};
        bool operator==(const OffsetFetchRequestTopic&) const = default;
    };

    struct OffsetFetchRequestTopics {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionId> partition_indexes;

        using Self = OffsetFetchRequestTopics;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(between(8, 9))>,
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::partition_indexes, since(8)>};
        bool operator==(const OffsetFetchRequestTopics&) const = default;
    };

    struct OffsetFetchRequestGroup {
        std::string group_id;
        std::optional<std::string> member_id;
        int32_t member_epoch = -1;  // KIP-848
        std::optional<std::vector<OffsetFetchRequestTopics>> topics =
            std::vector<OffsetFetchRequestTopics>{};

        using Self = OffsetFetchRequestGroup;
        static constexpr auto fields = Fields{
            field<&Self::group_id, since(8)>,
            field<&Self::member_id, ignorable(since(9))>,
            field<&Self::member_epoch, ignorable(since(9))>,
            field<&Self::topics, since(8)>};
        bool operator==(const OffsetFetchRequestGroup&) const = default;
    };

    std::string group_id;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics =
        std::vector<OffsetFetchRequestTopic>{};
    std::vector<OffsetFetchRequestGroup> groups;
    bool require_stable = false;  // wait for open transactions (KIP-447)

    using Self = OffsetFetchRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id, until(7)>,
        field<&Self::topics, nullable_since(2, until(7))>,
        field<&Self::groups, since(8)>,
        field<&Self::require_stable, since(7)>};
    bool operator==(const OffsetFetchRequest&) const = default;
};

struct OffsetFetchResponse {
    static constexpr Api api = OffsetFetchRequest::api;

    struct OffsetFetchResponsePartition {
        PartitionId partition_index{};
        Offset committed_offset{};  // -1: none
        LeaderEpoch committed_leader_epoch = LeaderEpoch::none;
        std::optional<std::string> metadata = "";
        ErrorCode error_code = ErrorCode::none;

        using Self = OffsetFetchResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index, until(7)>,
            field<&Self::committed_offset, until(7)>,
            field<&Self::committed_leader_epoch, ignorable(between(5, 7))>,
            field<&Self::metadata, until(7)>,
            field<&Self::error_code, until(7)>};
        bool operator==(const OffsetFetchResponsePartition&) const = default;
    };

    struct OffsetFetchResponseTopic {
        std::string name;
        std::vector<OffsetFetchResponsePartition> partitions;

        using Self = OffsetFetchResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::name, until(7)>,
            field<&Self::partitions, until(7)>};
        bool operator==(const OffsetFetchResponseTopic&) const = default;
    };

    struct OffsetFetchResponsePartitions {
        PartitionId partition_index{};
        Offset committed_offset{};  // -1: none
        LeaderEpoch committed_leader_epoch = LeaderEpoch::none;
        std::optional<std::string> metadata = "";
        ErrorCode error_code = ErrorCode::none;

        using Self = OffsetFetchResponsePartitions;
        static constexpr auto fields = Fields{
            field<&Self::partition_index, since(8)>,
            field<&Self::committed_offset, since(8)>,
            field<&Self::committed_leader_epoch, ignorable(since(8))>,
            field<&Self::metadata, since(8)>,
            field<&Self::error_code, since(8)>};
        bool operator==(const OffsetFetchResponsePartitions&) const = default;
    };

    struct OffsetFetchResponseTopics {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetFetchResponsePartitions> partitions;

        using Self = OffsetFetchResponseTopics;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(between(8, 9))>,
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::partitions, since(8)>};
        bool operator==(const OffsetFetchResponseTopics&) const = default;
    };

    struct OffsetFetchResponseGroup {
        std::string group_id;
        std::vector<OffsetFetchResponseTopics> topics;
        ErrorCode error_code = ErrorCode::none;

        using Self = OffsetFetchResponseGroup;
        static constexpr auto fields = Fields{
            field<&Self::group_id, since(8)>,
            field<&Self::topics, since(8)>,
            field<&Self::error_code, since(8)>};
        bool operator==(const OffsetFetchResponseGroup&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetFetchResponseTopic> topics;
    ErrorCode error_code = ErrorCode::none;
    std::vector<OffsetFetchResponseGroup> groups;

    using Self = OffsetFetchResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(3))>,
        field<&Self::topics, until(7)>,
        field<&Self::error_code, ignorable(between(2, 7))>,
        field<&Self::groups, since(8)>};
    bool operator==(const OffsetFetchResponse&) const = default;
};

}  // namespace stoker::protocol
