// Log: reading. What has to be known is copied under the shared lock (plan_read); then files are
// looked into without any lock (carry_out).

#include <algorithm>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include "record/batch.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/disk_error.hpp"
#include "storage/log.hpp"
#include "storage/loggers.hpp"
#include "storage/segment.hpp"

namespace stoker::storage {

namespace {

/// Larger batches are not looked through where nobody may wait.
constexpr size_t checked_at_once_max = 1 << 20;
/// How often a segment may be taken away under one call's hands.
constexpr int replaced_max = 100;

}  // namespace

/// One segment's part of a read, as it was at one moment.
struct Log::ReadPlan {
    std::shared_ptr<Segment> segment;
    bool needs_loading = false;
    bool last = false;    // there is no segment behind it
    Offset end{};         // where the segment ends
    Offset up_to{};       // where reading ends, in this segment
    int64_t start = -1;   // where `from` is; -1: to be looked up
    int64_t limit = -1;   // where up_to is; -1: to be looked up
    int64_t size = 0;     // bytes that hold whole batches
    IndexView index;      // unless all is known
    bool may_block = true;

    bool needs_index(size_t max_bytes) const {
        return start < 0 || limit < 0 || limit - start > int64_t(max_bytes);
    }
};

namespace {

ErrorCode read_failure(const DiskError& error) {
    logger().error("Reading failed: {}", error.what);
    return ErrorCode::kafka_storage_error;
}

/// The batch that a reader begins with, unless it goes on where one has ended: it begins here again
/// when a client has refused what it was sent last.
DiskResult<void> check_batch(const Segment& segment, const ScannedBatch& batch, Offset end,
                             bool may_block) {
    if (batch.header.last_offset() >= end) {
        return malformed_file("a segment", "a batch reaches beyond its end");
    }
    if (!may_block && batch.header.size() > checked_at_once_max) {
        return std::unexpected(DiskError{.code = EAGAIN, .what = "a large batch to check"});
    }
    const auto bytes = read_batch(*segment.file, batch, may_block);
    if (!bytes) return std::unexpected(bytes.error());
    if (record::validate(*bytes, record::Origin::log)) return {};
    return malformed_file("a segment", "the batch at offset " +
                                           std::to_string(raw(batch.header.base_offset)) +
                                           " has a wrong checksum");
}

DiskResult<SegmentIndexes> load_or_rebuild(Disk& disk, const std::string& folder,
                                           const Segment& segment, Offset end, bool rebuild,
                                           int32_t interval_bytes) {
    if (!rebuild) {
        auto loaded = load_indexes(disk, folder, segment, end);
        if (!loaded) return std::unexpected(loaded.error());
        if (*loaded) return std::move(**loaded);
    }
    logger().warn("The indexes of the segment {} in {} are missing or damaged; they are made anew.",
                  raw(segment.base), folder);
    return rebuild_indexes(disk, folder, segment, segment.size, interval_bytes);
}

/// Where the last whole batch ends that begins at `start` or behind it and ends at or before
/// `most`, and the offset behind it. `first` is the batch at `start`, which does.
DiskResult<std::pair<int64_t, Offset>> last_end(const Segment& segment, const IndexView& index,
                                                const ScannedBatch& first, int64_t limit,
                                                int64_t most) {
    std::pair<int64_t, Offset> end{first.end(), first.header.last_offset() + 1};
    const auto entry = find_position(index, segment.base, most);
    if (!entry) return std::unexpected(entry.error());
    int64_t from = first.end();
    const bool skips = entry->position > from && entry->position < limit;
    if (skips) from = entry->position;
    BatchScanner scanner(*segment.file, from, limit, index.may_block);
    for (bool at_entry = skips;; at_entry = false) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return end;
        const record::BatchHeader& header = (*batch)->header;
        if (at_entry && header.last_offset() != entry->offset) {
            return malformed_file("an index", "does not fit its segment");
        }
        // What lies before the entry fits whole.
        if (at_entry) end = {from, header.base_offset};
        if ((*batch)->end() > most) return end;
        end = {(*batch)->end(), header.last_offset() + 1};
    }
}

}  // namespace

