// What the tests of consumer groups share: topics, and members that behave as KIP-848 asks of
// clients. For tests only.
#pragma once

#include "broker/group/group_fixture.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stoker::broker {

/// The same name has the same id.
inline Uuid topic_id(std::string_view name) {
    Uuid id;
    for (size_t i = 0; i < name.size() && i < id.bytes.size(); ++i) {
        id.bytes[i] = static_cast<std::byte>(name[i]);
    }
    id.bytes[15] = std::byte{1};
    return id;
}

inline std::shared_ptr<const TopicImage> topics_of(
    int64_t version, const std::vector<std::pair<std::string, int32_t>>& topics) {
    std::vector<GroupTopic> all;
    for (const auto& [name, partitions] : topics) all.push_back({name, topic_id(name), partitions});
    return std::make_shared<const TopicImage>(version, std::move(all));
}

inline Assignment partitions_of(const std::string& topic, const std::set<int32_t>& partitions) {
    Assignment assignment;
    for (const int32_t each : partitions) assignment[topic_id(topic)].insert(PartitionId{each});
    return assignment;
}

inline size_t size_of(const Assignment& assignment) {
    size_t size = 0;
    for (const auto& [topic, partitions] : assignment) size += partitions.size();
    return size;
}

using HeartbeatRequest = protocol::ConsumerGroupHeartbeatRequest;
using HeartbeatResponse = protocol::ConsumerGroupHeartbeatResponse;

inline HeartbeatResponse heartbeat(GroupHarness& broker, HeartbeatRequest request,
                                   int16_t version = 1) {
    auto [answer, send] = GroupHarness::reply<HeartbeatResponse>();
    broker.coordinator.consumer_group_heartbeat(
        {.request = std::move(request),
         .version = version,
         .client = {.id = "app", .host = "/127.0.0.1"}},
        std::move(send));
    return answer->value_or(HeartbeatResponse{.error_code = ErrorCode::request_timed_out});
}

inline protocol::ConsumerGroupDescribeResponse::DescribedGroup describe(GroupHarness& broker,
                                                                        const std::string& group) {
    auto [answer, send] =
        GroupHarness::reply<protocol::ConsumerGroupDescribeResponse>();
    broker.coordinator.consumer_group_describe({.request = {.group_ids = {group}}},
                                               std::move(send));
    return (*answer)->groups.at(0);
}

/// A member as a client is: it joins, takes what it is given, and gives up what it is to give up.
class Consumer {
public:
    Consumer(GroupHarness& broker, std::string group, std::string id,
             std::vector<std::string> topics = {"orders"})
        : broker_(&broker), group_(std::move(group)), id(std::move(id)),
          topics(std::move(topics)) {}

    HeartbeatResponse join() {
        HeartbeatRequest request{.group_id = group_, .member_id = id};
        request.instance_id = instance_id;
        request.rebalance_timeout_ms = 30'000;
        request.subscribed_topic_names = topics;
        request.subscribed_topic_regex = regex;
        request.server_assignor = assignor;
        request.topic_partitions.emplace();
        owned.clear();
        return take(heartbeat(*broker_, std::move(request)));
    }
    /// Says what it owns when that has changed.
    HeartbeatResponse beat() {
        HeartbeatRequest request{.group_id = group_, .member_id = id, .member_epoch = epoch};
        request.instance_id = instance_id;
        if (has_news_) {
            request.topic_partitions.emplace();
            for (const auto& [topic, partitions] : owned) {
                request.topic_partitions->push_back(
                    {.topic_id = topic, .partitions = {partitions.begin(), partitions.end()}});
            }
        }
        return take(heartbeat(*broker_, std::move(request)));
    }
    HeartbeatResponse subscribe(std::vector<std::string> names) {
        topics = names;
        HeartbeatRequest request{.group_id = group_, .member_id = id, .member_epoch = epoch};
        request.subscribed_topic_names = std::move(names);
        return take(heartbeat(*broker_, std::move(request)));
    }
    HeartbeatResponse leave(int32_t with_epoch = left_epoch) {
        HeartbeatRequest request{
            .group_id = group_, .member_id = id, .member_epoch = with_epoch};
        request.instance_id = instance_id;
        return heartbeat(*broker_, std::move(request));
    }

private:
    HeartbeatResponse take(HeartbeatResponse response) {
        if (response.error_code != ErrorCode::none) return response;
        epoch = response.member_epoch;
        has_news_ = false;
        if (!response.assignment) return response;
        owned.clear();
        for (const auto& topic : response.assignment->topic_partitions) {
            owned[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
        }
        has_news_ = true;
        return response;
    }

    GroupHarness* broker_;
    std::string group_;
    bool has_news_ = false;

public:
    std::string id;
    std::vector<std::string> topics;
    std::optional<std::string> instance_id = std::nullopt;
    std::optional<std::string> regex = std::nullopt;
    std::optional<std::string> assignor = std::nullopt;
    int32_t epoch = 0;
    Assignment owned = {};
};

/// Heartbeats of everybody until the group is stable.
inline void settle(GroupHarness& broker, const std::string& group,
                   const std::vector<Consumer*>& members) {
    for (int round = 0; round < 20; ++round) {
        for (Consumer* member : members) {
            ASSERT_EQ(member->beat().error_code, ErrorCode::none) << member->id;
        }
        if (describe(broker, group).group_state == "Stable") return;
    }
    FAIL() << "the group does not settle: " << broker.coordinator.dump();
}

}  // namespace stoker::broker
