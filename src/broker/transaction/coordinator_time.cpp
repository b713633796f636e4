// What happens to transactions without a request: after a restart, and as time passes.
#include <algorithm>
#include <map>

#include "broker/loggers.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

namespace {

/// A wall clock said `then`; how long ago that was, if it was not more than `max` and the clock has
/// not been put back meanwhile.
int64_t elapsed_ms(int64_t then_ms, int64_t now_ms, int64_t max_ms) {
    if (then_ms >= now_ms || then_ms < 0) return 0;
    return std::min(now_ms - then_ms, max_ms);
}

/// What a fenced producer's InitProducerId would be answered.
void note_abort(const std::string& id, ErrorCode error) {
    if (error == ErrorCode::concurrent_transactions) return;  // as it should be
    transaction_log().warn("The transaction of {} could not be aborted: {}; it will be tried again",
                           id, name(error));
}

}  // namespace

void TransactionCoordinator::on_loaded() {
    const int64_t now_ms = clock_.monotonic_ms();
    const int64_t wall_ms = clock_.wall_ms();
    for (auto& guarded : shards_) {
        auto shard = guarded.lock();
        for (auto& [id, entry] : shard->entries) {
            const Transaction& known = entry.transaction;
            // As long as it takes to time out, or to be forgotten, and no longer.
            entry.started_ms =
                now_ms - elapsed_ms(known.start_ms, wall_ms, int64_t{known.timeout_ms} + 1);
            entry.used_ms =
                now_ms - elapsed_ms(known.last_update_ms, wall_ms, config_.id_expiration_ms);
            if (!is_idle(known.state)) shard->open.insert(id);
        }
    }
    retry_markers();
}

void TransactionCoordinator::tick() {
    const int64_t now_ms = clock_.monotonic_ms();
    bool abort = false, expire = false;
    {
        auto due = due_.lock();
        abort = now_ms >= due->abort_ms;
        if (abort) due->abort_ms = now_ms + config_.abort_interval_ms;
        expire = now_ms >= due->expiry_ms;
        if (expire) due->expiry_ms = now_ms + config_.expiry_interval_ms;
    }
    retry_markers();
    if (abort) abort_timed_out();
    if (expire) forget_unused();
}

void TransactionCoordinator::retry_markers() {
    const int64_t now_ms = clock_.monotonic_ms();
    std::vector<MarkerWork> due;
    for (auto& guarded : shards_) {
        auto shard = guarded.lock();
        for (const std::string& id : shard->open) {
            Entry& entry = shard->entries.at(id);
            if (is_ending(entry.transaction.state) && entry.markers_in_flight == 0 &&
                entry.markers_due_ms <= now_ms)
                due.push_back(marker_work(id, entry));
        }
    }
    for (const MarkerWork& work : due) write_markers(work);
}

void TransactionCoordinator::abort_timed_out() {
    const int64_t now_ms = clock_.monotonic_ms();
    const auto timed_out = [now_ms](const Entry& entry) {
        const Transaction& known = entry.transaction;
        return known.state == TransactionState::ongoing && known.timeout_ms != no_timeout_ms &&
               entry.started_ms + known.timeout_ms < now_ms;
    };
    std::vector<std::string> ids;
    for (auto& guarded : shards_) {
        auto shard = guarded.lock();
        for (const std::string& id : shard->open)
            if (timed_out(shard->entries.at(id))) ids.push_back(id);
    }
    const int16_t version = environment_.transaction_version();
    for (const std::string& id : ids) {
        ProducerReply note = [id](const ProducerAnswer& answer) { note_abort(id, answer.error); };
        const ErrorCode error = locked_with_id(
            id, [&](Shard& shard, std::optional<ProducerId> new_id, Outbox& out) -> Attempt {
                const auto found = shard.entries.find(id);
                if (found == shard.entries.end() || !timed_out(found->second)) return {};
                transaction_log().info("The transaction of {} is open for more than {} ms: aborted",
                                       id, found->second.transaction.timeout_ms);
                return try_fence(shard, id, new_id, version, note, out);
            });
        if (error != ErrorCode::none) note_abort(id, error);
    }
}

void TransactionCoordinator::forget_unused() {
    const int64_t now_ms = clock_.monotonic_ms();
    for (auto& guarded : shards_) {
        auto shard = guarded.lock();
        std::map<PartitionId, std::vector<std::string>> unused;
        for (const auto& [id, entry] : shard->entries)
            if (is_idle(entry.transaction.state) &&
                now_ms - entry.used_ms >= config_.id_expiration_ms)
                unused[partition_of(id)].push_back(id);
        for (const auto& [partition, ids] : unused)
            if (const ErrorCode error = forget(*shard, partition, ids); error != ErrorCode::none)
                transaction_log().warn(
                    "Unused transactional ids of __transaction_state-{} could not be "
                    "forgotten: {}",
                    raw(partition), name(error));
    }
}

ErrorCode TransactionCoordinator::forget(Shard& shard, PartitionId partition,
                                         std::span<const std::string> ids) {
    while (!ids.empty()) {
        const auto some = ids.first(std::min(ids.size(), expired_ids_per_batch));
        std::vector<TransactionRecord> tombstones;
        for (const std::string& id : some) tombstones.push_back(transaction_tombstone(id));
        const ErrorCode error = environment_.append(partition, tombstones);
        if (error != ErrorCode::none) return error;
        for (const std::string& id : some) shard.entries.erase(id);
        ids = ids.subspan(some.size());
    }
    return ErrorCode::none;
}

}  // namespace stoker::broker
