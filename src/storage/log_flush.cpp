// Log: syncing, and who is told of it.
#include <algorithm>
#include <utility>

#include "storage/disk_path.hpp"
#include "storage/log.hpp"

namespace stoker::storage {

/// What one flush covers, as of its start.
struct Log::FlushTarget {
    LogPosition end;
    std::vector<std::shared_ptr<File>> files;
    std::vector<std::shared_ptr<Segment>> closed;  // whose indexes are among the files
};

void Log::request_flush() {
    if (flush_requested_.exchange(true)) return;
    if (context_.owner != nullptr) context_.owner->request_flush(shared_from_this());
}

Log::FlushTarget Log::flush_target() const {
    const auto shared = shared_.lock();
    const auto& segments = shared->segments;
    const Offset flushed = flushed_offset();
    const Segment& active = *segments.back();
    FlushTarget target;
    target.end = {end_offset(), active.base, active.size};
    for (size_t i = segments.size(); i-- > 0;) {
        const Segment& segment = *segments[i];
        const Offset end = i + 1 < segments.size() ? segments[i + 1]->base : target.end.offset;
        if (end > flushed) {
            target.files.push_back(segment.file);
            if (segment.aborted != nullptr) target.files.push_back(segment.aborted);
        }
        if (segment.indexes_unsynced && segment.indexes) {
            target.files.push_back(segment.indexes->offset.file().file());
            target.files.push_back(segment.indexes->time.file().file());
            target.closed.push_back(segments[i]);
        } else if (end <= flushed) {
            break;
        }
    }
    return target;
}

DiskResult<void> Log::sync(const FlushTarget& target) {
    for (const auto& file : target.files) {
        const auto done = file->sync();
        // Retention or a deletion may have taken the file away meanwhile.
        if (!done && still_there(file)) return done;
    }
    if (epochs_unsynced_.exchange(false)) {
        folder_unsynced_ = true;
        const auto file =
            context_.disk.open(join(folder_, leader_epoch_file_name), OpenMode::read);
        const auto done = file ? (*file)->sync() : std::unexpected(file.error());
        if (!done && !writer_.lock()->deleted) return done;
    }
    if (folder_unsynced_.exchange(false)) {
        const auto done = context_.disk.sync_folder(folder_);
        if (!done && !writer_.lock()->deleted) return done;
    }
    if (context_.directory.folder_synced(folder_number_)) return {};
    const uint64_t made = context_.directory.folders_made();
    if (const auto done = context_.disk.sync_folder(parent_of(folder_)); !done) return done;
    context_.directory.folders_synced(made);
    return {};
}

bool Log::still_there(const std::shared_ptr<File>& file) {
    if (writer_.lock()->deleted) return false;
    const auto shared = shared_.lock();
    const auto has = [&](const std::shared_ptr<Segment>& segment) {
        if (segment->file == file || segment->aborted == file) return true;
        return segment->indexes && (segment->indexes->offset.file().file() == file ||
                                    segment->indexes->time.file().file() == file);
    };
    return std::any_of(shared->segments.begin(), shared->segments.end(), has);
}

Result<Offset> Log::flush() {
    return flush_and_tell(std::unique_lock(flush_mutex_));
}

bool Log::flush_if_quick() {
    if (!context_.directory.sync_is_quick()) return false;
    std::unique_lock flushing(flush_mutex_, std::try_to_lock);
    if (!flushing) return false;
    (void)flush_and_tell(std::move(flushing));  // a failure is told to those who wait
    return true;
}

Result<Offset> Log::flush_and_tell(std::unique_lock<std::mutex> flushing) {
    const Offset mark = high_watermark();
    const auto flushed = flush_quietly();
    flushing.unlock();
    // Those who wait must hear of a failure too.
    if (!flushed || high_watermark() != mark) tell_listener();
    return flushed;
}

/// With flush_mutex_ held.
Result<Offset> Log::flush_quietly() {
    const auto good = usable(*writer_.lock());
    if (!good) return fail(good.error());
    const FlushTarget target = flush_target();
    const int64_t before = context_.clock.monotonic_ns();
    const auto done = sync(target);
    context_.directory.sync_took(context_.clock.monotonic_ns() - before);
    if (!done) {
        context_.directory.retire(done.error());
        return fail(ErrorCode::kafka_storage_error);
    }
    {
        auto writer = writer_.lock();
        flushed_.store(raw(target.end.offset), std::memory_order_release);
        {
            auto shared = shared_.lock();
            for (const auto& segment : target.closed) segment->indexes_unsynced = false;
            const bool all = end_offset() == target.end.offset;
            shared->unflushed_since_ms = all ? -1 : context_.clock.monotonic_ms();
        }
        if (writer->config.waits_for_disk()) raise_high_watermark(*writer, target.end);
    }
    return target.end.offset;
}

void Log::tell_listener() const {
    const auto listener = *listener_.lock();
    if (listener != nullptr && *listener) (*listener)();
}

}  // namespace stoker::storage