Result<ReadResult> Log::read(const ReadOptions& options) {
    if (context_.directory.offline()) return fail(ErrorCode::kafka_storage_error);
    if (options.from < start_offset() || options.from > end_offset()) {
        return fail(ErrorCode::offset_out_of_range);
    }
    Offset segment_at = options.from;
    Mended mended = Mended::nothing;
    for (int replaced = 0;;) {
        const auto plan = plan_read(options, segment_at);
        if (!plan) return ReadResult{.next = options.from};
        if (plan->needs_loading) {
            if (!options.may_block) return ReadResult{.next = options.from, .would_block = true};
            const auto done = load_segment(plan->segment->base, false);
            if (!done) return fail(done.error());
            continue;
        }
        const auto result = carry_out(*plan, options);
        if (result && *result) {
            remember(*plan, **result);
            return **result;
        }
        if (result) {
            // Nothing is left in this segment: on with the next.
            segment_at = plan->end;
            continue;
        }
        if (result.error().would_block()) {
            return ReadResult{.next = options.from, .would_block = true};
        }
        // Retention, a deletion or the cleaner may have taken the segment away meanwhile.
        if (options.from < start_offset()) return fail(ErrorCode::offset_out_of_range);
        if (!has_segments({plan->segment}) && replaced++ < replaced_max) continue;
        if (!is_malformed(result.error())) return fail(read_failure(result.error()));
        if (!options.may_block) return ReadResult{.next = options.from, .would_block = true};
        if (mended == Mended::data) return fail(ErrorCode::corrupt_message);
        const auto done = mend(plan->segment->base, mended);
        if (!done) return fail(done.error());
    }
}

/// A segment is not as it should be. First the indexes are made anew; when they cannot be, or it
/// was not that, what is damaged is taken out of the data.
Result<void> Log::mend(Offset base, Mended& mended) {
    if (mended == Mended::nothing) {
        mended = Mended::indexes;
        const auto healed = load_segment(base, true);
        if (healed || healed.error() != ErrorCode::corrupt_message) return healed;
    }
    mended = Mended::data;
    return repair(base);
}

/// What a read that begins in the segment of the offset `segment_at` needs. Nothing when there is
/// nothing to read.
std::optional<Log::ReadPlan> Log::plan_read(const ReadOptions& options, Offset segment_at) const {
    const auto shared = shared_.lock();
    const Offset up_to = std::min(options.up_to, end_offset());
    if (segment_at >= up_to) return {};
    const auto& segments = shared->segments;
    auto next = std::upper_bound(segments.begin(), segments.end(), segment_at,
                                 [](Offset at, const auto& segment) { return at < segment->base; });
    ReadPlan plan;
    plan.last = next == segments.end();
    plan.end = plan.last ? end_offset() : (*next)->base;
    // Retention was faster: the first segment that is left.
    plan.segment = next == segments.begin() ? *next : *std::prev(next);
    const Segment& segment = *plan.segment;
    plan.size = segment.size;
    plan.up_to = std::min(up_to, plan.end);
    plan.may_block = options.may_block;

    if (options.from <= segment.base) plan.start = 0;
    for (const LogPosition& place : shared->recent) {
        if (place.offset == options.from && place.segment == segment.base) {
            plan.start = place.position;
        }
    }
    const LogPosition& committed = shared->committed;
    const bool committed_here = committed.segment == segment.base;
    if (committed_here && committed.offset == options.from) plan.start = committed.position;
    if (up_to >= plan.end) {
        plan.limit = segment.size;
    } else if (committed_here && committed.offset == up_to) {
        plan.limit = committed.position;
    }
    if (!plan.needs_index(options.max_bytes)) return plan;
    if (!segment.indexes) {
        plan.needs_loading = true;
        return plan;
    }
    plan.index = segment.indexes->offset.file().view(options.may_block);
    return plan;
}

