// Members of a consumer group that still speak the classic protocol, while their group is being
// upgraded. A JoinGroup does what a first heartbeat does, and is answered at once: nobody waits for
// the others, and the broker assigns. SyncGroup only fetches the assignment; Heartbeat says when it
// is time to join again.
#include <algorithm>
#include <utility>

#include "broker/group/group_shard.hpp"
#include "protocol/messages/subscription.hpp"

namespace stoker::broker {

using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

namespace {

/// From this version on a client is told its id first and joins with it (KIP-394).
constexpr int16_t first_version_with_required_member_id = 4;

Assignment owned_by(const protocol::ConsumerProtocolSubscription& subscription,
                    const TopicImage& topics) {
    Assignment owned;
    for (const auto& topic : subscription.owned_partitions) {
        const GroupTopic* known = topics.find(topic.topic);
        if (known == nullptr || topic.partitions.empty()) continue;
        owned[known->id].insert(topic.partitions.begin(), topic.partitions.end());
    }
    return owned;
}

/// The member that the id and the static name belong to.
Result<const ConsumerMember*> find_member(const ConsumerGroup& group, const std::string& id,
                                          const std::optional<std::string>& instance_id) {
    const ConsumerMember* member =
        instance_id ? group.static_member(*instance_id) : group.member(id);
    if (member == nullptr) return fail(ErrorCode::unknown_member_id);
    if (member->id != id) return fail(ErrorCode::fenced_instance_id);
    return member;
}

/// Whether it waits for partitions that others still hold; to join again would not help.
bool waits_for_others(const ConsumerGroup& group, const ConsumerMember& member) {
    if (member.current.state != MemberState::unreleased_partitions) return false;
    for (const auto& [topic, partitions] : group.target(member.id)) {
        for (const PartitionId partition : partitions) {
            if (epoch_of(member.current.assigned, topic, partition) != nullptr) continue;
            if (group.is_held(topic, partition)) return true;
        }
    }
    return false;
}

}  // namespace

void GroupShard::join_consumer_group(Group& group, GroupCall<JoinGroupRequest>& call,
                                     JoinReply& reply, Outbox& out) {
    JoinGroupRequest& request = call.request;
    const bool is_unknown = request.member_id.empty();
    const std::string id =
        is_unknown ? to_string(context_.random.uuid()) : request.member_id;
    const auto refused = [&](ErrorCode error) {
        out.answer(reply, JoinGroupResponse{.error_code = error, .member_id = request.member_id});
    };
    const ConsumerGroup& consumer = *group.consumer;
    if (std::cmp_greater_equal(consumer.members().size(), context_.config.consumer_max_size) &&
        consumer.member(id) == nullptr) {
        return refused(ErrorCode::group_max_size_reached);
    }
    if (!consumer.supports(request.protocol_type, request.protocols)) {
        return refused(ErrorCode::inconsistent_group_protocol);
    }
    if (is_unknown && !request.group_instance_id &&
        call.version >= first_version_with_required_member_id) {
        return out.answer(reply, JoinGroupResponse{.error_code = ErrorCode::member_id_required,
                                                   .member_id = id});
    }
    std::vector<PartitionId> written;
    auto response = join_as_classic(group, call, id, written, out);
    if (!response) return refused(response.error().code);
    out.answer(reply, *std::move(response), std::move(written));
}

Outcome<JoinGroupResponse> GroupShard::join_as_classic(Group& group,
                                                        const GroupCall<JoinGroupRequest>& call,
                                                        const std::string& id,
                                                        std::vector<PartitionId>& written,
                                                        Outbox& out) {
    const JoinGroupRequest& request = call.request;
    protocol::ConsumerProtocolSubscription subscription;
    try {
        subscription = protocol::read_subscription(request.protocols.front().metadata);
    } catch (const protocol::MalformedMessage&) {
        return refuse(ErrorCode::unknown_server_error);
    }
    const std::string group_id = group.id;
    GroupDraft draft(group_id, *group.consumer);
    const auto& instance_id = request.group_instance_id;
    const ConsumerMember* static_member =
        instance_id ? draft.group().static_member(*instance_id) : nullptr;
    const bool replaces_last_consumer =
        static_member != nullptr && !static_member->is_classic();
    const std::optional<Assignment> owned = owned_by(subscription, *topics_);
    const auto admitted = admit(draft, {.id = id,
                                        .instance_id = instance_id,
                                        .may_create = !instance_id || request.member_id.empty(),
                                        .is_classic = true,
                                        .owned = owned});
    if (!admitted) return std::unexpected(admitted.error());
    const ConsumerMember* member = draft.group().member(id);
    MemberMetadata metadata = member ? member->metadata : MemberMetadata{};
    if (instance_id) metadata.instance_id = instance_id;
    if (subscription.rack_id && !subscription.rack_id->empty()) {
        metadata.rack_id = subscription.rack_id;
    }
    if (request.rebalance_timeout_ms != -1) {
        metadata.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    metadata.topics = {subscription.topics.begin(), subscription.topics.end()};
    metadata.regex = "";
    metadata.client_id = call.client.id;
    metadata.client_host = call.client.host;
    metadata.classic = {.session_timeout_ms = request.session_timeout_ms,
                        .protocols = request.protocols};
    auto outcome = update_member(
        draft, {.id = id, .metadata = std::move(metadata), .owned = owned,
                .assignment_interval_ms = std::nullopt});
    if (!outcome) return std::unexpected(outcome.error());
    const JoinGroupResponse response{.generation_id = outcome->current.epoch,
                                     .protocol_type = std::string(consumer_protocol_type),
                                     .protocol_name = request.protocols.front().name,
                                     .member_id = id};
    if (replaces_last_consumer && may_downgrade(draft.group(), draft.group().members().size())) {
        const auto error = downgrade_to_classic(draft, false, out);
        if (error != ErrorCode::none) return refuse(error);
        written = {partition_of(group_id)};
        return response;
    }
    if (!draft.records().empty()) {
        if (const auto error = write(draft); error != ErrorCode::none) return refuse(error);
        written = {partition_of(group_id)};
    }
    group.consumer->checked_version = topics_->version();
    renew_consumer_session(group, id, request.session_timeout_ms);
    MemberTimers& timers = group.consumer->timers[id];
    timers.join_ms.reset();
    timers.rebalance_ms.reset();
    timers.sync_ms = context_.clock.monotonic_ms() + std::max(request.rebalance_timeout_ms, 0);
    arm(group, *timers.sync_ms);
    return response;
}

void GroupShard::expect_to_join_again(Group& group, const ConsumerMember& member) {
    auto& join_ms = group.consumer->timers[member.id].join_ms;
    if (join_ms) return;
    join_ms = context_.clock.monotonic_ms() + std::max(member.metadata.rebalance_timeout_ms, 0);
    arm(group, *join_ms);
}

SyncGroupResponse GroupShard::sync_consumer_group(Group& group, const SyncGroupRequest& request) {
    const ConsumerGroup& consumer = *group.consumer;
    const auto refused = [](ErrorCode error) { return SyncGroupResponse{.error_code = error}; };
    const auto found = find_member(consumer, request.member_id, request.group_instance_id);
    if (!found) return refused(found.error());
    const ConsumerMember& member = **found;
    if (!member.is_classic() || member.metadata.classic->protocols.empty()) {
        return refused(ErrorCode::unknown_member_id);
    }
    if (member.current.epoch != request.generation_id) {
        return refused(ErrorCode::illegal_generation);
    }
    const MemberProtocol& protocol = member.metadata.classic->protocols.front();
    if (request.protocol_type.value_or(std::string(consumer_protocol_type)) !=
            consumer_protocol_type ||
        request.protocol_name.value_or(protocol.name) != protocol.name) {
        return refused(ErrorCode::inconsistent_group_protocol);
    }
    if (consumer.assignment_epoch > member.current.epoch &&
        member.current.state != MemberState::unrevoked_partitions) {
        expect_to_join_again(group, member);
        return refused(ErrorCode::rebalance_in_progress);
    }
    SyncGroupResponse response{.protocol_type = request.protocol_type,
                               .protocol_name = request.protocol_name};
    try {
        response.assignment = classic_assignment(without_epochs(member.current.assigned),
                                                 protocol.metadata, *topics_);
    } catch (const protocol::MalformedMessage&) {
        return refused(ErrorCode::unknown_server_error);
    }
    group.consumer->timers[member.id].sync_ms.reset();
    renew_consumer_session(group, member.id, member.metadata.classic->session_timeout_ms);
    return response;
}

ErrorCode GroupShard::heartbeat_consumer_group(Group& group,
                                               const protocol::HeartbeatRequest& request) {
    const ConsumerGroup& consumer = *group.consumer;
    const auto found = find_member(consumer, request.member_id, request.group_instance_id);
    if (!found) return found.error();
    const ConsumerMember& member = **found;
    if (!member.is_classic()) return ErrorCode::unknown_member_id;
    if (member.current.epoch != request.generation_id) return ErrorCode::illegal_generation;
    renew_consumer_session(group, member.id, member.metadata.classic->session_timeout_ms);
    const MemberState state = member.current.state;
    const bool must_join =
        member.current.epoch < consumer.assignment_epoch ||
        state == MemberState::unrevoked_partitions ||
        (state == MemberState::unreleased_partitions && !waits_for_others(consumer, member));
    if (!must_join) return ErrorCode::none;
    expect_to_join_again(group, member);
    return ErrorCode::rebalance_in_progress;
}

GroupShard::LeaveResult GroupShard::leave_consumer_group(Group& group,
                                                         const LeaveGroupRequest& request,
                                                         Outbox& out) {
    LeaveResult result;
    MemberIds leaving;
    const ConsumerGroup& consumer = *group.consumer;
    for (const auto& each : request.members) {
        const auto& instance_id = each.group_instance_id;
        // An administrator removes a static member by its name alone.
        const ConsumerMember* by_name =
            instance_id && each.member_id.empty() ? consumer.static_member(*instance_id) : nullptr;
        const auto found = by_name ? Result<const ConsumerMember*>(by_name)
                                   : find_member(consumer, each.member_id, instance_id);
        if (found) leaving.insert((*found)->id);
        result.members.push_back({.member_id = each.member_id,
                                  .group_instance_id = instance_id,
                                  .error_code = found ? ErrorCode::none : found.error()});
    }
    if (leaving.empty()) return result;
    const std::string group_id = group.id;
    const auto error = fence_members(group_id, leaving, "it has left", out);
    if (error == ErrorCode::none) {
        result.written = {partition_of(group_id)};
        return result;
    }
    for (auto& each : result.members) {
        if (each.error_code == ErrorCode::none) each.error_code = error;
    }
    return result;
}

}  // namespace stoker::broker
