// JoinGroup: who may become a member, under which id, and what that does to the group.
#include <array>
#include <utility>

#include "base/check.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;

namespace {

/// From this version on a client is told its id first and joins with it (KIP-394).
constexpr int16_t first_version_with_required_member_id = 4;
/// From this version on a static leader can be told to leave the assignment alone (KIP-814).
constexpr int16_t first_version_with_skip_assignment = 9;

JoinGroupResponse refusal(std::string member_id, ErrorCode error) {
    return {.error_code = error, .member_id = std::move(member_id)};
}

/// java.util.UUID.toString().
std::string uuid_text(const Uuid& id) {
    std::string text = hex(id.bytes);
    for (const size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
    return text;
}

/// At most `size_max` bytes, cut between two characters.
std::string_view head_of(std::string_view text, size_t size_max) {
    if (text.size() <= size_max) return text;
    while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xc0) == 0x80) --size_max;
    return text.substr(0, size_max);
}

std::string reason_of(const JoinGroupRequest& request) {
    return request.reason.value_or("").empty() ? "not provided" : *request.reason;
}

}  // namespace

void GroupShard::join(GroupCall<JoinGroupRequest> call, JoinReply reply, Outbox& out) {
    JoinGroupRequest& request = call.request;
    request.protocols = without_duplicates(std::move(request.protocols));
    const bool is_unknown_member = request.member_id.empty();
    Group* group = find(request.group_id);
    if (group != nullptr && group->consumer && !group->is_empty()) {
        return join_consumer_group(*group, call, reply, out);
    }
    if (group == nullptr || group->consumer) {
        if (!is_unknown_member) {
            const auto refused = refusal(request.member_id, ErrorCode::unknown_member_id);
            return out.answer(reply, refused);
        }
        // As upstream, before its protocols are looked at: who is refused has made an empty group.
        auto error = group ? remove_empty_consumer_group(request.group_id) : ErrorCode::none;
        if (error == ErrorCode::none) error = write_new_group(request.group_id);
        if (error != ErrorCode::none) return out.answer(reply, refusal("", error));
        group = find(request.group_id);
    }
    if (!accepts(*group, request.member_id)) {
        group->classic.remove(request.member_id);
        return out.answer(reply, refusal("", ErrorCode::group_max_size_reached));
    }
    if (!group->classic.supports(request.protocol_type, request.protocols)) {
        return out.answer(
            reply, refusal(request.member_id, ErrorCode::inconsistent_group_protocol));
    }
    if (is_unknown_member) join_new(*group, call, reply, out);
    else join_known(*group, call, reply, out);
}

/// A group is in the log before anybody hears of it, so that it can be listed after a crash.
ErrorCode GroupShard::write_new_group(std::string_view group_id) {
    if (groups_.size() >= context_.groups_max) return ErrorCode::group_max_size_reached;
    const int64_t now_ms = context_.clock.wall_ms();
    const protocol::GroupMetadataValue value{.protocol_type = "",
                                             .generation = 0,
                                             .protocol = std::nullopt,
                                             .leader = std::nullopt,
                                             .current_state_timestamp = now_ms,
                                             .members = {}};
    const auto error = write(group_id, std::array{group_record(group_id, value)});
    if (error != ErrorCode::none) return error;
    find(group_id)->classic = ClassicGroup(now_ms);
    return ErrorCode::none;
}

ErrorCode GroupShard::remove_empty_consumer_group(const std::string& group_id) {
    group_log().debug("Group {}: the empty consumer group becomes a classic group", group_id);
    std::vector<OffsetsRecord> tombstones;
    append_tombstones(*find(group_id), tombstones);
    return write(group_id, tombstones);
}

bool GroupShard::accepts(Group& group, const std::string& member_id) const {
    ClassicGroup& classic = group.classic;
    const ClassicMember* member = classic.member(member_id);
    const auto has_room = [&](size_t count) {
        return std::cmp_less(count, context_.config.max_size);
    };
    switch (classic.state()) {
        case ClassicState::empty: return true;
        case ClassicState::preparing_rebalance:
            // Those who have joined count, not those who are members: a group that is too large
            // sheds whoever comes back last.
            return (member && member->awaiting_join) || has_room(classic.awaiting_join_count());
        case ClassicState::completing_rebalance:
        case ClassicState::stable: return member || has_room(classic.members().size());
    }
    return false;
}

std::string GroupShard::new_member_id(const GroupCall<JoinGroupRequest>& call) const {
    const std::string& stem = call.request.group_instance_id.value_or(call.client.id);
    return std::string(head_of(stem, member_id_prefix_max)) + "-" +
           uuid_text(context_.random.uuid());
}

void GroupShard::join_new(Group& group, GroupCall<JoinGroupRequest>& call, JoinReply& reply,
                          Outbox& out) {
    const auto& instance_id = call.request.group_instance_id;
    const std::string id = new_member_id(call);
    if (instance_id) {
        if (group.classic.static_member(*instance_id)) replace_static(group, call, id, reply, out);
        else add_member(group, call, id, reply, out);
    } else if (call.version >= first_version_with_required_member_id) {
        add_pending(group, call, id, reply, out);
    } else {
        add_member(group, call, id, reply, out);
    }
}

void GroupShard::add_pending(Group& group, const GroupCall<JoinGroupRequest>& call,
                             const std::string& id, JoinReply& reply, Outbox& out) {
    if (group.classic.pending.size() >= context_.config.pending_members_max) {
        return out.answer(reply, refusal("", ErrorCode::group_max_size_reached));
    }
    const int64_t given_up_ms =
        context_.clock.monotonic_ms() + call.request.session_timeout_ms;
    group.classic.pending.emplace(id, given_up_ms);
    arm(group, given_up_ms);
    group_log().debug("Group {}: new member is to join again as {}; its reason: {}", group.id, id,
                      reason_of(call.request));
    out.answer(reply, refusal(id, ErrorCode::member_id_required));
}

