// DescribeTopicPartitions (API 75): topics with their partitions, page by page (KIP-966).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeTopicPartitionsRequest {
    static constexpr Api api{
        .key = 75, .name = "DescribeTopicPartitions", .versions = {0, 0}, .flexible = 0};

    struct TopicRequest {
        std::string name;

        using Self = TopicRequest;
        static constexpr auto fields = Fields{field<&Self::name>};
        bool operator==(const TopicRequest&) const = default;
    };

    struct Cursor {
        std::string topic_name;
        PartitionId partition_index{};

        using Self = Cursor;
        static constexpr auto fields = Fields{
            field<&Self::topic_name>,
            field<&Self::partition_index>};
        bool operator==(const Cursor&) const = default;
    };

    std::vector<TopicRequest> topics;  // empty: all
    int32_t response_partition_limit = 2000;  // the broker may have a lower one
    std::optional<Cursor> cursor;  // the next_cursor of the answer before; null: from the beginning

    using Self = DescribeTopicPartitionsRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::response_partition_limit>,
        field<&Self::cursor>};
    bool operator==(const DescribeTopicPartitionsRequest&) const = default;
};

struct DescribeTopicPartitionsResponse {
    static constexpr Api api = DescribeTopicPartitionsRequest::api;

    struct DescribeTopicPartitionsResponsePartition {
        ErrorCode error_code = ErrorCode::none;
        PartitionId partition_index{};
        int32_t leader_id = 0;
        LeaderEpoch leader_epoch = LeaderEpoch::none;
        std::vector<int32_t> replica_nodes;
        std::vector<int32_t> isr_nodes;
        std::optional<std::vector<int32_t>> eligible_leader_replicas;  // KIP-966
        std::optional<std::vector<int32_t>> last_known_elr;
        std::vector<int32_t> offline_replicas;

        using Self = DescribeTopicPartitionsResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::partition_index>,
            field<&Self::leader_id>,
            field<&Self::leader_epoch>,
            field<&Self::replica_nodes>,
            field<&Self::isr_nodes>,
            field<&Self::eligible_leader_replicas>,
            field<&Self::last_known_elr>,
            field<&Self::offline_replicas>};
        bool operator==(const DescribeTopicPartitionsResponsePartition&) const = default;
    };

    struct DescribeTopicPartitionsResponseTopic {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = "";
        Uuid topic_id;
        bool is_internal = false;
        std::vector<DescribeTopicPartitionsResponsePartition> partitions;
        /// a bit field (KIP-430); the minimum: not asked for
        int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

        using Self = DescribeTopicPartitionsResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::name>,
            field<&Self::topic_id>,
            field<&Self::is_internal>,
            field<&Self::partitions>,
            field<&Self::topic_authorized_operations>};
        bool operator==(const DescribeTopicPartitionsResponseTopic&) const = default;
    };

    struct Cursor {
        std::string topic_name;
        PartitionId partition_index{};

        using Self = Cursor;
        static constexpr auto fields = Fields{
            field<&Self::topic_name>,
            field<&Self::partition_index>};
        bool operator==(const Cursor&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribeTopicPartitionsResponseTopic> topics;
    std::optional<Cursor> next_cursor;  // null: this was all

    using Self = DescribeTopicPartitionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>,
        field<&Self::next_cursor>};
    bool operator==(const DescribeTopicPartitionsResponse&) const = default;
};

}  // namespace stoker::protocol
