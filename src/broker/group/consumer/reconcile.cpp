#include "broker/group/consumer/reconcile.hpp"

#include <utility>

namespace stoker::broker {

namespace {

/// Whether the member has let go of all of these. Without a word from it, it has not.
bool still_owns(const std::optional<Assignment>& owned, const EpochAssignment& revoking) {
    if (!owned) return true;
    for (const auto& [topic, partitions] : *owned) {
        for (const PartitionId partition : partitions) {
            if (epoch_of(revoking, topic, partition) != nullptr) return true;
        }
    }
    return false;
}

void move_to(CurrentAssignment& current, int32_t epoch) {
    current.previous_epoch = std::exchange(current.epoch, epoch);
}

/// The target may lag behind a subscription: topics that the member no longer wants are taken from
/// it at once.
CurrentAssignment drop_unsubscribed(const ReconcileStep& step) {
    CurrentAssignment next = step.current;
    for (const auto& [topic, partitions] : step.current.assigned) {
        if (step.subscribed.contains(topic)) continue;
        next.assigned.erase(topic);
        next.revoking[topic].insert(partitions.begin(), partitions.end());
    }
    if (next.assigned == step.current.assigned) return step.current;
    move_to(next, step.current.epoch);
    if (still_owns(step.owned, next.revoking)) {
        next.state = MemberState::unrevoked_partitions;
    } else {
        next.revoking = step.current.revoking;
    }
    return next;
}

CurrentAssignment next_assignment(const ReconcileStep& step, int32_t epoch) {
    CurrentAssignment next = step.current;
    next.assigned.clear();
    EpochAssignment revoking;
    for (const auto& [topic, partitions] : step.current.assigned) {
        const bool is_wanted = step.subscribed.contains(topic);
        for (const auto& [partition, since_epoch] : partitions) {
            const bool stays = is_wanted && has(step.target, topic, partition);
            (stays ? next.assigned : revoking)[topic].emplace(partition, since_epoch);
        }
    }
    if (still_owns(step.owned, revoking) && !revoking.empty()) {
        next.state = MemberState::unrevoked_partitions;
        next.revoking = std::move(revoking);
        move_to(next, epoch);
        return next;
    }
    bool is_waiting = false;
    for (const auto& [topic, partitions] : step.target) {
        if (!step.subscribed.contains(topic)) continue;
        for (const PartitionId partition : partitions) {
            if (epoch_of(step.current.assigned, topic, partition) != nullptr) continue;
            const bool is_free = !step.group.is_held(topic, partition) ||
                                 epoch_of(step.current.revoking, topic, partition) != nullptr;
            if (is_free) next.assigned[topic].emplace(partition, step.target_epoch);
            else is_waiting = true;
        }
    }
    next.state = is_waiting ? MemberState::unreleased_partitions : MemberState::stable;
    next.revoking.clear();
    move_to(next, step.target_epoch);
    return next;
}

}  // namespace

Result<CurrentAssignment> reconcile(const ReconcileStep& step) {
    const CurrentAssignment& current = step.current;
    switch (current.state) {
        case MemberState::stable:
            if (current.epoch != step.target_epoch) return next_assignment(step, current.epoch);
            return step.has_subscription_changed ? drop_unsubscribed(step) : current;
        case MemberState::unrevoked_partitions:
            if (!still_owns(step.owned, current.revoking)) {
                return next_assignment(step, current.epoch);
            }
            return step.has_subscription_changed ? drop_unsubscribed(step) : current;
        case MemberState::unreleased_partitions: return next_assignment(step, current.epoch);
        case MemberState::unknown: break;
    }
    if (!step.owned || !step.owned->empty()) return fail(ErrorCode::fenced_member_epoch);
    return next_assignment(step, step.target_epoch);
}

}  // namespace stoker::broker
