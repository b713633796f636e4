#include "storage/log_cleaning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "record/rewrite.hpp"
#include "storage/disk_error.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// What a batch may become when it is decompressed: as for one that comes from a producer.
constexpr size_t decompressed_max = 256 << 20;
/// The indexes of a new segment are written in larger pieces than those of the active one.
constexpr size_t tail_entries = 4096;
/// Synced in pieces, so that none holds up the syncs that acknowledgements wait for.
constexpr size_t sync_size = 8 << 20;
constexpr int64_t offset_span_max = std::numeric_limits<int32_t>::max();

/// No more slots than there can be keys in the dirty part.
size_t slots_for(const LogCleaning::Options& options) {
    const auto offsets =
        double(options.range.first_uncleanable - options.range.first_dirty);
    const double wanted = std::ceil(offsets / options.load_factor) + 2;
    return size_t(std::clamp(wanted, 2.0, double(std::max<size_t>(options.map_slots_max, 2))));
}

std::unexpected<DiskError> damaged(const record::BatchView& batch) {
    return malformed_file("a segment", "the batch at offset " +
                                           std::to_string(raw(batch.header.base_offset)) +
                                           " cannot be read");
}

}  // namespace

/// What becomes of a batch.
struct LogCleaning::Verdict {
    bool drop_records = false;
    /// It stays, if only as an empty one.
    bool keep_batch = false;
    /// A marker that needs a horizon, as tombstones do.
    bool marker_may_go = false;
};

/// The new segment while it is written: its files are called *.cleaned.
class LogCleaning::SegmentWriter {
public:
    SegmentWriter(LogCleaning& owner, std::shared_ptr<Segment> segment)
        : owner_(owner), segment_(std::move(segment)) {}

    DiskResult<void> append(const record::BatchHeader& header, ByteView batch) {
        const int64_t position = segment_->size + int64_t(waiting_.size());
        segment_->indexes->note_batch(header, position, owner_.config_.index_interval_bytes);
        if (!segment_->first_timestamp_ms) segment_->first_timestamp_ms = header.max_timestamp;
        waiting_.insert(waiting_.end(), batch.begin(), batch.end());
        owner_.stats_.bytes_written += int64_t(batch.size());
        owner_.stats_.messages_written += header.record_count;
        if (waiting_.size() < owner_.options_.block_size) return {};
        return write();
    }

    /// All of it on the disk.
    DiskResult<std::shared_ptr<Segment>> finish(int64_t seen_ms,
                                                std::span<const AbortedTransaction> aborted) {
        if (const auto done = write(); !done) return std::unexpected(done.error());
        SegmentIndexes& indexes = *segment_->indexes;
        indexes.note_end();
        if (const auto done = indexes.write_tails(); !done) return std::unexpected(done.error());
        indexes.drop_tails();
        for (const auto& file :
             {segment_->file, indexes.offset.file().file(), indexes.time.file().file()}) {
            if (const auto done = file->sync(); !done) return std::unexpected(done.error());
        }
        const auto indexed = rebuild_transaction_index(owner_.disk_, owner_.log_.folder(),
                                                       *segment_, aborted, cleaned_suffix);
        if (!indexed) return std::unexpected(indexed.error());
        segment_->seen_ms = seen_ms;
        return segment_;
    }

private:
    DiskResult<void> write() {
        if (waiting_.empty()) return {};
        if (!owner_.pace_(waiting_.size())) return std::unexpected(given_up());
        const auto done = segment_->file->write(segment_->size, waiting_);
        if (!done) return done;
        segment_->size += int64_t(waiting_.size());
        unsynced_ += waiting_.size();
        waiting_.clear();
        if (unsynced_ >= sync_size) {
            unsynced_ = 0;
            if (const auto synced = segment_->file->sync(); !synced) return synced;
        }
        if (!segment_->indexes->tails_are_full(tail_entries)) return {};
        if (const auto put = segment_->indexes->write_tails(); !put) return put;
        segment_->indexes->drop_tails();
        return {};
    }

