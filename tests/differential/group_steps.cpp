// Groups with one member each, whose joins never wait for another's, and their offsets.
#include "batches.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/47_offset_delete.hpp"
#include "protocol/messages/subscription.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::ConsumerProtocolSubscription;
using protocol::DeleteGroupsRequest;
using protocol::DeleteGroupsResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;
using protocol::encode;

/// Longer than any run, so that no member is ever late.
constexpr int32_t session_timeout_ms = 1'200'000;

struct Member {
    std::string id;
    int32_t generation;
};

/// Mostly the group's own member as it is.
Member draw_member(Draw& draw, const Model& model, const std::string& group) {
    auto found = model.groups.find(group);
    Member member{.id = "", .generation = -1};
    if (found != model.groups.end() && found->second.has_member) {
        member = {.id = "@member of " + group, .generation = found->second.generation};
    }
    if (draw.chance(12)) member.id = draw.pick<std::string>({"", "no-such-member"});
    if (draw.chance(12)) member.generation = draw.pick({-1, 0, 1, 99});
    return member;
}

Bytes subscription_to(const std::string& topic) {
    constexpr int16_t version = 1;
    Bytes bytes{std::byte{0}, std::byte(version)};
    Bytes body = encode(ConsumerProtocolSubscription{.topics = {topic}}, version);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
}

void join_group(Duel& duel) {
    Draw& draw = duel.draw;
    std::string name = draw.group();
    // In a group of the consumer protocol its random id would have a say in who is given what.
    if (name.starts_with("c-")) name = "g-one";
    Model::Group& group = duel.model.groups[name];
    JoinGroupRequest request{.group_id = name, .protocol_type = "consumer"};
    request.session_timeout_ms =
        draw.chance(93) ? session_timeout_ms : draw.pick({0, 1, -1, INT32_MAX});
    request.rebalance_timeout_ms = draw.pick({300'000, 60'000});
    request.protocols = {{.name = "range", .metadata = subscription_to("alpha")}};
    if (draw.chance(50)) {
        request.protocols.push_back({.name = "sticky", .metadata = subscription_to("beta")});
    }
    if (draw.chance(4)) request.protocols.clear();
    if (draw.chance(4)) request.protocol_type = draw.pick<std::string>({"connect", ""});
    if (draw.chance(20)) request.reason = "differential";
    if (group.has_member) request.member_id = "@member of " + name;
    if (draw.chance(6)) request.member_id = "no-such-member";
    // Never a second member beside the group's own: it would wait for that one (pair_steps.cpp).
    duel.exchange<JoinGroupResponse>(request, [&](World& world, const JoinGroupResponse& got) {
        bool joined = got.error_code == ErrorCode::none;
        if (!joined && got.error_code != ErrorCode::member_id_required) return;
        world.learn_text("@member of " + name, got.member_id);
        if (!world.is_reference()) return;
        group.has_member = true;
        if (!joined) return;
        group.is_joined = true;
        group.generation = got.generation_id;
    });
}

void sync_group(Duel& duel) {
    Draw& draw = duel.draw;
    std::string name = draw.group();
    Member member = draw_member(draw, duel.model, name);
    SyncGroupRequest request{.group_id = name, .generation_id = member.generation,
                             .member_id = member.id};
    request.protocol_type = draw.chance(90) ? "consumer" : "connect";
    request.protocol_name = draw.chance(90) ? "range" : "nonsense";
    if (draw.chance(80)) {
        request.assignments.push_back({.member_id = member.id,
                                       .assignment = to_bytes(draw.text(8))});
    }
    if (draw.chance(5)) request.assignments.push_back({.member_id = "no-such-member"});
    duel.exchange<SyncGroupResponse>(request);
}

void heartbeat(Duel& duel) {
    std::string name = duel.draw.group();
    Member member = draw_member(duel.draw, duel.model, name);
    HeartbeatRequest request{.group_id = name, .generation_id = member.generation,
                             .member_id = member.id};
    if (duel.draw.chance(4)) request.group_instance_id = "no-such-instance";
    duel.exchange<HeartbeatResponse>(request);
}

void leave_group(Duel& duel) {
    std::string name = duel.draw.group();
    Member member = draw_member(duel.draw, duel.model, name);
    LeaveGroupRequest request{.group_id = name, .member_id = member.id};
    request.members.push_back({.member_id = member.id});
    if (duel.draw.chance(20)) request.members[0].reason = "differential";
    if (duel.draw.chance(10)) request.members.push_back({.member_id = "no-such-member"});
    if (duel.draw.chance(5)) request.members[0].group_instance_id = "no-such-instance";
    duel.exchange<LeaveGroupResponse>(request, [&](World& world, const LeaveGroupResponse& got) {
        bool left = got.error_code == ErrorCode::none &&
                    (got.members.empty() || got.members[0].error_code == ErrorCode::none);
        if (world.is_reference() && left) duel.model.groups[name] = {};
    });
}

void describe_groups(Duel& duel) {
    DescribeGroupsRequest request{.include_authorized_operations = duel.draw.chance(20)};
    for (size_t i = duel.draw.below(3); i > 0; --i) request.groups.push_back(duel.draw.group());
    duel.exchange<DescribeGroupsResponse>(request);
}

