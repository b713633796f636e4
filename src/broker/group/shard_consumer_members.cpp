// Members of consumer groups that leave or are fenced, their timers, and what is told of them.
#include <algorithm>
#include <utility>

#include "broker/group/consumer/consumer_records.hpp"
#include "broker/group/consumer/target.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

using protocol::ConsumerGroupDescribeResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetFetchRequest;

namespace {

constexpr int64_t never_ms = std::numeric_limits<int64_t>::max();
/// Members of the consumer protocol may commit since this version.
constexpr int16_t first_commit_of_consumers = 9;

std::vector<ConsumerGroupDescribeResponse::TopicPartitions> described(const Assignment& assignment,
                                                                      const TopicImage& topics) {
    std::vector<ConsumerGroupDescribeResponse::TopicPartitions> result;
    for (const auto& [id, partitions] : assignment) {
        const GroupTopic* topic = topics.find(id);
        if (topic == nullptr) continue;
        result.push_back({.topic_id = id,
                          .topic_name = topic->name,
                          .partitions = {partitions.begin(), partitions.end()}});
    }
    return result;
}

ConsumerGroupDescribeResponse::Member described(const ConsumerGroup& group,
                                                const ConsumerMember& member,
                                                const TopicImage& topics) {
    const MemberMetadata& metadata = member.metadata;
    // What it has not given up yet is still its own.
    Assignment held = without_epochs(member.current.assigned);
    for (const auto& [topic, partitions] : without_epochs(member.current.revoking)) {
        held[topic].insert(partitions.begin(), partitions.end());
    }
    return {.member_id = member.id,
            .instance_id = metadata.instance_id,
            .rack_id = metadata.rack_id,
            .member_epoch = member.current.epoch,
            .client_id = metadata.client_id,
            .client_host = metadata.client_host,
            .subscribed_topic_names = {metadata.topics.begin(), metadata.topics.end()},
            .subscribed_topic_regex = metadata.regex,
            .assignment = {described(held, topics)},
            .target_assignment = {described(group.target(member.id), topics)},
            .member_type = static_cast<int8_t>(member.is_classic() ? 0 : 1)};
}

std::optional<int64_t> earliest(const MemberTimers& timers) {
    int64_t at_ms = never_ms;
    for (const auto& each : {timers.session_ms, timers.rebalance_ms, timers.join_ms,
                             timers.sync_ms}) {
        at_ms = std::min(at_ms, each.value_or(never_ms));
    }
    return at_ms == never_ms ? std::nullopt : std::optional(at_ms);
}

}  // namespace

Outcome<GroupShard::HeartbeatResponse> GroupShard::consumer_leave(
    const HeartbeatCall& call, std::vector<PartitionId>& written, Outbox& out) {
    const auto& request = call.request;
    const std::string& group_id = request.group_id;
    Group* group = find(group_id);
    if (group == nullptr || !group->consumer) {
        return refuse(ErrorCode::group_id_not_found,
                      fmt::format(fmt::runtime(group ? "Group {} is not a consumer group."
                                                     : "Group {} not found."), group_id));
    }
    const bool is_static = request.instance_id.has_value();
    const ConsumerMember* member = is_static
                                       ? group->consumer->static_member(*request.instance_id)
                                       : group->consumer->member(request.member_id);
    if (member == nullptr) {
        return refuse(ErrorCode::unknown_member_id,
                      is_static ? fmt::format("Instance id {} is unknown.", *request.instance_id)
                                : fmt::format("Member {} is not a member of group {}.",
                                              request.member_id, group_id));
    }
    if (member->id != request.member_id) {
        return refuse(ErrorCode::fenced_instance_id,
                      fmt::format("Static member {} with instance id {} was fenced by member {}.",
                                  request.member_id, *request.instance_id, member->id));
    }
    ErrorCode error = ErrorCode::none;
    if (is_static && request.member_epoch == left_for_a_while_epoch) {
        CurrentAssignment current = member->current;
        current.epoch = left_for_a_while_epoch;
        current.revoking.clear();
        current.assigned = with_epoch(without_epochs(current.assigned), 0);
        error = write(group_id, std::array{current_record(group_id, member->id, current)});
    } else {
        error = fence_members(group_id, {member->id}, "it has left", out);
    }
    if (error != ErrorCode::none) return refuse(error);
    written = {partition_of(group_id)};
    return HeartbeatResponse{.member_id = request.member_id,
                             .member_epoch = request.member_epoch};
}

ErrorCode GroupShard::fence_members(const std::string& group_id, const MemberIds& ids,
                                    std::string_view why, Outbox& out) {
    const ConsumerGroup& group = *find(group_id)->consumer;
    GroupDraft draft(group_id, group);
    std::set<std::string> regexes;
    for (const auto& id : ids) {
        const MemberMetadata& metadata = group.member(id)->metadata;
        if (metadata.has_regex()) regexes.insert(*metadata.regex);
        group_log().debug("Group {}: member {} goes: {}", group_id, id, why);
        draft.remove_member(id);
    }
    if (may_downgrade(draft.group(), draft.group().members().size())) {
        // The tombstones of the draft come first, then those of the rest.
        const auto error = downgrade_to_classic(draft, true, out);
        if (error != ErrorCode::group_id_not_found) return error;
    }
    for (const auto& regex : regexes) {
        if (draft.group().regex_members(regex) == 0) draft.remove_regex(regex);
    }
    const int32_t last = std::numeric_limits<int32_t>::max();
    const int32_t epoch = group.epoch < last ? group.epoch + 1 : last;
    draft.put_epoch(epoch, metadata_hash(draft.group(), *topics_));
    return write(draft);
}

