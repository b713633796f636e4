// ConsumerGroupDescribe (API 69): consumer groups with their members, what these have and what they
// are to have (KIP-848).
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

struct ConsumerGroupDescribeRequest {
    static constexpr Api api{
        .key = 69, .name = "ConsumerGroupDescribe", .versions = {0, 1}, .flexible = 0};

    std::vector<std::string> group_ids;
    bool include_authorized_operations = false;

    using Self = ConsumerGroupDescribeRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_ids>,
        field<&Self::include_authorized_operations>};
    bool operator==(const ConsumerGroupDescribeRequest&) const = default;
};

struct ConsumerGroupDescribeResponse {
    static constexpr Api api = ConsumerGroupDescribeRequest::api;

    struct TopicPartitions {
        Uuid topic_id;
        std::string topic_name;
        std::vector<PartitionId> partitions;

        using Self = TopicPartitions;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::topic_name>,
            field<&Self::partitions>};
        bool operator==(const TopicPartitions&) const = default;
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;

        using Self = Assignment;
        static constexpr auto fields = Fields{field<&Self::topic_partitions>};
        bool operator==(const Assignment&) const = default;
    };

    struct Member {
        std::string member_id;
        std::optional<std::string> instance_id;
        std::optional<std::string> rack_id;
        int32_t member_epoch = 0;
        std::string client_id;
        std::string client_host;
        std::vector<std::string> subscribed_topic_names;
        std::optional<std::string> subscribed_topic_regex;
        Assignment assignment;
        Assignment target_assignment;
        int8_t member_type = -1;  // -1: unknown, 0: classic, 1: consumer

        using Self = Member;
        static constexpr auto fields = Fields{
            field<&Self::member_id>,
            field<&Self::instance_id>,
            field<&Self::rack_id>,
            field<&Self::member_epoch>,
            field<&Self::client_id>,
            field<&Self::client_host>,
            field<&Self::subscribed_topic_names>,
            field<&Self::subscribed_topic_regex>,
            field<&Self::assignment>,
            field<&Self::target_assignment>,
            field<&Self::member_type, ignorable(since(1))>};
        bool operator==(const Member&) const = default;
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        int32_t group_epoch = 0;
        int32_t assignment_epoch = 0;  // of the target assignment
        std::string assignor_name;
        std::vector<Member> members;
        /// a bit field (KIP-430); the minimum: not asked for
        int32_t authorized_operations = std::numeric_limits<int32_t>::min();

        using Self = DescribedGroup;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::group_id>,
            field<&Self::group_state>,
            field<&Self::group_epoch>,
            field<&Self::assignment_epoch>,
            field<&Self::assignor_name>,
            field<&Self::members>,
            field<&Self::authorized_operations>};
        bool operator==(const DescribedGroup&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    using Self = ConsumerGroupDescribeResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::groups>};
    bool operator==(const ConsumerGroupDescribeResponse&) const = default;
};

}  // namespace stoker::protocol