void list_groups(Duel& duel) {
    Draw& draw = duel.draw;
    ListGroupsRequest request;
    if (draw.chance(40)) {
        request.states_filter = {draw.pick<std::string>(
            {"Stable", "stable", "Empty", "Dead", "PreparingRebalance", "Nonsense", ""})};
    }
    if (draw.chance(40)) {
        request.types_filter = {
            draw.pick<std::string>({"classic", "Classic", "consumer", "share", "nonsense", ""})};
    }
    duel.exchange<ListGroupsResponse>(request);
}

void offset_commit(Duel& duel) {
    Draw& draw = duel.draw;
    std::string group = draw.group();
    OffsetCommitRequest request{.group_id = group};
    if (draw.chance(50)) {
        Member member = draw_member(draw, duel.model, group);
        request.member_id = member.id;
        request.generation_id_or_member_epoch = member.generation;
    }
    if (draw.chance(3)) request.group_instance_id = "no-such-instance";
    if (draw.chance(10)) request.retention_time_ms = draw.pick<int64_t>({60'000'000, 0});
    std::set<std::string> names;
    for (size_t i = draw.chance(97) ? 1 + draw.below(2) : 0; i > 0; --i) {
        std::string name = draw.topic(duel.model);
        if (!names.insert(name).second) continue;
        OffsetCommitRequest::OffsetCommitRequestTopic topic{
            .name = name, .topic_id = topic_symbol(name, draw.chance(5) ? 1 : 0)};
        topic.partitions.push_back({.partition_index = draw.partition(duel.model, name),
                                    .committed_offset = draw.offset(),
                                    .committed_leader_epoch = draw.epoch(),
                                    .committed_metadata = draw.text(10)});
        if (draw.chance(5)) topic.partitions[0].committed_metadata = std::nullopt;
        bool exists = duel.model.groups[group].has_member;
        if (exists && draw.chance(3)) {
            topic.partitions[0].committed_metadata = std::string(5000, 'm');
        }
        request.topics.push_back(std::move(topic));
    }
    duel.exchange<OffsetCommitResponse>(request);
}

void offset_fetch(Duel& duel) {
    Draw& draw = duel.draw;
    OffsetFetchRequest request{.group_id = draw.group(), .require_stable = draw.chance(30)};
    if (draw.chance(30)) request.topics = std::nullopt;
    std::set<std::string> groups;
    for (size_t i = draw.below(3); i > 0; --i) groups.insert(draw.group());
    for (const std::string& group : groups) request.groups.push_back({.group_id = group});
    std::string name = draw.topic(duel.model);
    std::vector<PartitionId> indexes{draw.partition(duel.model, name)};
    if (draw.chance(10)) indexes.clear();
    if (request.topics) request.topics->push_back({.name = name, .partition_indexes = indexes});
    for (auto& group : request.groups) {
        if (draw.chance(30)) group.topics = std::nullopt;
        else group.topics->push_back({.name = name,
                                      .topic_id = topic_symbol(name, draw.chance(5) ? 1 : 0),
                                      .partition_indexes = indexes});
        if (draw.chance(10)) group.member_id = "no-such-member";
        if (draw.chance(10)) group.member_epoch = 3;
    }
    duel.exchange<OffsetFetchResponse>(request);
}

void offset_delete(Duel& duel) {
    Draw& draw = duel.draw;
    std::string name = draw.topic(duel.model);
    OffsetDeleteRequest request{.group_id = draw.group()};
    request.topics.push_back(
        {.name = name, .partitions = {{.partition_index = draw.partition(duel.model, name)}}});
    duel.exchange<OffsetDeleteResponse>(request);
}

void delete_groups(Duel& duel) {
    DeleteGroupsRequest request;
    std::set<std::string> names;
    for (size_t i = 1 + duel.draw.below(2); i > 0; --i) names.insert(duel.draw.group());
    request.groups_names.assign(names.begin(), names.end());
    duel.exchange<DeleteGroupsResponse>(request);
}

void find_coordinator(Duel& duel) {
    Draw& draw = duel.draw;
    // Asking for a share group's would create an internal topic.
    FindCoordinatorRequest request{.key = draw.group(),
                                   .key_type = draw.chance(90) ? int8_t(0) : int8_t(7)};
    for (size_t i = draw.below(3); i > 0; --i) request.coordinator_keys.push_back(draw.group());
    duel.exchange<FindCoordinatorResponse>(request);
}

}  // namespace

std::vector<StepKind> group_steps() {
    return {
        {11, "join group", 10, join_group},
        {14, "sync group", 8, sync_group},
        {12, "heartbeat", 5, heartbeat},
        {13, "leave group", 3, leave_group},
        {15, "describe groups", 6, describe_groups},
        {16, "list groups", 4, list_groups},
        {8, "offset commit", 14, offset_commit},
        {9, "offset fetch", 10, offset_fetch},
        {47, "offset delete", 4, offset_delete},
        {42, "delete groups", 3, delete_groups},
        {10, "find coordinator", 4, find_coordinator},
    };
}

}  // namespace stoker::differential
