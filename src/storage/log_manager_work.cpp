// LogManager: what is done in the background, and stopping.

#include <algorithm>
#include <utility>

#include "base/crc32c.hpp"
#include "storage/clean_shutdown_file.hpp"
#include "storage/disk_path.hpp"
#include "storage/log_slot.hpp"
#include "storage/loggers.hpp"

namespace stoker::storage {

namespace {

/// producer.id.expiration.check.interval.ms
constexpr int64_t expiry_interval_ms = 600'000;
/// A log without appends between two looks gives its memory back.
constexpr int64_t idle_interval_ms = 60'000;
/// There is one broker, and so one broker epoch.
constexpr int64_t broker_epoch = 1;

uint32_t checksum(std::span<const OffsetCheckpoint> entries) {
    // Not 0, which stands for "not yet written".
    uint32_t sum = 1;
    for (const OffsetCheckpoint& entry : entries) {
        sum = crc32c(bytes_of(entry.topic), sum);
        sum = crc32c(std::as_bytes(std::span(&entry.partition, 1)), sum);
        sum = crc32c(std::as_bytes(std::span(&entry.offset, 1)), sum);
    }
    return sum;
}

}  // namespace

bool LogManager::do_work() {
    std::shared_ptr<Log> log;
    {
        auto flushes = flushes_.lock();
        if (!flushes->empty()) {
            log = std::move(flushes->front());
            flushes->pop_front();
        }
    }
    if (log != nullptr) {
        // First this, so that an append during the sync asks for another one.
        log->take_flush_request();
        (void)log->flush();
        return true;
    }
    if (!checkpoint_requested_.exchange(false)) return false;
    write_checkpoints();
    return true;
}

void LogManager::tick() {
    if (directory_.offline()) return;
    const int64_t now = clock_.monotonic_ms();
    Schedule due;
    {
        auto schedule = schedule_.lock();
        due = *schedule;
        if (now >= due.checkpoint_ms) {
            schedule->checkpoint_ms = now + options_.checkpoint_interval_ms;
        }
        if (now >= due.retention_ms) {
            schedule->retention_ms = now + options_.retention_check_interval_ms;
        }
        if (now >= due.expiry_ms) schedule->expiry_ms = now + expiry_interval_ms;
        if (now >= due.idle_ms) schedule->idle_ms = now + idle_interval_ms;
    }
    flush_old();
    if (now >= due.retention_ms) retain();
    if (now >= due.expiry_ms) {
        for (const auto& slot : all_slots()) {
            if (const auto log = slot->state.lock()->log) log->expire_producers();
        }
    }
    if (now >= due.idle_ms) release_idle();
    if (now >= due.checkpoint_ms) write_checkpoints();
    remove_deleted();
}

/// flush.ms
void LogManager::flush_old() {
    for (const auto& slot : all_slots()) {
        std::shared_ptr<Log> log;
        {
            const auto state = slot->state.lock();
            const int64_t limit = state->config.value_or(options_.defaults).flush_ms;
            if (limit == LogConfig::never || state->log == nullptr) continue;
            const auto age = state->log->unflushed_age_ms();
            if (age && *age >= limit) log = state->log;
        }
        if (log != nullptr) request_flush(std::move(log));
    }
}

void LogManager::retain() {
    for (const auto& slot : all_slots()) {
        const LogConfig config = slot->state.lock()->config.value_or(options_.defaults);
        const auto log = get(slot->partition);
        if (!log) continue;
        const auto renamed = (*log)->delete_old_segments();
        if (!renamed) continue;
        for (const std::string& path : *renamed) {
            remove_later(path, false, config.file_delete_delay_ms);
        }
    }
}

void LogManager::release_idle() {
    for (const auto& slot : all_slots()) {
        const auto log = slot->state.lock()->log;
        if (log == nullptr) continue;
        const uint64_t appends = log->appends();
        const bool idle = appends == std::exchange(slot->appends_seen, appends);
        if (idle && !slot->released) log->release_memory();
        slot->released = idle;
    }
}

void LogManager::remove_deleted() {
    std::vector<Deleted> due;
    {
        auto deleted = deleted_.lock();
        const int64_t now = clock_.monotonic_ms();
        const auto later =
            std::stable_partition(deleted->begin(), deleted->end(),
                                  [&](const Deleted& item) { return item.due_ms > now; });
        due.assign(later, deleted->end());
        deleted->erase(later, deleted->end());
    }
    for (const Deleted& item : due) {
        const auto done = item.folder ? disk_.remove_folder(item.path) : disk_.remove(item.path);
        // The next start tries again.
        if (!done) logger().warn("Could not remove a deleted file: {}", done.error().what);
    }
}

bool LogManager::write_checkpoints() {
    std::vector<OffsetCheckpoint> recovery_points;
    std::vector<OffsetCheckpoint> log_starts;
    std::vector<OffsetCheckpoint> high_watermarks;
    std::vector<OffsetCheckpoint> cleaned;
    auto checkpoints = checkpoints_.lock();
    for (const auto& slot : all_slots()) {
        const auto [log, cleaned_to] = [&] {
            const auto state = slot->state.lock();
            return std::pair(state->log, state->cleaned_to);
        }();
        const auto& [topic, partition] = slot->partition;
        const Offset start = log ? log->start_offset() : slot->log_start;
        const Offset mark = log ? log->high_watermark() : slot->high_watermark;
        const Offset point = log ? log->flushed_offset() : slot->recovery_point;
        recovery_points.push_back({topic, partition, point});
        high_watermarks.push_back({topic, partition, mark});
        if (start > Offset{0}) log_starts.push_back({topic, partition, start});
        if (cleaned_to) cleaned.push_back({topic, partition, *cleaned_to});
    }
    return write_checkpoint(recovery_point_checkpoint, recovery_points,
                            checkpoints->recovery_points) &&
           write_checkpoint(log_start_checkpoint, log_starts, checkpoints->log_starts) &&
           write_checkpoint(replication_checkpoint, high_watermarks,
                            checkpoints->high_watermarks) &&
           write_checkpoint(cleaner_checkpoint, cleaned, checkpoints->cleaned);
}

bool LogManager::write_checkpoint(std::string_view name, std::span<const OffsetCheckpoint> entries,
                                  uint32_t& last_sum) {
    const uint32_t sum = checksum(entries);
    if (sum == last_sum) return true;
    if (directory_.offline()) return false;
    const auto done = write_offset_checkpoint(disk_, join(directory_.path(), name), entries);
    if (!done) {
        directory_.failed(done.error());
        return false;
    }
    last_sum = sum;
    return true;
}

bool LogManager::stop() {
    std::vector<std::shared_ptr<Log>> logs;
    for (const auto& slot : all_slots()) {
        if (auto log = slot->state.lock()->log) logs.push_back(std::move(log));
    }
    std::atomic<bool> good = true;
    for_each_in_parallel(logs.size(), options_.recovery_threads, [&](size_t i) {
        // A partition that is being deleted needs no closing.
        const auto done = logs[i]->close();
        if (!done && done.error() != ErrorCode::unknown_topic_or_partition) good = false;
    });
    if (!good || directory_.offline()) return false;
    if (!write_checkpoints()) return false;
    const auto marked = write_clean_shutdown(disk_, directory_.path(), broker_epoch);
    if (!marked) logger().warn("The stop is not recorded as clean: {}", marked.error().what);
    return marked.has_value();
}

}  // namespace stoker::storage
