// Log: damage that a reader comes upon while the broker runs. Recovery finds what a crash has done;
// what a disk does to a file that lay there in good order shows up when somebody reads it.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "storage/disk_error.hpp"
#include "storage/log.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_recovery.hpp"

namespace stoker::storage {

Result<void> Log::repair(Offset at) {
    const std::lock_guard keeping(segments_mutex_);
    // What a sync found to be the end is a place in the old file.
    const std::lock_guard flushing(flush_mutex_);
    auto writer = std::make_optional(writer_.lock());
    if (const auto good = usable(**writer); !good) return good;
    if ((*writer)->closed) return fail(ErrorCode::kafka_storage_error);
    const auto [damaged, end] = segment_of(at);
    const int32_t index_interval_bytes = (*writer)->config.index_interval_bytes;
    // Appends go on meanwhile, unless it is their segment.
    if ((*writer)->active != damaged) writer.reset();
    logger().error("{} is damaged near offset {}: its segment {} is gone through.",
                   to_string(partition_), raw(at), raw(damaged->base));
    const auto recovered =
        recover_segment(context_.disk, {.folder = folder_,
                                        .base = damaged->base,
                                        .index_interval_bytes = index_interval_bytes,
                                        .expected = damaged->base,
                                        .may_be_torn = false,
                                        .known_end = end,
                                        .visit = [](const record::BatchView&) {}});
    if (!recovered) {
        if (is_malformed(recovered.error())) return fail(ErrorCode::corrupt_message);
        return fail(storage_failure(recovered.error()));
    }
    if (!writer) writer.emplace(writer_.lock());
    put_in_place(**writer, damaged, recovered->segment);
    return {};
}

/// The segment that an offset belongs to, and where that ends.
std::pair<std::shared_ptr<Segment>, Offset> Log::segment_of(Offset offset) const {
    const auto shared = shared_.lock();
    const auto& segments = shared->segments;
    auto behind = std::ranges::upper_bound(segments, offset, {}, &Segment::base);
    if (behind == segments.begin()) ++behind;
    return {*std::prev(behind), behind == segments.end() ? end_offset() : (*behind)->base};
}

/// The same records under the same name, less what was damaged. The offsets stay, so the log has a
/// gap there, and at its end the next record leaves one.
void Log::put_in_place(LogWriter& writer, const std::shared_ptr<Segment>& old,
                       const std::shared_ptr<Segment>& fresh) {
    fresh->aborted = old->aborted;
    fresh->aborted_size = old->aborted_size;
    fresh->seen_ms = old->seen_ms;
    fresh->jitter_ms = old->jitter_ms;
    fresh->indexes_unsynced = true;
    auto shared = shared_.lock();
    *std::ranges::find(shared->segments, old) = fresh;
    if (writer.active == old) writer.active = fresh;
    // Places in the old file.
    if (shared->committed.segment == old->base) shared->committed.segment = Offset{-1};
    for (LogPosition& place : shared->recent) {
        if (place.segment == old->base) place = {};
    }
}

}  // namespace stoker::storage
