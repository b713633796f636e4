// Log: what the cleaner asks of it, and how cleaned segments take their place (KIP-58, KIP-354).
//
// The order of the steps is such that a crash between any two of them leaves either the old
// segments or the new one, as Apache Kafka has it too; log_loader.cpp does the other half.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "storage/batch_scanner.hpp"
#include "storage/log.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// The indexes first: while a data file is there, its indexes are nobody else's.
constexpr std::array replaced_suffixes{offset_index_suffix, time_index_suffix,
                                       transaction_index_suffix, log_suffix};
/// The data file first: what follows it belongs to it.
constexpr std::array installed_suffixes{log_suffix, offset_index_suffix, time_index_suffix,
                                        transaction_index_suffix};

/// The greatest timestamp of its records, or when it was last seen to be written.
int64_t newest_ms(const Segment& segment) {
    const int64_t largest = segment.indexes->largest.timestamp_ms;
    return largest >= 0 ? largest : segment.seen_ms;
}

/// The one that contains the offset, or the last one that begins before it.
size_t segment_at(const std::vector<std::shared_ptr<Segment>>& segments, Offset offset) {
    const auto next =
        std::upper_bound(segments.begin(), segments.end(), offset,
                         [](Offset at, const auto& segment) { return at < segment->base; });
    return next == segments.begin() ? 0 : size_t(next - segments.begin()) - 1;
}

/// The first batch's greatest timestamp.
DiskResult<int64_t> first_timestamp(const Segment& segment) {
    BatchScanner scanner(*segment.file, 0, segment.size);
    const auto first = scanner.next();
    if (!first) return std::unexpected(first.error());
    return *first ? (*first)->header.max_timestamp : record::no_timestamp;
}

}  // namespace

Result<CleanableRange> Log::cleanable_range(std::optional<Offset> cleaned_to) {
    const std::lock_guard keeping(segments_mutex_);
    if (const auto good = usable(*writer_.lock()); !good) return fail(good.error());
    const LogConfig config = this->config();
    const auto segments = shared_.lock()->segments;
    const int64_t now = context_.clock.wall_ms();
    const Offset start = start_offset();
    CleanableRange range;
    range.first_dirty = cleaned_to.value_or(start);
    if (range.first_dirty < start || range.first_dirty > end_offset()) {
        range.checkpoint_was_wrong = true;
        range.first_dirty = start;
    }

    const size_t active = segments.size() - 1;
    const size_t dirty = segment_at(segments, range.first_dirty);
    size_t bound = std::min(active, segment_at(segments, last_stable_offset()));
    if (config.min_compaction_lag_ms > 0) {
        for (size_t i = dirty; i < bound; ++i) {
            const auto done = load_segment(*writer_.lock(), segments[i]->base, false);
            if (!done) return fail(done.error());
            if (newest_ms(*segments[i]) > now - config.min_compaction_lag_ms) bound = i;
        }
    }
    range.first_uncleanable = std::max(range.first_dirty, segments[bound]->base);
    for (size_t i = 0; i < active; ++i) {
        if (segments[i]->base < range.first_dirty) range.clean_bytes += segments[i]->size;
        if (i >= dirty && i < bound) range.cleanable_bytes += segments[i]->size;
    }
    const int64_t until = now - config.max_compaction_lag_ms;
    for (size_t i = dirty; i < active && until > 0; ++i) {
        const auto first = first_timestamp(*segments[i]);
        // Cleaning itself says what is wrong with it.
        if (!first || *first <= 0) continue;
        range.compaction_delay_ms = std::max(range.compaction_delay_ms, until - *first);
    }
    return range;
}

Result<std::vector<CleanableSegment>> Log::cleanable_segments(Offset end) {
    const std::lock_guard keeping(segments_mutex_);
    if (const auto good = usable(*writer_.lock()); !good) return fail(good.error());
    const auto segments = shared_.lock()->segments;
    std::vector<CleanableSegment> found;
    for (size_t i = 0; i + 1 < segments.size() && segments[i]->base < end; ++i) {
        const std::shared_ptr<Segment>& segment = segments[i];
        const auto done = load_segment(*writer_.lock(), segment->base, false);
        if (!done) return fail(done.error());
        const IndexFile& offsets = segment->indexes->offset.file();
        const IndexFile& times = segment->indexes->time.file();
        found.push_back({.segment = segment,
                         .base = segment->base,
                         .end = segments[i + 1]->base,
                         .size = segment->size,
                         .seen_ms = segment->seen_ms,
                         .offsets = offsets.view(true),
                         .offset_index_bytes = offsets.count() * int64_t(OffsetIndex::entry_size),
                         .time_index_bytes = times.count() * int64_t(TimeIndex::entry_size)});
    }
    return found;
}