    LogCleaning& owner_;
    std::shared_ptr<Segment> segment_;
    Bytes waiting_;
    size_t unsynced_ = 0;
};

LogCleaning::LogCleaning(Disk& disk, const Clock& clock, Log& log, const Options& options,
                         const Pace& pace)
    : disk_(disk),
      clock_(clock),
      log_(log),
      options_(options),
      pace_(pace),
      config_(log.config()),
      now_ms_(clock.wall_ms()),
      map_(slots_for(options), options.secret),
      keys_max_(std::clamp<size_t>(size_t(double(map_.slots()) * options.load_factor), 1,
                                   map_.slots() - 1)) {
    for (ProducerEntry& entry : log.producers()) producers_.emplace(raw(entry.id), entry);
}

DiskResult<Offset> LogCleaning::run() {
    const int64_t start = clock_.monotonic_ns();
    auto segments = segments_before(options_.range.first_uncleanable);
    if (!segments) return std::unexpected(segments.error());
    if (const auto done = build_map(*segments); !done) return std::unexpected(done.error());
    stats_.index_ns = clock_.monotonic_ns() - start;
    const Offset end = map_.latest() + 1;
    while (!segments->empty() && segments->back().base >= end) segments->pop_back();
    if (segments->empty()) return end;
    const auto aborted = aborted_between(segments->front().base, segments->back().end);
    if (!aborted) return std::unexpected(aborted.error());
    transactions_.expect(*aborted);
    for (const Group& group : grouped(std::move(*segments))) {
        if (const auto done = clean_group(group); !done) return std::unexpected(done.error());
    }
    stats_.buffer_utilization = map_.utilization();
    stats_.total_ns = clock_.monotonic_ns() - start;
    return end;
}

DiskResult<std::vector<CleanableSegment>> LogCleaning::segments_before(Offset end) {
    auto segments = log_.cleanable_segments(end);
    if (segments) return std::move(*segments);
    if (segments.error() == ErrorCode::corrupt_message) {
        return malformed_file(log_.folder(), "a segment's indexes cannot be made anew");
    }
    // It is being deleted, or its directory was retired.
    return std::unexpected(given_up());
}

// The map --------------------------------------------------------------------------------------

DiskResult<void> LogCleaning::build_map(const std::vector<CleanableSegment>& segments) {
    const Offset start = options_.range.first_dirty;
    map_.set_latest(start - 1);
    CleanedTransactions state;
    const auto aborted = aborted_between(start, options_.range.first_uncleanable);
    if (!aborted) return std::unexpected(aborted.error());
    state.expect(*aborted);
    for (const CleanableSegment& segment : segments) {
        if (segment.end <= start) continue;
        const auto full = add_segment(segment, state);
        if (!full) return std::unexpected(full.error());
        if (*full) return {};
        // The segment may end in a gap.
        map_.set_latest(segment.end - 1);
    }
    return {};
}

DiskResult<std::vector<AbortedTransaction>> LogCleaning::aborted_between(Offset from,
                                                                         Offset up_to) const {
    auto aborted = log_.aborted_transactions(from, up_to, true);
    if (aborted && *aborted) return std::move(**aborted);
    if (!aborted && aborted.error() == ErrorCode::offset_out_of_range) {
        return std::unexpected(given_up());
    }
    return malformed_file(log_.folder(), "a transaction index cannot be read");
}

/// True when the map is full.
DiskResult<bool> LogCleaning::add_segment(const CleanableSegment& segment,
                                          CleanedTransactions& state) {
    int64_t position = 0;
    if (segment.base < options_.range.first_dirty) {
        const auto entry =
            find_offset(segment.offsets, segment.base, options_.range.first_dirty);
        if (!entry) return std::unexpected(entry.error());
        position = entry->position;
    }
    BatchStream batches(*segment.segment->file, position, segment.size, options_.block_size,
                        pace_);
    for (;;) {
        const auto batch = batches.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return false;
        stats_.map_bytes_read += int64_t((*batch)->bytes.size());
        const auto full = add_batch(**batch, state);
        if (!full || *full) return full;
    }
}

