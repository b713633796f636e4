// A rebalance from its first JoinGroup to the announcement of the next generation, and what makes
// members drop out of it.
#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

using protocol::JoinGroupResponse;
using protocol::SyncGroupResponse;

JoinGroupResponse GroupShard::generation_response(const ClassicGroup& classic,
                                                  const ClassicMember& member) {
    JoinGroupResponse response{.generation_id = classic.generation(),
                               .protocol_type = classic.protocol_type(),
                               .protocol_name = classic.protocol_name(),
                               .leader = classic.leader().value_or(""),
                               .member_id = member.id};
    if (!classic.is_leader(member.id)) return response;
    for (const auto& [id, each] : classic.members()) {
        const Bytes* metadata = each.metadata(classic.protocol_name().value_or(""));
        STOKER_CHECK(metadata != nullptr, "every member supports the chosen protocol");
        response.members.push_back({.member_id = id,
                                    .group_instance_id = each.instance_id,
                                    .metadata = *metadata});
    }
    return response;
}

void GroupShard::await_join(Group& group, ClassicMember& member, JoinReply& reply, Outbox& out) {
    // A client that sends a second JoinGroup has given the first one up; its answer only keeps the
    // connection in step.
    answer_join(group.classic, member,
                {.error_code = ErrorCode::rebalance_in_progress, .member_id = member.id}, out);
    group.classic.await_join(member, std::exchange(reply, nullptr));
}

void GroupShard::answer_join(ClassicGroup& classic, ClassicMember& member,
                             JoinGroupResponse response, Outbox& out,
                             std::vector<PartitionId> written) {
    JoinReply reply = classic.take_join(member);
    out.answer(reply, std::move(response), std::move(written));
}

void GroupShard::renew_session(Group& group, ClassicMember& member) {
    member.expires_ms = context_.clock.monotonic_ms() + member.session_timeout_ms;
    arm(group, *member.expires_ms);
}

void GroupShard::rejoin(Group& group, ClassicMember& member, protocol::JoinGroupRequest& request,
                        JoinReply& reply, std::string_view why, Outbox& out) {
    group.classic.update(member, std::move(request.protocols), request.rebalance_timeout_ms,
                         request.session_timeout_ms);
    await_join(group, member, reply, out);
    rebalance_or_complete(group, why, out);
}

void GroupShard::rebalance_or_complete(Group& group, std::string_view why, Outbox& out) {
    if (group.classic.is(ClassicState::preparing_rebalance)) {
        complete_join_if_all_are_there(group, out);
    } else {
        prepare_rebalance(group, why, out);
    }
}

void GroupShard::complete_join_if_all_are_there(Group& group, Outbox& out) {
    const ClassicGroup& classic = group.classic;
    if (!classic.is(ClassicState::preparing_rebalance)) return;
    // The first rebalance lasts as long as its delay says: more members may come.
    if (classic.join_phase && classic.join_phase->initial) return;
    if (classic.all_joined()) complete_join(group, out);
}

void GroupShard::prepare_rebalance(Group& group, std::string_view why, Outbox& out) {
    ClassicGroup& classic = group.classic;
    const int64_t now_ms = context_.clock.monotonic_ms();
    if (classic.is(ClassicState::completing_rebalance)) {
        for (auto& [id, member] : classic.members()) member.assignment.clear();
        propagate_assignments(group, ErrorCode::rebalance_in_progress, {}, out);
    }
    classic.pending_sync.clear();
    classic.sync_deadline_ms.reset();
    const bool is_initial = classic.is(ClassicState::empty);
    classic.move_to(ClassicState::preparing_rebalance, context_.clock.wall_ms());
    classic.new_member_added = false;
    group_log().debug("Group {}: rebalance after generation {} ({})", group.id,
                      classic.generation(), why);
    const int32_t delay_ms = context_.config.initial_rebalance_delay_ms;
    if (is_initial ? delay_ms == 0 : classic.all_joined()) return complete_join(group, out);
    const int32_t timeout_ms = classic.rebalance_timeout_ms();
    classic.join_phase = ClassicGroup::JoinPhase{
        .deadline_ms = now_ms + (is_initial ? delay_ms : timeout_ms),
        .initial = is_initial,
        .delay_ms = delay_ms,
        .remaining_ms = is_initial ? std::max(timeout_ms - delay_ms, 0) : 0};
    arm(group, classic.join_phase->deadline_ms);
}

void GroupShard::end_initial_delay(Group& group, int64_t now_ms, Outbox& out) {
    ClassicGroup& classic = group.classic;
    ClassicGroup::JoinPhase& phase = *classic.join_phase;
    if (!classic.new_member_added || phase.remaining_ms == 0) return complete_join(group, out);
    classic.new_member_added = false;
    const int32_t next_delay_ms =
        std::min(context_.config.initial_rebalance_delay_ms, phase.remaining_ms);
    phase.remaining_ms = std::max(phase.remaining_ms - phase.delay_ms, 0);
    phase.delay_ms = next_delay_ms;
    phase.deadline_ms = now_ms + next_delay_ms;
    arm(group, phase.deadline_ms);
}