void GroupShard::fire_consumer(Group& group, int64_t now_ms, Outbox& out) {
    MemberIds late;
    for (auto& [id, timers] : group.consumer->timers) {
        const ConsumerMember* member = group.consumer->member(id);
        if (member == nullptr) continue;
        if (timers.rebalance_ms && *timers.rebalance_ms <= now_ms &&
            member->current.epoch != timers.rebalance_epoch) {
            timers.rebalance_ms.reset();
        }
        if (earliest(timers).value_or(never_ms) <= now_ms) late.insert(id);
    }
    if (late.empty()) return;
    const std::string group_id = group.id;
    const auto error = fence_members(group_id, late, "a timer of its has run out", out);
    if (error == ErrorCode::none) return;
    for (const auto& id : late) {
        group.consumer->timers[id] = {.session_ms = now_ms + fence_retry_ms};
    }
}

void GroupShard::load_consumer(Group& group, const ConsumerGroupSettings& settings) {
    const int64_t now_ms = context_.clock.monotonic_ms();
    for (const auto& [id, member] : group.consumer->members()) {
        renew_consumer_session(group, id,
                               settings.session_timeout_ms.value_or(
                                   context_.config.consumer_session_timeout_ms));
        if (member.current.state != MemberState::unrevoked_partitions) continue;
        MemberTimers& timers = group.consumer->timers[id];
        timers.rebalance_ms = now_ms + std::max(member.metadata.rebalance_timeout_ms, 0);
        timers.rebalance_epoch = member.current.epoch;
        arm(group, *timers.rebalance_ms);
    }
}

int64_t GroupShard::earliest_consumer_deadline_ms(const ConsumerGroup& group) {
    int64_t at_ms = never_ms;
    for (const auto& [id, timers] : group.timers) {
        at_ms = std::min(at_ms, earliest(timers).value_or(never_ms));
    }
    return at_ms;
}

ConsumerGroupDescribeResponse::DescribedGroup GroupShard::consumer_describe(
    const std::string& group_id) const {
    ConsumerGroupDescribeResponse::DescribedGroup answer{.group_id = group_id};
    const Group* found = find(group_id);
    if (found == nullptr || !found->consumer) {
        answer.error_code = ErrorCode::group_id_not_found;
        answer.error_message = fmt::format(
            fmt::runtime(found ? "Group {} is not a consumer group." : "Group {} not found."),
            group_id);
        return answer;
    }
    const ConsumerGroup& group = *found->consumer;
    answer.group_state = name(group.state());
    answer.group_epoch = group.epoch;
    answer.assignment_epoch = group.assignment_epoch;
    answer.assignor_name = group.preferred_assignor().value_or(
        std::string(name(context_.config.consumer_assignors.front())));
    for (const auto& [id, member] : group.members()) {
        answer.members.push_back(described(group, member, *topics_));
    }
    return answer;
}

ErrorCode GroupShard::check_consumer_commit(const ConsumerGroup& group,
                                            const GroupCall<OffsetCommitRequest>& call,
                                            const protocol::OffsetCommitResponse& response) const {
    const OffsetCommitRequest& request = call.request;
    const int32_t epoch = request.generation_id_or_member_epoch;
    // Outside the group: an administrator, or a consumer that assigns its partitions itself.
    if (epoch < 0 && group.members().empty()) return ErrorCode::none;
    const ConsumerMember* member = group.member(request.member_id);
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (!member->is_classic() && call.version < first_commit_of_consumers) {
        return ErrorCode::unsupported_version;
    }
    if (epoch == member->current.epoch) return ErrorCode::none;
    const ErrorCode stale = member->is_classic() ? ErrorCode::illegal_generation
                                                 : ErrorCode::stale_member_epoch;
    if (epoch > member->current.epoch) return stale;
    // The member's epoch has moved on while the commit was on its way: right for partitions that
    // it had then and still has.
    for (size_t t = 0; t < request.topics.size(); ++t) {
        const auto& topic = request.topics[t];
        for (size_t p = 0; p < topic.partitions.size(); ++p) {
            if (response.topics[t].partitions[p].error_code != ErrorCode::none) continue;
            const PartitionId index = topic.partitions[p].partition_index;
            const int32_t* since = epoch_of(member->current.assigned, topic.topic_id, index);
            if (!since) since = epoch_of(member->current.revoking, topic.topic_id, index);
            if (!since || epoch < *since) return stale;
        }
    }
    return ErrorCode::none;
}

ErrorCode GroupShard::check_consumer_fetch(
    const ConsumerGroup& group, const OffsetFetchRequest::OffsetFetchRequestGroup& request) {
    if (!request.member_id && request.member_epoch < 0) return ErrorCode::none;
    const ConsumerMember* member = group.member(request.member_id.value_or(""));
    if (member == nullptr) return ErrorCode::unknown_member_id;
    if (request.member_epoch == member->current.epoch) return ErrorCode::none;
    return member->is_classic() ? ErrorCode::illegal_generation : ErrorCode::stale_member_epoch;
}

}  // namespace stoker::broker