DiskResult<bool> LogCleaning::add_batch(const record::BatchView& batch,
                                        CleanedTransactions& state) {
    const record::BatchHeader& header = batch.header;
    const Offset start = options_.range.first_dirty;
    if (header.is_control()) {
        if (!state.may_go(batch)) return damaged(batch);
    } else if (!state.is_aborted(header)) {
        auto reader = record::RecordReader::open(batch, decompressed_max);
        for (;;) {
            const auto record = reader ? reader->next() : fail(reader.error());
            if (!record) return damaged(batch);
            if (!*record) break;
            if (!(*record)->key || (*record)->offset < start) continue;
            if (!map_.put(*(*record)->key, (*record)->offset, keys_max_)) return true;
            map_.set_latest((*record)->offset);
        }
    }
    if (header.last_offset() >= start) map_.set_latest(header.last_offset());
    return false;
}

// The copy -------------------------------------------------------------------------------------

/// Segments that together are no larger than one may be, nor their indexes, nor their offsets.
std::vector<LogCleaning::Group> LogCleaning::grouped(
    std::vector<CleanableSegment> segments) const {
    std::vector<Group> groups;
    int64_t size = 0;
    int64_t offset_index = 0;
    int64_t time_index = 0;
    for (CleanableSegment& segment : segments) {
        size += segment.size;
        offset_index += segment.offset_index_bytes;
        time_index += segment.time_index_bytes;
        const bool fits =
            !groups.empty() && size <= config_.segment_bytes &&
            offset_index <= config_.segment_index_bytes &&
            time_index <= config_.segment_index_bytes &&
            (segment.size == 0 ||
             segment.end - 1 - groups.back().front().base <= offset_span_max);
        if (!fits) {
            groups.emplace_back();
            size = segment.size;
            offset_index = segment.offset_index_bytes;
            time_index = segment.time_index_bytes;
        }
        groups.back().push_back(std::move(segment));
    }
    return groups;
}

DiskResult<void> LogCleaning::clean_group(const Group& group) {
    const Offset base = group.front().base;
    auto fresh = Segment::create(disk_, log_.folder(), base, cleaned_suffix);
    if (!fresh) return std::unexpected(fresh.error());
    SegmentWriter writer(*this, *fresh);
    auto done = copy_group(group, writer);
    if (done) {
        const auto finished = writer.finish(group.back().seen_ms, transactions_.take_kept());
        if (!finished) done = std::unexpected(finished.error());
    }
    if (done) {
        std::vector<std::shared_ptr<Segment>> old;
        for (const CleanableSegment& segment : group) old.push_back(segment.segment);
        auto replaced = log_.replace_segments(old, *fresh);
        if (replaced) {
            replaced_.insert(replaced_.end(), replaced->begin(), replaced->end());
            return {};
        }
        // The log has said to the directory what failed, if anything did.
        done = std::unexpected(given_up());
    }
    for (const auto suffix :
         {log_suffix, offset_index_suffix, time_index_suffix, transaction_index_suffix}) {
        // What cannot be removed now is removed when the log is opened.
        (void)disk_.remove(segment_path(log_.folder(), base, suffix).append(cleaned_suffix));
    }
    return done;
}

DiskResult<void> LogCleaning::copy_group(const Group& group, SegmentWriter& writer) {
    for (const CleanableSegment& segment : group) {
        BatchStream batches(*segment.segment->file, 0, segment.size, options_.block_size, pace_);
        for (;;) {
            const auto batch = batches.next();
            if (!batch) return std::unexpected(batch.error());
            if (!*batch) break;
            stats_.bytes_read += int64_t((*batch)->bytes.size());
            const auto done = clean_batch(**batch, writer);
            if (!done) return done;
        }
    }
    return {};
}

