// Groups that change their protocol while they have members: a rolling upgrade of consumers from
// the classic protocol to KIP-848's, and the way back. The generation of the one is the epoch of
// the other, so that members of both kinds go on with what they have.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "broker/group/consumer/target.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"
#include "protocol/messages/subscription.hpp"

namespace stoker::broker {

using protocol::ConsumerProtocolAssignment;
using protocol::SyncGroupResponse;

namespace {

Assignment by_id(const ConsumerProtocolAssignment& assignment, const TopicImage& topics) {
    Assignment result;
    for (const auto& topic : assignment.assigned_partitions) {
        const GroupTopic* known = topics.find(topic.topic);
        if (known == nullptr || topic.partitions.empty()) continue;
        result[known->id].insert(topic.partitions.begin(), topic.partitions.end());
    }
    return result;
}

/// A classic member as a consumer group has it; its assignment is its target and what it owns.
struct Upgraded {
    std::string id;
    MemberMetadata metadata;
    Assignment assignment;
};

/// Throws MalformedMessage.
Outcome<Upgraded> upgraded(const std::string& group_id, const ClassicMember& member,
                            const Bytes& subscription, const TopicImage& topics) {
    Upgraded result{.id = member.id, .metadata = {}, .assignment = {}};
    if (!member.assignment.empty()) {
        const auto assignment = protocol::read_assignment(member.assignment);
        if (assignment.user_data && !assignment.user_data->empty()) {
            return refuse(ErrorCode::group_id_not_found,
                          fmt::format("Cannot upgrade classic group {} to consumer group because "
                                      "an unsupported custom assignor is in use. Please refer to "
                                      "the documentation or switch to a default assignor before "
                                      "re-attempting the upgrade.", group_id));
        }
        result.assignment = by_id(assignment, topics);
    }
    const auto wanted = protocol::read_subscription(subscription);
    MemberMetadata& metadata = result.metadata;
    metadata.instance_id = member.instance_id;
    if (wanted.rack_id && !wanted.rack_id->empty()) metadata.rack_id = wanted.rack_id;
    metadata.client_id = member.client_id;
    metadata.client_host = member.client_host;
    metadata.topics = {wanted.topics.begin(), wanted.topics.end()};
    metadata.rebalance_timeout_ms = member.rebalance_timeout_ms;
    metadata.classic = {.session_timeout_ms = member.session_timeout_ms,
                        .protocols = member.protocols};
    return result;
}

ClassicMember downgraded(const ConsumerMember& member) {
    ClassicMember classic;
    classic.id = member.id;
    classic.instance_id = member.metadata.instance_id;
    classic.client_id = member.metadata.client_id;
    classic.client_host = member.metadata.client_host;
    classic.rebalance_timeout_ms = member.metadata.rebalance_timeout_ms;
    classic.session_timeout_ms = member.metadata.classic->session_timeout_ms;
    classic.protocols = without_duplicates(member.metadata.classic->protocols);
    return classic;
}

/// What a stored group need not be: each static name at one member, and a protocol that all know.
bool can_be_classic(const ConsumerGroup& group) {
    std::set<std::string_view> instance_ids;
    std::map<std::string_view, size_t> supporters;
    for (const auto& [id, member] : group.members()) {
        const auto& instance_id = member.metadata.instance_id;
        if (instance_id && !instance_ids.insert(*instance_id).second) return false;
        std::set<std::string_view> known;
        for (const auto& protocol : member.metadata.classic->protocols) {
            if (known.insert(protocol.name).second) ++supporters[protocol.name];
        }
    }
    return std::ranges::any_of(supporters, [&](const auto& each) {
        return each.second == group.members().size();
    });
}

}  // namespace

Bytes classic_assignment(const Assignment& assignment, ByteView subscription,
                         const TopicImage& topics) {
    ConsumerProtocolAssignment value;
    for (const auto& [id, partitions] : assignment) {
        const GroupTopic* topic = topics.find(id);
        if (topic == nullptr) continue;
        value.assigned_partitions.push_back(
            {.topic = topic->name, .partitions = {partitions.begin(), partitions.end()}});
    }
    const int16_t version = protocol::read_value(subscription).version;
    return protocol::encode_value(
        value, std::clamp(version, int16_t{0}, ConsumerProtocolAssignment::api.versions.last));
}

Outcome<GroupDraft> GroupShard::upgrade_to_consumer(Group& group, Outbox& out) {
    const auto refused = [&](std::string_view why) {
        return refuse(ErrorCode::group_id_not_found,
                      fmt::format("Cannot upgrade classic group {} to consumer group because {}.",
                                  group.id, why));
    };
    ClassicGroup& classic = group.classic;
    if (!allows_upgrade(context_.config.consumer_migration_policy)) {
        return refused("online upgrade is disabled");
    }
    if (!classic.is_consumer_group()) {
        return refused("the group does not use the consumer embedded protocol");
    }
    if (std::cmp_greater(classic.members().size(), context_.config.consumer_max_size)) {
        return refused("the group size exceeds the consumer group maximum size");
    }
    std::vector<Upgraded> members;
    try {
        for (const auto& [id, member] : classic.members()) {
            // Whoever has not been through a rebalance with the others may not know their protocol.
            const Bytes* subscription = member.metadata(classic.protocol_name().value_or(""));
            if (subscription == nullptr) subscription = &member.protocols.front().metadata;
            auto each = upgraded(group.id, member, *subscription, *topics_);
            if (!each) return std::unexpected(each.error());
            members.push_back(*std::move(each));
        }
    } catch (const protocol::MalformedMessage&) {
        return refused("the embedded consumer protocol is malformed");
    }
    for (auto& [id, member] : classic.members()) {
        answer_join(classic, member,
                    {.error_code = ErrorCode::rebalance_in_progress, .member_id = id}, out);
        out.answer(member.awaiting_sync,
                   SyncGroupResponse{.error_code = ErrorCode::rebalance_in_progress});
    }
    const int32_t epoch = classic.generation();
    GroupDraft draft(group.id);
    draft.append(group_tombstone(group.id));
    for (const Upgraded& member : members) draft.put_member(member.id, member.metadata);
    draft.put_epoch(epoch, metadata_hash(draft.group(), *topics_));
    for (const Upgraded& member : members) draft.put_target(member.id, member.assignment);
    draft.put_assignment_epoch(epoch, 0);
    for (const Upgraded& member : members) {
        draft.put_current(member.id, {.epoch = epoch,
                                      .previous_epoch = epoch,
                                      .state = MemberState::stable,
                                      .assigned = with_epoch(member.assignment, epoch),
                                      .revoking = {}});
    }
    group_log().debug("Group {}: the classic group becomes a consumer group in epoch {}", group.id,
                 epoch);
    return draft;
}

void GroupShard::renew_classic_sessions(Group& group) {
    for (const auto& [id, member] : group.consumer->members()) {
        if (!member.is_classic() || group.consumer->timers.contains(id)) continue;
        renew_consumer_session(group, id, member.metadata.classic->session_timeout_ms);
    }
}

bool GroupShard::may_downgrade(const ConsumerGroup& group, size_t members_left) const {
    return members_left > 0 && group.classic_members() == group.members().size() &&
           allows_downgrade(context_.config.consumer_migration_policy) &&
           std::cmp_less_equal(members_left, context_.config.max_size);
}

ErrorCode GroupShard::downgrade_to_classic(GroupDraft& draft, bool rebalance, Outbox& out) {
    const ConsumerGroup& group = draft.group();
    const std::string group_id = draft.group_id();
    if (!can_be_classic(group)) return ErrorCode::group_id_not_found;
    // The members' own protocols elect the one of the group.
    ClassicGroup electorate(std::nullopt);
    for (const auto& [id, member] : group.members()) {
        electorate.add(downgraded(member), consumer_protocol_type);
    }
    const std::string protocol = electorate.select_protocol();
    protocol::GroupMetadataValue value;
    value.protocol_type = consumer_protocol_type;
    value.generation = group.epoch;
    value.protocol = protocol;
    value.leader = electorate.leader();
    value.current_state_timestamp = context_.clock.wall_ms();
    for (const auto& [id, member] : electorate.members()) {
        const Bytes& subscription = *member.metadata(protocol);
        Bytes assignment;
        try {
            assignment = classic_assignment(group.target(id), subscription, *topics_);
        } catch (const protocol::MalformedMessage&) {
            return ErrorCode::group_id_not_found;
        }
        value.members.push_back({.member_id = id,
                                 .group_instance_id = member.instance_id,
                                 .client_id = member.client_id,
                                 .client_host = member.client_host,
                                 .rebalance_timeout = member.rebalance_timeout_ms,
                                 .session_timeout = member.session_timeout_ms,
                                 .subscription = subscription,
                                 .assignment = std::move(assignment)});
    }
    std::vector<OffsetsRecord> records = draft.records();
    append_group_tombstones(group_id, group, records);
    records.push_back(group_record(group_id, value));
    if (const auto error = write(group_id, records); error != ErrorCode::none) return error;
    Group& changed = *find(group_id);
    changed.classic = ClassicGroup(value);
    for (auto& [id, member] : changed.classic.members()) {
        const ClassicMember& known = *electorate.member(id);
        changed.classic.update(member, known.protocols, known.rebalance_timeout_ms,
                               known.session_timeout_ms);
        renew_session(changed, member);
    }
    group_log().debug("Group {}: the consumer group becomes a classic group in generation {}",
                      group_id, value.generation);
    if (rebalance) prepare_rebalance(changed, "the group has changed its protocol", out);
    return ErrorCode::none;
}

}  // namespace stoker::broker
