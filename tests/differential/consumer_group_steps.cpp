// Groups of the consumer protocol (KIP-848), with several members each. The members choose their
// own ids, as they do since version 1, so that both brokers know them by the same names.
//
// Which of several members the uniform assignor gives which partition is each broker's own: Apache
// Kafka goes by hashes of random ids, and who is early in them takes the odd partition from who has
// it; Stoker leaves it there. So several members ask for the range assignor, and c-uniform has one.
#include <array>
#include <map>

#include "protocol/messages/68_consumer_group_heartbeat.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

constexpr int32_t joins = 0, leaves = -1, leaves_for_a_while = -2;
constexpr int32_t as_before = -1;

std::string draw_consumer_group(Draw& draw) {
    if (draw.chance(3)) return draw.pick<std::string>({"", "never-seen"});
    return draw.pick<std::string>({"c-one", "c-one", "c-two", "c-two", "c-uniform"});
}

std::vector<std::string> draw_subscription(Draw& draw) {
    std::vector<std::string> topics;
    for (std::string_view topic : lasting_topics) {
        if (draw.chance(50)) topics.emplace_back(topic);
    }
    if (draw.chance(10)) topics.emplace_back("missing");
    if (topics.empty() && draw.chance(90)) topics.emplace_back("alpha");
    return topics;
}

/// What a member says that comes, or is thrown out and comes again.
void fill_join(Draw& draw, const std::string& member, ConsumerGroupHeartbeatRequest& request) {
    request.member_epoch = joins;
    request.rebalance_timeout_ms = draw.chance(97) ? 300'000 : -1;
    request.subscribed_topic_names = draw_subscription(draw);
    request.topic_partitions.emplace();
    if (member == "m-static") request.instance_id = "instance";
    if (request.group_id != "c-uniform") request.server_assignor = "range";
    if (draw.chance(3)) request.server_assignor = "nonsense";
    if (draw.chance(3)) request.subscribed_topic_names = std::nullopt;
    if (draw.chance(2)) request.instance_id = "";
    if (draw.chance(2)) request.rack_id = "rack";
}

/// What a member says that stays.
void fill_heartbeat(Draw& draw, const Model::ConsumerMember& member,
                    ConsumerGroupHeartbeatRequest& request) {
    request.member_epoch = member.epoch;
    request.rebalance_timeout_ms = draw.chance(90) ? as_before : 300'000;
    if (draw.chance(15)) request.subscribed_topic_names = draw_subscription(draw);
    if (draw.chance(3)) request.server_assignor = "nonsense";
    if (draw.chance(3)) request.subscribed_topic_regex = "(";
    // Mostly what it has; at times nothing new, or what it does not have.
    if (draw.chance(80)) {
        request.topic_partitions.emplace();
        for (const auto& [topic, partitions] : member.owned) {
            request.topic_partitions->push_back({.topic_id = topic, .partitions = partitions});
        }
    } else if (draw.chance(20)) {
        request.topic_partitions = {{{.topic_id = topic_symbol("alpha", 0),
                                      .partitions = {PartitionId{0}}}}};
    }
    if (draw.chance(5)) request.member_epoch = draw.pick({1, 99, -3, member.epoch - 1});
}

void learn_heartbeat(Model::ConsumerMember& member, const World& world,
                     const ConsumerGroupHeartbeatResponse& got) {
    if (got.error_code == ErrorCode::fenced_member_epoch ||
        got.error_code == ErrorCode::unknown_member_id ||
        got.error_code == ErrorCode::group_id_not_found) {
        member = {};
    }
    if (got.error_code != ErrorCode::none) return;
    member.epoch = got.member_epoch;
    member.joined = got.member_epoch > 0;
    if (!member.joined) member.owned.clear();
    if (!got.assignment) return;
    member.owned.clear();
    for (const auto& topic : got.assignment->topic_partitions) {
        member.owned[world.topic_symbol_of(topic.topic_id)] = topic.partitions;
    }
}

void consumer_group_heartbeat(Duel& duel) {
    Draw& draw = duel.draw;
    ConsumerGroupHeartbeatRequest request{.group_id = draw_consumer_group(draw)};
    request.member_id = draw.pick<std::string>({"m-a", "m-b", "m-c", "m-static"});
    if (request.group_id == "c-uniform") request.member_id = "m-a";
    Model::ConsumerMember& member =
        duel.model.consumer_members[{request.group_id, request.member_id}];
    if (!member.joined) {
        fill_join(draw, request.member_id, request);
    } else if (draw.chance(8)) {
        bool is_static = request.member_id == "m-static";
        request.member_epoch = is_static && draw.chance(50) ? leaves_for_a_while : leaves;
        if (is_static) request.instance_id = "instance";
    } else {
        fill_heartbeat(draw, member, request);
        if (request.member_id == "m-static") request.instance_id = "instance";
    }
    if (draw.chance(2)) request.member_id = draw.pick<std::string>({"", "no-such-member"});
    // A member without an id gets one in version 0, which would stay.
    int16_t version = duel.draw_version(ConsumerGroupHeartbeatRequest::api);
    if (request.member_id.empty()) version = 1;
    using Response = ConsumerGroupHeartbeatResponse;
    duel.exchange_in<Response>(version, request, [&](World& world, const Response& got) {
        if (world.is_reference()) learn_heartbeat(member, world, got);
    });
}

void consumer_group_describe(Duel& duel) {
    Draw& draw = duel.draw;
    ConsumerGroupDescribeRequest request{.include_authorized_operations = draw.chance(20)};
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        request.group_ids.push_back(draw.chance(80) ? draw_consumer_group(draw) : draw.group());
    }
    duel.exchange<ConsumerGroupDescribeResponse>(request);
}

}  // namespace

std::vector<StepKind> consumer_group_steps() {
    return {
        {68, "consumer group heartbeat", 25, consumer_group_heartbeat},
        {69, "consumer group describe", 6, consumer_group_describe},
    };
}

}  // namespace stoker::differential