/// Nothing when the segment holds nothing at or behind `from`.
DiskResult<std::optional<ReadResult>> Log::carry_out(const ReadPlan& plan,
                                                     const ReadOptions& options) const {
    const Segment& segment = *plan.segment;
    int64_t start = plan.start;
    if (start < 0) {
        const auto found = find_batch(segment, plan.index, plan.size, options.from);
        if (!found) return std::unexpected(found.error());
        if (!found->there) return std::nullopt;
        if (const auto good = check_batch(segment, found->batch, plan.end, plan.may_block); !good) {
            return std::unexpected(good.error());
        }
        start = found->batch.position;
    }
    int64_t limit = plan.limit;
    if (limit < 0) {
        const auto found = find_batch(segment, plan.index, plan.size, plan.up_to);
        if (!found) return std::unexpected(found.error());
        limit = found->there ? found->batch.position : plan.size;
    }
    ReadResult result{.next = options.from};
    if (limit <= start) {
        if (plan.last || plan.up_to < plan.end) return result;
        return std::nullopt;
    }
    int64_t end = limit;
    Offset next = plan.up_to;
    if (limit - start > int64_t(options.max_bytes)) {
        BatchScanner scanner(*segment.file, start, limit, plan.may_block);
        const auto first = scanner.next();
        if (!first) return std::unexpected(first.error());
        const int64_t most = start + int64_t(options.max_bytes);
        if ((*first)->end() > most) {
            if (!options.at_least_one_batch) return result;
            end = (*first)->end();
            next = (*first)->header.last_offset() + 1;
        } else {
            const auto last = last_end(segment, plan.index, **first, limit, most);
            if (!last) return std::unexpected(last.error());
            std::tie(end, next) = *last;
        }
    }
    result.size = size_t(end - start);
    result.slices.push_back({segment.file, start, result.size});
    result.next = next;
    return result;
}

void Log::remember(const ReadPlan& plan, const ReadResult& result) {
    if (result.slices.empty()) return;
    const FileSlice& slice = result.slices.front();
    const LogPosition place{result.next, plan.segment->base,
                            slice.position + int64_t(slice.size)};
    auto shared = shared_.lock();
    const auto& segments = shared->segments;
    const auto now = std::ranges::lower_bound(segments, place.segment, {}, &Segment::base);
    // Retention or the cleaner has taken it away meanwhile.
    if (now == segments.end() || *now != plan.segment) return;
    for (LogPosition& recent : shared->recent) {
        if (recent.offset == place.offset) {
            recent = place;
            return;
        }
    }
    shared->recent[shared->recent_next++ % LogShared::recent_max] = place;
}

Result<void> Log::load_segment(Offset base, bool heal) {
    // While a segment is being replaced, its files are on their way from one name to another.
    const std::lock_guard keeping(segments_mutex_);
    auto writer = writer_.lock();
    if (const auto good = usable(*writer); !good) return good;
    return load_segment(*writer, base, heal);
}

/// Loads the indexes of a segment, or makes them anew: because they are missing or not plausible,
/// or because a reader found them not to fit (`heal`).
Result<void> Log::load_segment(LogWriter& writer, Offset base, bool heal) {
    std::shared_ptr<Segment> segment;
    Offset end = end_offset();
    {
        const auto shared = shared_.lock();
        for (const auto& candidate : shared->segments) {
            if (segment != nullptr) {
                end = candidate->base;
                break;
            }
            if (candidate->base == base) segment = candidate;
        }
        // Gone: whoever asked looks again.
        if (segment == nullptr || (segment->indexes && !heal)) return {};
    }
    const auto fresh = load_or_rebuild(context_.disk, folder_, *segment, end, heal,
                                       writer.config.index_interval_bytes);
    if (!fresh) {
        if (is_malformed(fresh.error())) return fail(ErrorCode::corrupt_message);
        return fail(storage_failure(fresh.error()));
    }
    auto shared = shared_.lock();
    segment->indexes = *fresh;
    if (heal) segment->indexes_unsynced = true;
    return {};
}

}  // namespace stoker::storage
