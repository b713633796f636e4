// SyncGroup, Heartbeat and LeaveGroup: the life of a member between two rebalances.
#include <array>
#include <map>
#include <utility>

#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

/// Versions that do not say leave the matter open.
bool contradicts(const std::optional<std::string>& said, const std::optional<std::string>& known) {
    return said && known && *said != *known;
}

ErrorCode check_sync(const ClassicGroup& classic, const SyncGroupRequest& request) {
    const auto error = classic.check_member(request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    if (request.generation_id != classic.generation()) return ErrorCode::illegal_generation;
    if (contradicts(request.protocol_type, classic.protocol_type()) ||
        contradicts(request.protocol_name, classic.protocol_name())) {
        return ErrorCode::inconsistent_group_protocol;
    }
    return classic.is(ClassicState::preparing_rebalance) ? ErrorCode::rebalance_in_progress
                                                         : ErrorCode::none;
}

}  // namespace

void GroupShard::sync(GroupCall<SyncGroupRequest> call, SyncReply reply, Outbox& out) {
    const SyncGroupRequest& request = call.request;
    Group* group = find(request.group_id);
    if (group != nullptr && group->consumer) {
        return out.answer(reply, sync_consumer_group(*group, request));
    }
    if (group == nullptr || group->classic.is(ClassicState::empty)) {
        return out.answer(reply, SyncGroupResponse{.error_code = ErrorCode::unknown_member_id});
    }
    ClassicGroup& classic = group->classic;
    if (const auto error = check_sync(classic, request); error != ErrorCode::none) {
        return out.answer(reply, SyncGroupResponse{.error_code = error});
    }
    ClassicMember& member = *classic.member(request.member_id);
    classic.pending_sync.erase(member.id);
    if (classic.pending_sync.empty()) classic.sync_deadline_ms.reset();
    if (classic.is(ClassicState::stable)) {
        return out.answer(reply, SyncGroupResponse{.protocol_type = classic.protocol_type(),
                                                   .protocol_name = classic.protocol_name(),
                                                   .assignment = member.assignment});
    }
    // A second SyncGroup of a member: its client has given the first one up.
    out.answer(member.awaiting_sync,
               SyncGroupResponse{.error_code = ErrorCode::rebalance_in_progress});
    member.awaiting_sync = std::move(reply);
    if (classic.is_leader(member.id)) take_assignments(*group, request, out);
}

void GroupShard::take_assignments(Group& group, const SyncGroupRequest& request, Outbox& out) {
    ClassicGroup& classic = group.classic;
    std::map<std::string_view, const Bytes*> assignments;
    for (const auto& each : request.assignments) assignments[each.member_id] = &each.assignment;
    const auto assignment_of = [&](const ClassicMember& member) {
        const auto found = assignments.find(member.id);
        return found == assignments.end() ? Bytes{} : *found->second;
    };
    const auto value = classic.record(assignment_of);
    const auto error = write(group.id, std::array{group_record(group.id, value)});
    if (error != ErrorCode::none) {
        for (auto& [id, member] : classic.members()) member.assignment.clear();
        propagate_assignments(group, error, {}, out);
        return prepare_rebalance(group, "the assignment could not be stored", out);
    }
    for (auto& [id, member] : classic.members()) member.assignment = assignment_of(member);
    classic.move_to(ClassicState::stable, context_.clock.wall_ms());
    propagate_assignments(group, ErrorCode::none, {partition_of(group.id)}, out);
}

ErrorCode GroupShard::heartbeat(const protocol::HeartbeatRequest& request) {
    Group* group = find(request.group_id);
    if (group == nullptr) return ErrorCode::unknown_member_id;
    if (group->consumer) return heartbeat_consumer_group(*group, request);
    ClassicGroup& classic = group->classic;
    const auto error = classic.check_member(request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    if (request.generation_id != classic.generation()) return ErrorCode::illegal_generation;
    renew_session(*group, *classic.member(request.member_id));
    return classic.is(ClassicState::preparing_rebalance) ? ErrorCode::rebalance_in_progress
                                                         : ErrorCode::none;
}

GroupShard::LeaveResult GroupShard::leave(const LeaveGroupRequest& request, Outbox& out) {
    LeaveResult result;
    Group* group = find(request.group_id);
    if (group != nullptr && group->consumer) return leave_consumer_group(*group, request, out);
    bool has_left = false;
    for (const auto& leaving : request.members) {
        const auto error = group ? leave_one(*group, leaving, out) : ErrorCode::unknown_member_id;
        has_left = has_left || error == ErrorCode::none;
        result.members.push_back({.member_id = leaving.member_id,
                                  .group_instance_id = leaving.group_instance_id,
                                  .error_code = error});
    }
    if (!has_left) return result;
    const ClassicGroup& classic = group->classic;
    if (classic.is(ClassicState::preparing_rebalance)) {
        complete_join_if_all_are_there(*group, out);
    } else if (!classic.is(ClassicState::empty)) {
        prepare_rebalance(*group, "members have left", out);
    }
    if (classic.is(ClassicState::empty)) result.written = {partition_of(group->id)};
    return result;
}

ErrorCode GroupShard::leave_one(Group& group, const LeaveGroupRequest::MemberIdentity& leaving,
                                Outbox& out) {
    ClassicGroup& classic = group.classic;
    std::string id = leaving.member_id;
    if (id.empty()) {
        // An administrator removes a static member by its name alone.
        const std::string* holder =
            leaving.group_instance_id ? classic.static_member(*leaving.group_instance_id) : nullptr;
        if (holder == nullptr) return ErrorCode::unknown_member_id;
        id = *holder;
    } else if (classic.pending.contains(id)) {
        classic.remove(id);
        return ErrorCode::none;
    } else if (const auto error = classic.check_member(id, leaving.group_instance_id);
               error != ErrorCode::none) {
        return error;
    }
    group_log().debug("Group {}: member {} leaves; its reason: {}", group.id, id,
                      leaving.reason.value_or("not provided"));
    remove_member(group, id, out);
    return ErrorCode::none;
}

}  // namespace stoker::broker
