// Where a consumer begins and what it commits.
#include <algorithm>

#include "kafka/consumer.hpp"

namespace stoker::kafka {
namespace {

/// Also while the group is being joined, when nobody can ask the coordinator anything else.
bool may_wait(const Failure& why) {
    return is_retriable(why) || why.code == ErrorCode::rebalance_in_progress;
}

}  // namespace

std::vector<OffsetToCommit> Consumer::offsets_to_commit() const {
    std::vector<OffsetToCommit> offsets;
    for (const auto& [where, partition] : partitions_) {
        if (!partition->position) continue;
        offsets.push_back({.where = where,
                           .topic_id = partition->topic_id,
                           .offset = {.offset = *partition->position,
                                      .epoch = partition->position_epoch}});
    }
    return offsets;
}

std::map<TopicPartition, OffsetAndEpoch> Consumer::positions() const {
    std::map<TopicPartition, OffsetAndEpoch> offsets;
    for (const OffsetToCommit& one : offsets_to_commit()) offsets[one.where] = one.offset;
    return offsets;
}

Outcome<void> Consumer::commit() {
    return commit(positions());
}

Outcome<ConsumerGroupMetadata> Consumer::group_metadata() const {
    if (!settings_.group_id || settings_.group_id->empty()) {
        return failed(failure_of(ErrorCode::invalid_group_id,
                                 "To use the group management or offset commit APIs, you must "
                                 "provide a valid group.id in the consumer configuration."));
    }
    if (membership_) return membership_->group_metadata();
    return ConsumerGroupMetadata{.group_id = *settings_.group_id,
                                 .instance_id = settings_.group_instance_id};
}

Outcome<void> Consumer::commit(const std::map<TopicPartition, OffsetAndEpoch>& offsets) {
    std::vector<OffsetToCommit> wanted;
    for (const auto& [where, offset] : offsets) {
        const TopicInfo* info = metadata_.find(where.topic);
        wanted.push_back(
            {.where = where, .topic_id = info == nullptr ? Uuid{} : info->id, .offset = offset});
    }
    if (wanted.empty()) return {};
    const Deadline deadline = control_->deadline(settings_.common.default_api_timeout_ms);
    for (int attempts = 0;; ++attempts) {
        auto committed = commit_once(wanted, deadline);
        if (committed || !is_retriable(committed.error()) || deadline.passed()) return committed;
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
        wait_readable({}, wakeup_,
                      std::min(control_->retry_backoff_ms(attempts), deadline.left_ms()));
    }
}

Outcome<Connection*> Consumer::coordinator(Deadline deadline) {
    if (membership_) return membership_->coordinator(deadline);
    auto node = group_->coordinator(CoordinatorType::group, *settings_.group_id, deadline);
    if (!node) return failed(node.error());
    return group_->try_node(*node, deadline);
}

void Consumer::forget_coordinator() {
    if (membership_) membership_->forget_coordinator();
    else group_->forget_coordinator(CoordinatorType::group, *settings_.group_id);
}

Outcome<void> Consumer::commit_once(const std::vector<OffsetToCommit>& offsets,
                                    Deadline deadline) {
    if (auto who = group_metadata(); !who) return failed(who.error());
    auto to = coordinator(deadline);
    if (!to) return failed(to.error());
    // After the coordinator: a heartbeat whose answer was on its way may have changed it.
    auto committed = commit_offsets(**to, *group_metadata(), offsets,
                                    deadline.within(settings_.common.request_timeout_ms));
    if (!committed && (committed.error().code == ErrorCode::not_coordinator ||
                       committed.error().code == ErrorCode::coordinator_not_available)) {
        forget_coordinator();
    }
    return committed;
}

int64_t Consumer::reset_timestamp() const {
    switch (settings_.reset.kind) {
        case OffsetReset::Kind::earliest: return earliest_timestamp;
        case OffsetReset::Kind::by_duration:
            return control_->clock().wall_ms() - settings_.reset.duration_ms;
        case OffsetReset::Kind::latest:
        case OffsetReset::Kind::none: break;
    }
    return latest_timestamp;
}

Outcome<void> Consumer::reset(ConsumedPartition& partition) {
    if (settings_.reset.kind == OffsetReset::Kind::none) {
        return failed({.exception =
                           "org.apache.kafka.clients.consumer.NoOffsetForPartitionException",
                       .message = "Undefined offset with no reset policy for partitions: [" +
                                  to_string(partition.where) + "]"});
    }
    partition.reset_to = reset_timestamp();
    return {};
}

Outcome<void> Consumer::find_positions(Deadline deadline) {
    const int64_t now_ms = control_->clock().monotonic_ms();
    if (now_ms < positions_retry_at_ms_) return {};
    const bool missing = std::ranges::any_of(
        partitions_, [](const auto& one) { return !one.second->position.has_value(); });
    if (!missing) return {};
    positions_retry_at_ms_ = now_ms + settings_.common.retry_backoff_ms;
    if (auto found = find_committed(deadline); !found) return found;
    if (auto found = look_up_offsets(deadline); !found) return found;
    const bool all = std::ranges::all_of(
        partitions_, [](const auto& one) { return one.second->position.has_value(); });
    if (all) positions_retry_at_ms_ = 0;
    return {};
}

/// Where nobody has said where to begin, the group's offsets say so, else the reset policy.
Outcome<void> Consumer::find_committed(Deadline deadline) {
    std::vector<TopicPartition> wanted;
    for (const auto& [where, partition] : partitions_) {
        if (!partition->position && !partition->reset_to) wanted.push_back(where);
    }
    if (wanted.empty()) return {};
    std::map<TopicPartition, OffsetAndEpoch> committed;
    if (settings_.group_id) {
        auto to = coordinator(deadline);
        if (!to) return may_wait(to.error()) ? Outcome<void>{} : failed(to.error());
        auto found = fetch_committed(**to, *settings_.group_id, wanted,
                                     deadline.within(settings_.common.request_timeout_ms));
        if (!found) {
            if (found.error().code == ErrorCode::not_coordinator) forget_coordinator();
            return is_retriable(found.error()) ? Outcome<void>{} : failed(found.error());
        }
        committed = std::move(*found);
    }
    for (const TopicPartition& where : wanted) {
        ConsumedPartition& partition = *partitions_[where];
        if (const auto found = committed.find(where); found != committed.end()) {
            partition.seek(found->second.offset);
            partition.position_epoch = found->second.epoch;
        } else if (auto known = reset(partition); !known) {
            return known;
        }
    }
    return {};
}

Outcome<void> Consumer::look_up_offsets(Deadline deadline) {
    std::map<int32_t, std::vector<OffsetQuery>> by_node;
    for (const auto& [where, partition] : partitions_) {
        if (!partition->reset_to) continue;
        if (partition->reset_to == INT64_MIN) partition->reset_to = reset_timestamp();
        if (partition->info.leader < 0) {
            wants_metadata_ = true;
            continue;
        }
        by_node[partition->info.leader].push_back({.where = where,
                                                   .timestamp = *partition->reset_to,
                                                   .leader_epoch = partition->info.leader_epoch});
    }
    for (const auto& [node, queries] : by_node) {
        auto to = control_->try_node(node, deadline);
        if (!to) {
            wants_metadata_ = true;
            continue;
        }
        auto offsets = list_offsets(**to, queries, settings_.read_committed,
                                    deadline.within(settings_.common.request_timeout_ms));
        if (!offsets) {
            if (!is_retriable(offsets.error())) return failed(offsets.error());
            wants_metadata_ = true;
            continue;
        }
        for (auto& [where, found] : *offsets) {
            const auto partition = partitions_.find(where);
            if (partition == partitions_.end()) continue;
            if (auto taken = take_offset(*partition->second, std::move(found)); !taken) {
                return taken;
            }
        }
    }
    return {};
}

Outcome<void> Consumer::take_offset(ConsumedPartition& partition, Outcome<OffsetAndEpoch> found) {
    if (found) {
        // No record is as young as that: the end.
        if (raw(found->offset) < 0) partition.reset_to = latest_timestamp;
        else partition.seek(found->offset);
        return {};
    }
    if (is_retriable(found.error()) || is_stale_metadata(found.error().code)) {
        wants_metadata_ = true;
        return {};
    }
    return failed(found.error());
}

Outcome<Offset> Consumer::offset_for(const TopicPartition& where, int64_t timestamp,
                                     Deadline deadline) {
    for (;;) {
        if (metadata_.find(where.topic) == nullptr) {
            auto news = metadata_.refresh(std::vector{where.topic}, false, deadline);
            if (!news) return failed(news.error());
            if (news->refused) return failed(*news->refused);
        }
        const TopicInfo* info = metadata_.find(where.topic);
        const auto index = size_t(where.partition);
        if (info != nullptr && index < info->partitions.size()) {
            auto to = control_->try_node(info->partitions[index].leader, deadline);
            if (to) {
                auto offsets = list_offsets(**to, {{where, timestamp}}, settings_.read_committed,
                                            deadline);
                if (offsets && offsets->contains(where)) {
                    auto& found = offsets->at(where);
                    if (found) return found->offset;
                    if (!is_retriable(found.error())) return failed(found.error());
                }
            }
        }
        if (deadline.passed()) {
            return failed(client_failure("TimeoutException",
                                         "Failed to get offsets by times in " +
                                             std::to_string(
                                                 settings_.common.default_api_timeout_ms) +
                                             "ms"));
        }
        wait_readable({}, wakeup_, settings_.common.retry_backoff_ms);
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
    }
}

}  // namespace stoker::kafka
