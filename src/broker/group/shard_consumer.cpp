// The consumer protocol (KIP-848): what a heartbeat does. Everything is decided on a draft of the
// group and appended as one batch; only then does the group change.
//
// Expressions are matched at once, where Apache Kafka hands them to another thread: a member hears
// of its partitions in the answer to its first heartbeat and not in that to its second.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.hpp"
#include "broker/group/consumer/consumer_records.hpp"
#include "broker/group/consumer/reconcile.hpp"
#include "broker/group/consumer/target.hpp"
#include "broker/group/consumer/topic_regex.hpp"
#include "broker/group/group_shard.hpp"
#include "broker/loggers.hpp"

namespace stoker::broker {

namespace {

std::optional<Assignment> owned_by(const protocol::ConsumerGroupHeartbeatRequest& request) {
    if (!request.topic_partitions) return std::nullopt;
    Assignment owned;
    for (const auto& topic : *request.topic_partitions) {
        if (topic.partitions.empty()) continue;
        owned[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
    }
    return owned;
}

protocol::ConsumerGroupHeartbeatResponse::Assignment answer_of(const EpochAssignment& assigned) {
    protocol::ConsumerGroupHeartbeatResponse::Assignment answer;
    for (const auto& [topic, partitions] : assigned) {
        auto& each = answer.topic_partitions.emplace_back();
        each.topic_id = topic;
        for (const auto& [partition, epoch] : partitions) each.partitions.push_back(partition);
    }
    return answer;
}

int32_t next(int32_t epoch) {
    return epoch < std::numeric_limits<int32_t>::max() ? epoch + 1 : epoch;
}

bool is_part_of(const std::optional<Assignment>& owned, const EpochAssignment& assigned) {
    if (!owned) return false;
    return std::ranges::all_of(*owned, [&](const auto& topic) {
        return std::ranges::all_of(topic.second, [&](PartitionId partition) {
            return epoch_of(assigned, topic.first, partition) != nullptr;
        });
    });
}

/// A member whose last answer was lost may repeat the epoch before, if it has nothing that it
/// should not have.
Outcome<void> check_epoch(const CurrentAssignment& current, int32_t epoch,
                           const std::optional<Assignment>& owned) {
    const auto fenced = [&](std::string_view how) {
        return refuse(ErrorCode::fenced_member_epoch,
                      fmt::format("The consumer group member has a {} member epoch ({}) than the "
                                  "one known by the group coordinator ({}). The member must "
                                  "abandon all its partitions and rejoin.",
                                  how, epoch, current.epoch));
    };
    if (epoch == joining_epoch) return {};
    if (epoch > current.epoch) return fenced("greater");
    const bool repeats =
        epoch == current.previous_epoch && is_part_of(owned, current.assigned);
    if (epoch < current.epoch && !repeats) return fenced("smaller");
    return {};
}

/// Fields that are not there have not changed.
MemberMetadata updated(const ConsumerMember* member,
                       const GroupCall<protocol::ConsumerGroupHeartbeatRequest>& call) {
    const auto& request = call.request;
    MemberMetadata metadata = member ? member->metadata : MemberMetadata{};
    if (request.instance_id) metadata.instance_id = request.instance_id;
    if (request.rack_id) metadata.rack_id = request.rack_id;
    if (request.rebalance_timeout_ms != -1) {
        metadata.rebalance_timeout_ms = request.rebalance_timeout_ms;
    }
    if (request.server_assignor) metadata.assignor = request.server_assignor;
    if (const auto& topics = request.subscribed_topic_names) {
        metadata.topics = {topics->begin(), topics->end()};
    }
    if (request.subscribed_topic_regex) metadata.regex = request.subscribed_topic_regex;
    metadata.client_id = call.client.id;
    metadata.client_host = call.client.host;
    metadata.classic.reset();
    return metadata;
}

}  // namespace

void GroupShard::use_topics(std::shared_ptr<const TopicImage> topics) {
    // A slow thread may come with an older one.
    if (topics && topics->version() >= topics_->version()) topics_ = std::move(topics);
}

void GroupShard::consumer_heartbeat(const HeartbeatCall& call,
                                    const ConsumerGroupSettings& settings,
                                    ConsumerHeartbeatReply reply, Outbox& out) {
    std::vector<PartitionId> written;
    auto response = call.request.member_epoch < joining_epoch
                        ? consumer_leave(call, written, out)
                        : consumer_alive(call, settings, written, out);
    if (!response) {
        HeartbeatResponse refused{.error_code = response.error().code};
        if (!response.error().message.empty()) refused.error_message = response.error().message;
        return out.answer(reply, std::move(refused));
    }
    out.answer(reply, *std::move(response), std::move(written));
}

Outcome<GroupShard::HeartbeatResponse> GroupShard::consumer_alive(
    const HeartbeatCall& call, const ConsumerGroupSettings& settings,
    std::vector<PartitionId>& written, Outbox& out) {
    const auto& request = call.request;
    const bool is_joining = request.member_epoch == joining_epoch;
    const Group* before = find(request.group_id);
    const bool was_classic = before != nullptr && !before->consumer;
    auto draft = open_consumer_group(request.group_id, is_joining, out);
    if (!draft) return std::unexpected(draft.error());
    draft->show_only(call.client.may_describe);
    const int32_t size_max = context_.config.consumer_max_size;
    if (std::cmp_greater_equal(draft->group().members().size(), size_max) &&
        draft->group().member(request.member_id) == nullptr) {
        return refuse(ErrorCode::group_max_size_reached,
                      fmt::format("The consumer group has reached its maximum capacity of {} "
                                  "members.", size_max));
    }
    const std::string id =
        request.member_id.empty() ? to_string(context_.random.uuid()) : request.member_id;
    const auto owned = owned_by(request);
    const auto admitted = admit(*draft, {.id = id,
                                         .instance_id = request.instance_id,
                                         .may_create = is_joining,
                                         .epoch = request.member_epoch,
                                         .owned = owned});
    if (!admitted) return std::unexpected(admitted.error());
    auto outcome = update_member(
        *draft, {.id = id,
                 .metadata = updated(draft->group().member(id), call),
                 .owned = owned,
                 .assignment_interval_ms = settings.assignment_interval_ms});
    if (!outcome) return std::unexpected(outcome.error());
    if (!draft->records().empty()) {
        if (const auto error = write(*draft); error != ErrorCode::none) return refuse(error);
        written = {partition_of(request.group_id)};
    }
    Group& group = *find(request.group_id);
    group.consumer->checked_version = topics_->version();
    set_rebalance_timer(group, *outcome);
    if (was_classic) renew_classic_sessions(group);
    renew_consumer_session(group, id,
                           settings.session_timeout_ms.value_or(
                               context_.config.consumer_session_timeout_ms));
    HeartbeatResponse response{.member_id = id,
                               .member_epoch = outcome->current.epoch,
                               .heartbeat_interval_ms = settings.heartbeat_interval_ms.value_or(
                                   context_.config.consumer_heartbeat_interval_ms)};
    const bool says_all = request.rebalance_timeout_ms != -1 && request.topic_partitions &&
                          (request.subscribed_topic_names || request.subscribed_topic_regex);
    if (is_joining || says_all || outcome->before.assigned != outcome->current.assigned) {
        response.assignment = answer_of(outcome->current.assigned);
    }
    return response;
}

Outcome<GroupDraft> GroupShard::open_consumer_group(const std::string& group_id, bool may_create,
                                                     Outbox& out) {
    Group* group = find(group_id);
    if (group == nullptr) {
        if (!may_create) {
            return refuse(ErrorCode::group_id_not_found,
                          fmt::format("Consumer group {} not found.", group_id));
        }
        if (groups_.size() >= context_.groups_max) return refuse(ErrorCode::group_max_size_reached);
        return GroupDraft(group_id);
    }
    if (group->consumer) return GroupDraft(group_id, *group->consumer);
    if (!may_create) {
        return refuse(ErrorCode::group_id_not_found,
                      fmt::format("Group {} is not a consumer group.", group_id));
    }
    if (!group->classic.is(ClassicState::empty)) return upgrade_to_consumer(*group, out);
    group_log().debug("Group {}: the empty classic group becomes a consumer group", group_id);
    GroupDraft draft(group_id);
    draft.append(group_tombstone(group_id));
    return draft;
}

Outcome<void> GroupShard::admit(GroupDraft& draft, const Claim& claim) {
    if (claim.instance_id) return admit_static(draft, claim);
    const ConsumerMember* member = draft.group().member(claim.id);
    if (member == nullptr) {
        if (claim.may_create) return {};
        return refuse(ErrorCode::unknown_member_id,
                      fmt::format("Member {} is not a member of group {}.", claim.id,
                                  draft.group_id()));
    }
    return claim.is_classic ? Outcome<void>{}
                            : check_epoch(member->current, claim.epoch, claim.owned);
}

Outcome<void> GroupShard::admit_static(GroupDraft& draft, const Claim& claim) {
    const ConsumerMember* member = draft.group().static_member(*claim.instance_id);
    if (claim.may_create) {
        if (member == nullptr) return {};
        const bool speak_consumer = !claim.is_classic && !member->is_classic();
        if (speak_consumer && member->current.epoch != left_for_a_while_epoch) {
            return refuse(ErrorCode::unreleased_instance_id,
                          fmt::format("Static member {} with instance id {} cannot join the group "
                                      "because the instance id is owned by {} member.",
                                      claim.id, *claim.instance_id, member->id));
        }
        replace_static_member(draft, ConsumerMember(*member), claim.id);
        return {};
    }
    if (member == nullptr) {
        return refuse(ErrorCode::unknown_member_id,
                      fmt::format("Instance id {} is unknown.", *claim.instance_id));
    }
    if (member->id != claim.id) {
        return refuse(ErrorCode::fenced_instance_id,
                      fmt::format("Static member {} with instance id {} was fenced by member {}.",
                                  claim.id, *claim.instance_id, member->id));
    }
    return claim.is_classic ? Outcome<void>{}
                            : check_epoch(member->current, claim.epoch, claim.owned);
}

void GroupShard::replace_static_member(GroupDraft& draft, const ConsumerMember& old,
                                       const std::string& new_id) {
    const Assignment target = draft.group().target(old.id);
    draft.remove_member(old.id);
    draft.put_member(new_id, old.metadata);
    draft.put_target(new_id, target);
    CurrentAssignment current = old.current;
    current.epoch = joining_epoch;
    current.previous_epoch = joining_epoch;
    draft.put_current(new_id, std::move(current));
}

Outcome<GroupShard::MemberOutcome> GroupShard::update_member(GroupDraft& draft,
                                                              MemberUpdate update) const {
    const ConsumerMember* known = draft.group().member(update.id);
    const MemberMetadata before = known ? known->metadata : MemberMetadata{};
    MemberOutcome outcome{.id = update.id, .is_classic = update.metadata.classic.has_value()};
    if (known != nullptr) outcome.before = known->current;
    if (known == nullptr || before != update.metadata) {
        draft.put_member(update.id, update.metadata);
    }
    const auto has_changed = update_subscription(draft, before, update.metadata);
    if (!has_changed) return std::unexpected(has_changed.error());
    const Assignment target = update_target(draft, update.id, update.assignment_interval_ms);
    const ConsumerGroup& group = draft.group();
    outcome.current = outcome.before;
    if (!*has_changed && outcome.before.is_reconciled_to(group.assignment_epoch)) return outcome;
    const auto subscribed = subscribed_ids(group, update.metadata, *topics_);
    auto current = reconcile({.group = group,
                              .current = outcome.before,
                              .target_epoch = group.assignment_epoch,
                              .target = target,
                              .subscribed = subscribed,
                              .has_subscription_changed = *has_changed,
                              .owned = update.owned});
    if (!current) {
        return refuse(current.error(),
                      "The consumer group member is in a unknown state. The member must abandon "
                      "all its partitions and rejoin.");
    }
    outcome.current = *std::move(current);
    if (outcome.current != outcome.before) {
        draft.append(current_record(draft.group_id(), update.id, outcome.current));
    }
    return outcome;
}

Outcome<bool> GroupShard::update_subscription(GroupDraft& draft, const MemberMetadata& before,
                                               const MemberMetadata& after) const {
    const auto regexes = update_regexes(draft, before, after);
    if (!regexes) return std::unexpected(regexes.error());
    const bool has_changed = before.topics != after.topics || regexes->of_member;
    const bool must_bump = has_changed || regexes->of_group;
    const ConsumerGroup& group = draft.group();
    if (!must_bump && group.checked_version == topics_->version()) return false;
    const int64_t hash = metadata_hash(group, *topics_);
    const bool removes_old = group.has_partition_metadata;
    if (must_bump || hash != group.metadata_hash) draft.put_epoch(next(group.epoch), hash);
    if (removes_old) draft.append(partition_metadata_tombstone(draft.group_id()));
    return has_changed;
}

Outcome<GroupShard::SubscriptionChange> GroupShard::update_regexes(
    GroupDraft& draft, const MemberMetadata& before, const MemberMetadata& after) const {
    SubscriptionChange change;
    change.of_member = before.regex.value_or("") != after.regex.value_or("");
    if (change.of_member && before.has_regex() &&
        draft.group().regex_members(*before.regex) == 0) {
        draft.remove_regex(*before.regex);
    }
    if (change.of_member && after.has_regex() && draft.group().regex_members(*after.regex) == 1) {
        if (const auto wrong = regex_error(*after.regex)) {
            return refuse(ErrorCode::invalid_regular_expression,
                          fmt::format("SubscribedTopicRegex `{}` is not a valid regular "
                                      "expression: {}.", *after.regex, *wrong));
        }
    }
    const int64_t now_ms = context_.clock.wall_ms();
    const bool is_stale = draft.group().checked_version != topics_->version();
    // By value: what is changed below is the group that they are read from.
    const auto regexes = draft.group().subscribed_regexes();
    for (const auto& [regex, members] : regexes) {
        const ResolvedRegex* known = draft.group().regex(regex);
        const bool has_expired =
            known != nullptr &&
            now_ms > known->timestamp_ms + context_.config.consumer_regex_refresh_interval_ms;
        if (known != nullptr && !is_stale && !has_expired) continue;
        ResolvedRegex resolved{.topics = matching_topics(regex, *topics_),
                               .version = topics_->version(),
                               .timestamp_ms = now_ms};
        std::erase_if(resolved.topics,
                      [&](const std::string& topic) { return !draft.shows(topic); });
        const bool differs = known == nullptr || known->topics != resolved.topics;
        change.of_group = change.of_group || differs;
        if (differs || has_expired) draft.put_regex(regex, std::move(resolved));
    }
    return change;
}

Assignment GroupShard::update_target(GroupDraft& draft, const std::string& member_id,
                                     std::optional<int32_t> interval_ms) const {
    const ConsumerGroup& group = draft.group();
    if (group.assignment_epoch >= group.epoch) return group.target(member_id);
    const int64_t now_ms = context_.clock.wall_ms();
    const int64_t last_ms = group.assignment_timestamp_ms;
    const int64_t wait_ms =
        interval_ms.value_or(context_.config.consumer_assignment_interval_ms);
    if (last_ms != 0 && now_ms >= last_ms && now_ms < last_ms + wait_ms) {
        return group.target(member_id);
    }
    const auto preferred = group.preferred_assignor();
    const auto assignor = preferred ? parse_assignor(*preferred) : std::nullopt;
    const auto members = assignor_members(group, *topics_);
    auto targets = assign(assignor.value_or(context_.config.consumer_assignors.front()), members,
                          *topics_);
    Assignment mine;
    for (size_t i = 0; i < members.size(); ++i) {
        const auto known = group.targets().find(members[i].id);
        if (known == group.targets().end() || known->second != targets[i]) {
            draft.append(target_record(draft.group_id(), members[i].id, targets[i]));
        }
        if (members[i].id == member_id) mine = std::move(targets[i]);
    }
    group_log().debug("Group {}: new target assignment in epoch {} for {} members",
                      draft.group_id(), group.epoch, members.size());
    draft.put_assignment_epoch(group.epoch, now_ms);
    return mine;
}

ErrorCode GroupShard::write(const GroupDraft& draft) {
    return write(draft.group_id(), draft.records());
}

void GroupShard::renew_consumer_session(Group& group, const std::string& member_id,
                                        int64_t timeout_ms) {
    auto& session_ms = group.consumer->timers[member_id].session_ms;
    session_ms = context_.clock.monotonic_ms() + timeout_ms;
    arm(group, *session_ms);
}

void GroupShard::set_rebalance_timer(Group& group, const MemberOutcome& outcome) {
    if (outcome.is_classic || outcome.before == outcome.current) return;
    MemberTimers& timers = group.consumer->timers[outcome.id];
    timers.rebalance_ms.reset();
    if (outcome.current.state != MemberState::unrevoked_partitions) return;
    const ConsumerMember* member = group.consumer->member(outcome.id);
    timers.rebalance_ms =
        context_.clock.monotonic_ms() + std::max(member->metadata.rebalance_timeout_ms, 0);
    timers.rebalance_epoch = outcome.current.epoch;
    arm(group, *timers.rebalance_ms);
}

}  // namespace stoker::broker
