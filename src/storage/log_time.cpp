// Log: finding records by time.
#include <utility>

#include "record/batch.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/disk_error.hpp"
#include "storage/log.hpp"
#include "storage/segment.hpp"

namespace stoker::storage {

namespace {

/// What a batch that is looked into may become when it is decompressed.
constexpr size_t decompressed_max = 128 << 20;

/// The first record of the batch at or behind `least` that is of that time or later.
DiskResult<std::optional<TimestampOffset>> first_in_batch(File& file, const ScannedBatch& batch,
                                                          int64_t timestamp_ms, Offset least) {
    const auto bytes = read_batch(file, batch);
    if (!bytes) return std::unexpected(bytes.error());
    auto reader = record::RecordReader::open({batch.header, *bytes}, decompressed_max);
    while (reader) {
        const auto record = reader->next();
        if (!record) break;
        if (!*record) return std::nullopt;
        if ((*record)->timestamp < timestamp_ms || (*record)->offset < least) continue;
        return TimestampOffset{(*record)->timestamp, (*record)->offset,
                               batch.header.leader_epoch};
    }
    return malformed_file("a segment", "a batch cannot be read");
}

}  // namespace

/// A segment's indexes at one moment.
struct Log::TimeView {
    std::shared_ptr<Segment> segment;
    IndexView offsets;
    IndexView times;
    TimeEntry largest;
    int64_t size = 0;
};

/// Loads the segment where needed. Nothing when there is none of that base any more.
Result<std::optional<Log::TimeView>> Log::time_view(Offset base) {
    if (const auto done = load_segment(base, false); !done) return fail(done.error());
    const auto shared = shared_.lock();
    for (const auto& segment : shared->segments) {
        if (segment->base != base || !segment->indexes) continue;
        return TimeView{segment, segment->indexes->offset.file().view(true),
                        segment->indexes->time.file().view(true), segment->indexes->largest,
                        segment->size};
    }
    return std::nullopt;
}

std::vector<Offset> Log::segment_bases() const {
    const auto shared = shared_.lock();
    std::vector<Offset> bases;
    for (const auto& segment : shared->segments) bases.push_back(segment->base);
    return bases;
}

DiskResult<std::optional<TimestampOffset>> Log::find_time_in(const TimeView& view,
                                                             int64_t timestamp_ms,
                                                             Offset least) const {
    const Segment& segment = *view.segment;
    const auto time = find_time(view.times, segment.base, timestamp_ms);
    if (!time) return std::unexpected(time.error());
    const Offset from = std::max(time->offset, least);
    const auto start = find_batch(segment, view.offsets, view.size, from);
    if (!start) return std::unexpected(start.error());
    if (!start->there) return std::nullopt;
    BatchScanner scanner(*segment.file, start->batch.position, view.size);
    for (;;) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return std::nullopt;
        const record::BatchHeader& header = (*batch)->header;
        if (header.max_timestamp < timestamp_ms || header.last_offset() < least) continue;
        auto found = first_in_batch(*segment.file, **batch, timestamp_ms, least);
        if (!found || *found) return found;
    }
}

Result<TimestampOffset> Log::offset_for_time(int64_t timestamp_ms) {
    if (context_.directory.offline()) return fail(ErrorCode::kafka_storage_error);
    bool healed = false;
    for (const Offset base : segment_bases()) {
        for (;;) {
            const auto view = time_view(base);
            if (!view) return fail(view.error());
            if (!*view || (*view)->largest.timestamp_ms < timestamp_ms) break;
            const auto found = find_time_in(**view, timestamp_ms, start_offset());
            if (found && *found) {
                if ((*found)->offset >= high_watermark()) return TimestampOffset{};
                return **found;
            }
            if (found) break;
            if (!is_malformed(found.error())) return fail(ErrorCode::kafka_storage_error);
            if (std::exchange(healed, true)) return fail(ErrorCode::corrupt_message);
            if (const auto done = load_segment(base, true); !done) return fail(done.error());
        }
    }
    return TimestampOffset{};
}

Result<TimestampOffset> Log::max_timestamp() {
    if (context_.directory.offline()) return fail(ErrorCode::kafka_storage_error);
    std::optional<TimeView> latest;
    for (const Offset base : segment_bases()) {
        auto view = time_view(base);
        if (!view) return fail(view.error());
        if (!*view || (*view)->size == 0) continue;
        const bool later =
            !latest || (*view)->largest.timestamp_ms > latest->largest.timestamp_ms;
        if (later) latest = std::move(**view);
    }
    if (!latest || latest->largest.timestamp_ms < 0) return TimestampOffset{};
    const auto batch =
        find_batch(*latest->segment, latest->offsets, latest->size, latest->largest.offset);
    if (!batch || !batch->there) return fail(ErrorCode::corrupt_message);
    const auto bytes = read_batch(*latest->segment->file, batch->batch);
    if (!bytes) return fail(ErrorCode::kafka_storage_error);
    const record::BatchHeader& header = batch->batch.header;
    const auto found = record::max_timestamp_record({header, *bytes}, decompressed_max);
    if (!found) return fail(found.error());
    return TimestampOffset{found->timestamp, found->offset, header.leader_epoch};
}

}  // namespace stoker::storage