DiskResult<LogCleaning::Verdict> LogCleaning::judge(const record::BatchView& batch) {
    const record::BatchHeader& header = batch.header;
    Verdict verdict;
    if (header.is_control()) {
        const auto may_go = transactions_.may_go(batch);
        if (!may_go) return damaged(batch);
        const auto horizon = record::delete_horizon(header);
        verdict.marker_may_go = *may_go;
        verdict.drop_records = *may_go && horizon && *horizon <= now_ms_;
    } else {
        verdict.drop_records = transactions_.is_aborted(header);
    }
    verdict.keep_batch = is_last_of_producer(header) ||
                         header.last_offset() + 1 == options_.range.first_uncleanable;
    return verdict;
}

/// Its sequences, or when only a marker is left of the producer its epoch, are needed still.
bool LogCleaning::is_last_of_producer(const record::BatchHeader& header) const {
    if (!header.has_producer_id()) return false;
    const auto found = producers_.find(raw(header.producer_id));
    if (found == producers_.end()) return false;
    const ProducerEntry& entry = found->second;
    if (const ProducerBatch* last = entry.last_batch()) {
        return header.last_offset() == last->last_offset;
    }
    return header.is_control() && header.producer_epoch == entry.epoch;
}

bool LogCleaning::keeps(const record::BatchHeader& header, const record::RecordView& record) {
    if (record.offset > map_.latest()) return true;
    if (!record.key) {
        ++stats_.invalid_messages_read;
        return false;
    }
    const auto last = map_.find(*record.key);
    if (last && record.offset < *last) return false;
    if (record.value) return true;
    const auto horizon = record::delete_horizon(header);
    return !horizon || now_ms_ < *horizon;
}

DiskResult<void> LogCleaning::clean_batch(const record::BatchView& batch, SegmentWriter& writer) {
    const auto verdict = judge(batch);
    if (!verdict) return std::unexpected(verdict.error());
    if (!verdict->drop_records) return copy_kept(batch, *verdict, writer);
    if (!verdict->keep_batch) return {};
    stats_.messages_read += batch.header.record_count;
    const Bytes empty = record::empty_batch(batch.header);
    return writer.append(*record::parse_header(empty), empty);
}

DiskResult<void> LogCleaning::copy_kept(const record::BatchView& batch, const Verdict& verdict,
                                        SegmentWriter& writer) {
    const record::BatchHeader& header = batch.header;
    auto reader = record::RecordReader::open(batch, decompressed_max);
    kept_.clear();
    int32_t count = 0;
    bool tombstones = false;
    for (;; ++count) {
        const auto record = reader ? reader->next() : fail(reader.error());
        if (!record) return damaged(batch);
        if (!*record) break;
        if (!header.is_control() && !keeps(header, **record)) continue;
        tombstones = tombstones || !(*record)->value;
        kept_.push_back(**record);
    }
    stats_.messages_read += count;
    if (kept_.empty()) {
        if (!verdict.keep_batch) return {};
        const Bytes empty = record::empty_batch(header);
        return writer.append(*record::parse_header(empty), empty);
    }
    auto horizon = record::delete_horizon(header);
    const bool endless =
        config_.delete_retention_ms > std::numeric_limits<int64_t>::max() - now_ms_;
    const bool sets_horizon = (tombstones || verdict.marker_may_go) && !horizon && !endless;
    if (int32_t(kept_.size()) == count && !sets_horizon) return writer.append(header, batch.bytes);
    if (sets_horizon) horizon = now_ms_ + config_.delete_retention_ms;
    const Bytes rewritten = record::rewrite_batch(header, kept_, horizon);
    return writer.append(*record::parse_header(rewritten), rewritten);
}

}  // namespace stoker::storage