void GroupShard::complete_join(Group& group, Outbox& out) {
    ClassicGroup& classic = group.classic;
    classic.join_phase.reset();
    std::vector<std::string> absent;
    for (const auto& [id, member] : classic.members()) {
        if (!member.awaiting_join && !member.is_static()) absent.push_back(id);
    }
    for (const auto& id : absent) classic.remove(id);
    if (!classic.members().empty() && !classic.elect_joined_leader()) {
        // Only static members are left, and none of them is back: their sessions decide.
        const int64_t again_ms = std::max(classic.rebalance_timeout_ms(), 1);
        classic.join_phase =
            ClassicGroup::JoinPhase{.deadline_ms = context_.clock.monotonic_ms() + again_ms};
        return arm(group, classic.join_phase->deadline_ms);
    }
    classic.next_generation(context_.clock.wall_ms());
    if (classic.is(ClassicState::empty)) become_empty(group);
    else announce_generation(group, out);
}

void GroupShard::become_empty(Group& group) {
    group_log().debug("Group {}: empty in generation {}", group.id, group.classic.generation());
    const auto value = group.classic.record([](const ClassicMember&) { return Bytes{}; });
    // When it cannot be written, the log still has the last generation with its members; after a
    // restart they would time out. Nothing is lost, and nobody waits for an answer.
    (void)write(group.id, std::array{group_record(group.id, value)});
}

void GroupShard::announce_generation(Group& group, Outbox& out) {
    ClassicGroup& classic = group.classic;
    group_log().debug("Group {}: generation {} has {} members, protocol {}", group.id,
                      classic.generation(), classic.members().size(),
                      classic.protocol_name().value_or(""));
    for (auto& [id, member] : classic.members()) {
        answer_join(classic, member, generation_response(classic, member), out);
        renew_session(group, member);
        member.is_new = false;
        classic.pending_sync.insert(id);
    }
    classic.sync_deadline_ms = context_.clock.monotonic_ms() + classic.rebalance_timeout_ms();
    arm(group, *classic.sync_deadline_ms);
}

void GroupShard::propagate_assignments(Group& group, ErrorCode error,
                                       std::vector<PartitionId> written, Outbox& out) {
    const ClassicGroup& classic = group.classic;
    for (auto& [id, member] : group.classic.members()) {
        if (!member.awaiting_sync) continue;
        SyncGroupResponse response{.error_code = error};
        if (error == ErrorCode::none) {
            response.protocol_type = classic.protocol_type();
            response.protocol_name = classic.protocol_name();
            response.assignment = member.assignment;
        }
        out.answer(member.awaiting_sync, std::move(response), written);
        // Its session may have run out while it waited, which did not count.
        renew_session(group, member);
    }
}

void GroupShard::remove_member(Group& group, const std::string& member_id, Outbox& out) {
    ClassicMember& member = *group.classic.member(member_id);
    // A client that is still there tries again as a new member.
    answer_join(group.classic, member, {.error_code = ErrorCode::unknown_member_id}, out);
    out.answer(member.awaiting_sync, SyncGroupResponse{.error_code = ErrorCode::unknown_member_id});
    group.classic.remove(member_id);
}

void GroupShard::expire_member(Group& group, const std::string& member_id, int64_t now_ms,
                               Outbox& out) {
    ClassicGroup& classic = group.classic;
    if (ClassicMember* member = classic.member(member_id)) {
        if (!member->expires_ms || *member->expires_ms > now_ms) return;
        member->expires_ms.reset();
        if (member->session_is_satisfied()) return;
        remove_member(group, member_id, out);
        if (classic.is(ClassicState::stable) || classic.is(ClassicState::completing_rebalance)) {
            const std::string why = fmt::format("the session of member {} has ended", member_id);
            return prepare_rebalance(group, why, out);
        }
    } else if (const auto pending = classic.pending.find(member_id);
               pending != classic.pending.end() && pending->second <= now_ms) {
        // A pending member that never came does not disturb those who are there.
        classic.remove(member_id);
    }
    if (classic.is(ClassicState::preparing_rebalance) && classic.all_joined()) {
        complete_join(group, out);
    }
}

void GroupShard::expire_pending_sync(Group& group, Outbox& out) {
    ClassicGroup& classic = group.classic;
    classic.sync_deadline_ms.reset();
    if (classic.pending_sync.empty()) return;
    const auto silent = classic.pending_sync;
    for (const auto& id : silent) remove_member(group, id, out);
    prepare_rebalance(group, "members did not send SyncGroup", out);
}

}  // namespace stoker::broker
