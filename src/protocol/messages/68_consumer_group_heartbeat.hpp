// ConsumerGroupHeartbeat (API 68): all that a member of a consumer group says and hears, joining,
// rebalances and leaving included (KIP-848). Both sides send only what has changed.
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

struct ConsumerGroupHeartbeatRequest {
    static constexpr Api api{
        .key = 68, .name = "ConsumerGroupHeartbeat", .versions = {0, 1}, .flexible = 0};

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        using Self = TopicPartitions;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::partitions>};
        bool operator==(const TopicPartitions&) const = default;
    };

    std::string group_id;
    std::string member_id;  // chosen by the member itself since version 1
    int32_t member_epoch = 0;  // 0: joins, -1: leaves, -2: a static member leaves and will be back
    std::optional<std::string> instance_id;  // static membership; null here and below: as before
    std::optional<std::string> rack_id;
    int32_t rebalance_timeout_ms = -1;  // -1: as before
    std::optional<std::vector<std::string>> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;  // in the syntax of RE2
    std::optional<std::string> server_assignor;
    std::optional<std::vector<TopicPartitions>> topic_partitions;  // what the member owns

    using Self = ConsumerGroupHeartbeatRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::member_id>,
        field<&Self::member_epoch>,
        field<&Self::instance_id>,
        field<&Self::rack_id>,
        field<&Self::rebalance_timeout_ms>,
        field<&Self::subscribed_topic_names>,
        field<&Self::subscribed_topic_regex, since(1)>,
        field<&Self::server_assignor>,
        field<&Self::topic_partitions>};
    bool operator==(const ConsumerGroupHeartbeatRequest&) const = default;
};

struct ConsumerGroupHeartbeatResponse {
    static constexpr Api api = ConsumerGroupHeartbeatRequest::api;

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        using Self = TopicPartitions;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::partitions>};
        bool operator==(const TopicPartitions&) const = default;
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;

        using Self = Assignment;
        static constexpr auto fields = Fields{field<&Self::topic_partitions>};
        bool operator==(const Assignment&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::optional<std::string> member_id;
    int32_t member_epoch = 0;  // -1 or -2 for who has left, as it was asked
    int32_t heartbeat_interval_ms = 0;
    std::optional<Assignment> assignment;  // null: as before

    using Self = ConsumerGroupHeartbeatResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::member_id>,
        field<&Self::member_epoch>,
        field<&Self::heartbeat_interval_ms>,
        field<&Self::assignment>};
    bool operator==(const ConsumerGroupHeartbeatResponse&) const = default;
};

}  // namespace stoker::protocol
