// Log: what is deleted, and when.

#include <algorithm>
#include <utility>

#include "storage/log.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

Result<Offset> Log::delete_records_before(Offset offset) {
    {
        auto writer = writer_.lock();
        if (const auto good = usable(*writer); !good) return fail(good.error());
        if (offset > high_watermark()) return fail(ErrorCode::offset_out_of_range);
        if (offset <= start_offset()) return start_offset();
        if (const auto done = move_start(offset); !done) return fail(done.error());
        update_last_stable(*writer);
    }
    if (context_.owner != nullptr) context_.owner->request_checkpoint();
    return offset;
}

Result<void> Log::move_start(Offset offset) {
    LeaderEpochCache epochs;
    {
        auto shared = shared_.lock();
        start_offset_.store(raw(offset), std::memory_order_release);
        if (!shared->epochs.truncate_from_start(offset)) return {};
        epochs = shared->epochs;
    }
    const auto done = store_epochs(epochs);
    // It can be cut from the log start again at any time.
    if (!done && !done.error().no_space()) return fail(storage_failure(done.error()));
    return {};
}

Result<std::vector<std::string>> Log::delete_old_segments() {
    const std::lock_guard keeping(segments_mutex_);
    bool rolled = false;
    Result<std::vector<std::string>> renamed;
    {
        auto writer = writer_.lock();
        if (const auto good = usable(*writer); !good) return fail(good.error());
        const auto count = count_deletable(*writer);
        if (!count) return fail(count.error());
        if (*count == 0) return std::vector<std::string>();
        // A log has at least one segment.
        if (*count == segment_count()) {
            if (const auto done = roll(*writer); !done) return fail(done.error());
            rolled = true;
        }
        renamed = delete_first(*writer, *count);
    }
    if (rolled) request_flush();
    return renamed;
}

/// How many of the oldest segments may go, by any of the three reasons.
Result<size_t> Log::count_deletable(LogWriter& writer) {
    const LogConfig& config = writer.config;
    std::vector<std::shared_ptr<Segment>> segments = shared_.lock()->segments;
    const Offset mark = high_watermark();
    const int64_t now = context_.clock.wall_ms();
    int64_t surplus = 0;
    for (const auto& segment : segments) surplus += segment->size;
    surplus -= config.retention_bytes;
    const bool by_size = config.cleanup_delete && config.retention_bytes >= 0;
    const bool by_time = config.cleanup_delete && config.retention_ms >= 0;

    size_t count = 0;
    for (; count < segments.size(); ++count) {
        const Segment& segment = *segments[count];
        const bool last = count + 1 == segments.size();
        const Offset end = last ? end_offset() : segments[count + 1]->base;
        if (mark < end || (last && segment.size == 0)) break;
        bool due = !last && start_offset() >= end;
        due = due || (by_size && surplus - segment.size >= 0);
        if (!due && by_time) {
            const auto done = load_segment(writer, segment.base, false);
            if (!done) return fail(done.error());
            const int64_t largest = segment.indexes->largest.timestamp_ms;
            due = now - (largest >= 0 ? largest : segment.seen_ms) > config.retention_ms;
        }
        if (!due) break;
        surplus -= segment.size;
    }
    return count;
}

Result<std::vector<std::string>> Log::delete_first(LogWriter& writer, size_t count) {
    std::vector<std::shared_ptr<Segment>> gone;
    Offset start{};
    {
        auto shared = shared_.lock();
        auto& segments = shared->segments;
        gone.assign(segments.begin(), segments.begin() + std::ptrdiff_t(count));
        segments.erase(segments.begin(), segments.begin() + std::ptrdiff_t(count));
        start = segments.front()->base;
    }
    if (start > start_offset()) {
        if (const auto done = move_start(start); !done) return fail(done.error());
        update_last_stable(writer);
        if (context_.owner != nullptr) context_.owner->request_checkpoint();
    }
    std::vector<std::string> renamed;
    for (const auto& segment : gone) {
        logger().info("Deleting the segment of {} from offset {} on: {} bytes.",
                      to_string(partition_), raw(segment->base), segment->size);
        for (const auto suffix : {log_suffix, offset_index_suffix, time_index_suffix,
                                  transaction_index_suffix, snapshot_suffix}) {
            const std::string path = segment_path(folder_, segment->base, suffix);
            const auto there = context_.disk.exists(path);
            if (there && !*there) continue;
            std::string deleted = path + std::string(deleted_suffix);
            if (const auto done = context_.disk.rename(path, deleted); !done) {
                return fail(storage_failure(done.error()));
            }
            renamed.push_back(std::move(deleted));
        }
        if (writer.snapshot == segment->base) writer.snapshot = Offset{-1};
    }
    folder_unsynced_ = true;
    return renamed;
}

}  // namespace stoker::storage