/// Are these, one behind the other, still segments of the log?
bool Log::has_segments(const std::vector<std::shared_ptr<Segment>>& wanted) const {
    const auto shared = shared_.lock();
    const auto& segments = shared->segments;
    const auto found = std::search(segments.begin(), segments.end(), wanted.begin(), wanted.end());
    return found != segments.end();
}

Result<std::vector<std::string>> Log::replace_segments(
    const std::vector<std::shared_ptr<Segment>>& replaced, std::shared_ptr<Segment> fresh) {
    const std::lock_guard keeping(segments_mutex_);
    if (const auto good = usable(*writer_.lock()); !good) return fail(good.error());
    // Retention was faster.
    if (!has_segments(replaced)) return fail(ErrorCode::offset_out_of_range);
    if (const auto done = rename_all(fresh->base, cleaned_suffix, swap_suffix); !done) {
        return fail(replacement_failure(done.error(), false));
    }
    // From here on the new one counts, whatever happens.
    install(replaced, fresh);
    auto renamed = put_away(replaced, fresh->base);
    if (!renamed) return fail(replacement_failure(renamed.error(), true));
    if (const auto done = rename_all(fresh->base, swap_suffix, {}); !done) {
        return fail(replacement_failure(done.error(), true));
    }
    return std::move(*renamed);
}

/// The files of a segment from one stage to the next, so that a power cut does not undo it.
DiskResult<void> Log::rename_all(Offset base, std::string_view from, std::string_view to) {
    for (const auto suffix : installed_suffixes) {
        const std::string path = segment_path(folder_, base, suffix);
        const std::string old_path = path + std::string(from);
        const auto there = context_.disk.exists(old_path);
        if (!there) return std::unexpected(there.error());
        if (!*there) continue;
        const auto done = context_.disk.rename(old_path, path + std::string(to));
        if (!done) return done;
    }
    return context_.disk.sync_folder(folder_);
}

/// Readers find the new segment from now on; those that are at an old one keep its files.
void Log::install(const std::vector<std::shared_ptr<Segment>>& replaced,
                  const std::shared_ptr<Segment>& fresh) {
    auto writer = writer_.lock();
    auto shared = shared_.lock();
    auto& segments = shared->segments;
    const auto first = std::ranges::find(segments, replaced.front());
    *first = fresh;
    segments.erase(first + 1, first + std::ptrdiff_t(replaced.size()));
    const auto is_gone = [&](Offset base) {
        return std::ranges::any_of(replaced, [&](const auto& old) { return old->base == base; });
    };
    // Places in files that nobody reads any more.
    if (is_gone(shared->committed.segment)) shared->committed.segment = Offset{-1};
    for (LogPosition& place : shared->recent) {
        if (is_gone(place.segment)) place = {};
    }
}

DiskResult<std::vector<std::string>> Log::put_away(
    const std::vector<std::shared_ptr<Segment>>& replaced, Offset kept_snapshot) {
    std::vector<std::string> renamed;
    const auto put = [&](Offset base, std::string_view suffix) -> DiskResult<void> {
        const std::string path = segment_path(folder_, base, suffix);
        const auto there = context_.disk.exists(path);
        if (!there) return std::unexpected(there.error());
        if (!*there) return {};
        std::string deleted = path + std::string(deleted_suffix);
        if (const auto done = context_.disk.rename(path, deleted); !done) return done;
        renamed.push_back(std::move(deleted));
        return {};
    };
    for (const auto& segment : replaced) {
        for (const auto suffix : replaced_suffixes) {
            if (const auto done = put(segment->base, suffix); !done) {
                return std::unexpected(done.error());
            }
        }
        if (segment->base == kept_snapshot) continue;
        if (const auto done = put(segment->base, snapshot_suffix); !done) {
            return std::unexpected(done.error());
        }
    }
    if (const auto done = context_.disk.sync_folder(folder_); !done) {
        return std::unexpected(done.error());
    }
    return renamed;
}

/// `decided`: half of the files have their new names, which only the next start can mend.
ErrorCode Log::replacement_failure(const DiskError& error, bool decided) {
    if (writer_.lock()->deleted) return ErrorCode::unknown_topic_or_partition;
    if (decided) context_.directory.retire(error);
    else context_.directory.failed(error);
    return ErrorCode::kafka_storage_error;
}

}  // namespace stoker::storage
