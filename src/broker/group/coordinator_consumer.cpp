// The coordinator's side of ConsumerGroupHeartbeat and ConsumerGroupDescribe: what can be said of a
// request before its group is looked at, in the words of Apache Kafka.
#include "broker/group/group_coordinator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace stoker::broker {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

namespace {

/// From this version on members choose their own ids.
constexpr int16_t first_version_with_member_id = 1;

/// As Java's trim() sees it.
bool is_blank(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}
bool is_given_blank(const std::optional<std::string>& text) { return text && is_blank(*text); }

Outcome<void> check_joining(const ConsumerGroupHeartbeatRequest& request) {
    if (request.rebalance_timeout_ms == -1) {
        return refuse(ErrorCode::invalid_request,
                      "RebalanceTimeoutMs must be provided in first request.");
    }
    if (!request.topic_partitions || !request.topic_partitions->empty()) {
        return refuse(ErrorCode::invalid_request,
                      "TopicPartitions must be empty when (re-)joining.");
    }
    if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
        return refuse(ErrorCode::invalid_request,
                      "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
                      "(re-)joining.");
    }
    return {};
}

Outcome<void> check_assignor(const std::optional<std::string>& wanted,
                              const std::vector<Assignor>& supported) {
    const auto is_wanted = [&](Assignor each) { return name(each) == *wanted; };
    if (!wanted || std::ranges::any_of(supported, is_wanted)) return {};
    std::vector<std::string_view> names;
    for (const Assignor each : supported) names.push_back(name(each));
    return refuse(ErrorCode::unsupported_assignor,
                  fmt::format("ServerAssignor {} is not supported. Supported assignors: {}.",
                              *wanted, fmt::join(names, ", ")));
}

Outcome<void> check(const ConsumerGroupHeartbeatRequest& request, int16_t version,
                     const GroupConfig& config) {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_request, std::move(message));
    };
    const int32_t epoch = request.member_epoch;
    const bool needs_member_id =
        version >= first_version_with_member_id || epoch > 0 || epoch == left_epoch;
    if (needs_member_id && is_blank(request.member_id)) return invalid("MemberId can't be empty.");
    if (is_blank(request.group_id)) return invalid("GroupId can't be empty.");
    if (is_given_blank(request.instance_id)) return invalid("InstanceId can't be empty.");
    if (is_given_blank(request.rack_id)) return invalid("RackId can't be empty.");
    if (request.member_id.size() > consumer_key_text_max) return invalid("MemberId is too long.");
    if (request.subscribed_topic_regex.value_or("").size() > consumer_key_text_max) {
        return refuse(ErrorCode::invalid_regular_expression, "SubscribedTopicRegex is too long.");
    }
    if (epoch == joining_epoch) {
        if (auto joining = check_joining(request); !joining) return joining;
    } else if (epoch == left_for_a_while_epoch && !request.instance_id) {
        return invalid("InstanceId can't be null.");
    } else if (epoch < left_for_a_while_epoch) {
        return invalid("MemberEpoch is invalid.");
    }
    return check_assignor(request.server_assignor, config.consumer_assignors);
}

}  // namespace

void GroupCoordinator::consumer_group_heartbeat(
    GroupCall<ConsumerGroupHeartbeatRequest> call,
    GroupReply<ConsumerGroupHeartbeatResponse> reply) {
    const std::string& group_id = call.request.group_id;
    if (const auto checked = check(call.request, call.version, config_); !checked) {
        return reply({.error_code = checked.error().code,
                      .error_message = checked.error().message});
    }
    const auto settings = environment_.group_settings ? environment_.group_settings(group_id)
                                                      : ConsumerGroupSettings{};
    Outbox out;
    shard_with_topics(group_id)->consumer_heartbeat(call, settings, std::move(reply), out);
    out.deliver(environment_.when_durable);
}

void GroupCoordinator::consumer_group_describe(
    const GroupCall<ConsumerGroupDescribeRequest>& call,
    GroupReply<ConsumerGroupDescribeResponse> reply) {
    ConsumerGroupDescribeResponse response;
    for (const auto& id : call.request.group_ids) {
        if (id.empty()) {
            response.groups.push_back(
                {.error_code = ErrorCode::invalid_group_id, .group_id = id});
            continue;
        }
        response.groups.push_back(shard_with_topics(id)->consumer_describe(id));
    }
    reply(std::move(response));
}

}  // namespace stoker::broker