void GroupShard::add_member(Group& group, GroupCall<JoinGroupRequest>& call, std::string id,
                            JoinReply& reply, Outbox& out) {
    JoinGroupRequest& request = call.request;
    ClassicGroup& classic = group.classic;
    if (classic.is(ClassicState::preparing_rebalance) &&
        classic.previous_state() == ClassicState::empty) {
        classic.new_member_added = true;
    }
    ClassicMember added;
    added.id = std::move(id);
    added.instance_id = request.group_instance_id;
    added.client_id = call.client.id;
    added.client_host = call.client.host;
    added.rebalance_timeout_ms = request.rebalance_timeout_ms;
    added.session_timeout_ms = request.session_timeout_ms;
    added.protocols = std::move(request.protocols);
    added.is_new = true;
    ClassicMember& member = classic.add(std::move(added), request.protocol_type);
    await_join(group, member, reply, out);
    member.expires_ms = context_.clock.monotonic_ms() + new_member_join_timeout_ms;
    arm(group, *member.expires_ms);
    const std::string why =
        fmt::format("new member {}; its reason: {}", member.id, reason_of(request));
    rebalance_or_complete(group, why, out);
}

void GroupShard::join_known(Group& group, GroupCall<JoinGroupRequest>& call, JoinReply& reply,
                            Outbox& out) {
    JoinGroupRequest& request = call.request;
    ClassicGroup& classic = group.classic;
    const std::string id = request.member_id;
    if (classic.pending.contains(id)) {
        // Only dynamic members are pending; a static name with such an id is a client's mistake.
        if (request.group_instance_id) {
            return out.answer(reply, refusal("", ErrorCode::unknown_server_error));
        }
        return add_member(group, call, id, reply, out);
    }
    const auto error = classic.check_member(id, request.group_instance_id);
    if (error != ErrorCode::none) return out.answer(reply, refusal(id, error));
    ClassicMember& member = *classic.member(id);
    const bool has_changed = member.protocols != request.protocols;
    const bool is_stable = classic.is(ClassicState::stable);
    STOKER_CHECK(!classic.is(ClassicState::empty), "an empty group has no members");
    // A leader that joins again wants a new assignment, whatever its metadata say. Anyone else
    // without news has only missed the answer, and gets the present generation again.
    if (classic.is(ClassicState::preparing_rebalance) || has_changed ||
        (is_stable && classic.is_leader(id))) {
        return rejoin(group, member, request, reply, reason_of(request), out);
    }
    out.answer(reply, generation_response(classic, member));
}

void GroupShard::replace_static(Group& group, GroupCall<JoinGroupRequest>& call,
                                const std::string& new_id, JoinReply& reply, Outbox& out) {
    JoinGroupRequest& request = call.request;
    ClassicGroup& classic = group.classic;
    const std::string old_id = *classic.static_member(*request.group_instance_id);
    const std::string old_leader = classic.leader().value_or("");
    ClassicMember& old = *classic.member(old_id);
    // Whoever still waits under the old id is fenced.
    answer_join(classic, old, refusal(old_id, ErrorCode::fenced_instance_id), out);
    out.answer(old.awaiting_sync, protocol::SyncGroupResponse{
                                      .error_code = ErrorCode::fenced_instance_id});
    ClassicMember& member = classic.rename(old_id, new_id);
    renew_session(group, member);
    auto protocols_before = member.protocols;
    const int32_t rebalance_before_ms = member.rebalance_timeout_ms;
    const int32_t session_before_ms = member.session_timeout_ms;
    classic.update(member, std::move(request.protocols), request.rebalance_timeout_ms,
                   request.session_timeout_ms);
    await_join(group, member, reply, out);
    if (!classic.is(ClassicState::stable)) {
        if (classic.is(ClassicState::completing_rebalance)) {
            // The leader may have got the old id already, and would assign to it.
            return prepare_rebalance(group, "a static member was replaced", out);
        }
        return complete_join_if_all_are_there(group, out);
    }
    if (classic.select_protocol() != classic.protocol_name().value_or("")) {
        return rebalance_or_complete(group, "a static member changed its protocols", out);
    }
    const auto value = classic.record([](const ClassicMember& each) { return each.assignment; });
    const auto error = write(group.id, std::array{group_record(group.id, value)});
    if (error == ErrorCode::none) {
        return keep_generation(group, member, call.version, old_leader, out);
    }
    auto response = generation_response(classic, member);
    response.error_code = error;
    response.member_id = "";
    response.leader = old_leader;
    response.members.clear();
    answer_join(classic, member, std::move(response), out);
    classic.update(member, std::move(protocols_before), rebalance_before_ms, session_before_ms);
    renew_session(group, classic.rename(new_id, old_id));
}

/// A static member is back and nothing changes for the others. A leader must not believe that it
/// has to assign: the members would never see the result. Older versions are told so by the former
/// id of the leader.
void GroupShard::keep_generation(Group& group, ClassicMember& member, int16_t version,
                                 const std::string& old_leader, Outbox& out) {
    auto response = generation_response(group.classic, member);
    if (version >= first_version_with_skip_assignment) {
        response.skip_assignment = group.classic.is_leader(member.id);
    } else {
        response.leader = old_leader;
        response.members.clear();
    }
    answer_join(group.classic, member, std::move(response), out, {partition_of(group.id)});
}

}  // namespace stoker::broker
