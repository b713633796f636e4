// Log: appending, rolling, and what goes with them.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "record/batch.hpp"
#include "storage/disk_path.hpp"
#include "storage/log.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// New entries of a busy index are written together, but not later than this.
constexpr int64_t index_tail_age_ms = 1000;
constexpr int64_t offset_span_max = std::numeric_limits<int32_t>::max();

ProducerCheck check_of(const AppendOptions& options) {
    return {.source = options.from_client ? ProducerCheck::Source::client
                                          : ProducerCheck::Source::broker,
            .now_ms = options.now_ms,
            .verification = options.verification,
            .transaction_version = options.transaction_version,
            .separate = options.separate};
}

int64_t max_timestamp_of(const std::vector<IncomingBatch>& incoming) {
    int64_t latest = record::no_timestamp;
    for (const auto& batch : incoming) latest = std::max(latest, batch.header.max_timestamp);
    return latest;
}

}  // namespace

Result<AppendResult> Log::append(MutableByteView batches, const AppendOptions& options) {
    AppendResult result;
    bool flush = false;
    {
        auto writer = writer_.lock();
        if (const auto good = usable(*writer); !good) return fail(good.error());
        if (writer->closed) return fail(ErrorCode::kafka_storage_error);
        const auto duplicate = survey(*writer, batches, options);
        if (!duplicate) return fail(duplicate.error());
        if (*duplicate) return **duplicate;

        const auto rolled = make_room(*writer, batches.size(), options);
        if (!rolled) return fail(rolled.error());
        if (const auto done = assign_epoch(*writer, options.epoch); !done)
            return fail(done.error());
        stamp(*writer, batches, options);
        const bool aborts = !writer->update.aborted().empty();
        if (aborts) {
            if (const auto done = index_aborted(*writer); !done) return fail(done.error());
        }
        if (const auto done = write(*writer, batches); !done) {
            if (aborts) take_back_aborted(*writer);
            return fail(done.error());
        }
        result.base_offset = end_offset();
        publish(*writer, batches.size());
        show_index_entries(*writer);
        result.last_offset = end_offset() - 1;
        result.committed = high_watermark() > result.last_offset;
        result.log_start_offset = start_offset();
        if (options.log_append_time) result.log_append_time_ms = options.now_ms;
        const bool due = flush_is_due(*writer);
        result.flush_due = due && options.leave_flush_to_caller;
        flush = *rolled || (due && !options.leave_flush_to_caller);
    }
    if (flush) request_flush();
    return result;
}

/// Reads the batches' headers, gives them their offsets, and asks the producers' state. The answer
/// at once when the batches are duplicates.
Result<std::optional<AppendResult>> Log::survey(LogWriter& writer, MutableByteView batches,
                                                const AppendOptions& options) const {
    writer.incoming.clear();
    writer.update.clear();
    if (batches.size() > size_t(writer.config.segment_bytes)) {
        return fail(ErrorCode::record_list_too_large);
    }
    record::BatchReader reader(batches);
    const ProducerCheck how = check_of(options);
    const Offset first = end_offset();
    Offset next = first;
    for (;;) {
        const size_t position = reader.position();
        const auto found = reader.next();
        if (!found) return fail(found.error());
        if (!*found) break;
        record::BatchView batch = **found;
        if (batch.header.last_offset_delta < 0) return fail(ErrorCode::invalid_record);
        batch.header.base_offset = next;
        batch.header.leader_epoch = options.epoch;
        if (options.log_append_time) batch.header.max_timestamp = options.now_ms;
        next = batch.header.last_offset() + 1;
        if (next - first > offset_span_max) return fail(ErrorCode::record_list_too_large);

        const auto original = writer.producers.check(batch, how, writer.update);
        if (!original) return fail(original.error());
        if (*original) {
            return AppendResult{
                .base_offset = (*original)->first_offset(),
                .last_offset = (*original)->last_offset,
                .log_append_time_ms = options.log_append_time ? (*original)->timestamp_ms : -1,
                .log_start_offset = start_offset(),
                .duplicate = true,
                .committed = high_watermark() > (*original)->last_offset};
        }
        writer.incoming.push_back({position, batch.header});
    }
    if (writer.incoming.empty()) return fail(ErrorCode::invalid_record);
    return std::nullopt;
}

/// Rolls when the active segment has no room, or is too old. True when it did.
Result<bool> Log::make_room(LogWriter& writer, size_t bytes, const AppendOptions& options) {
    const LogConfig& config = writer.config;
    const Segment& active = *writer.active;
    const Offset last = writer.incoming.back().header.last_offset();
    const int64_t first_timestamp = active.first_timestamp_ms.value_or(record::no_timestamp);
    // Records that have timestamps are compared among themselves, so that loading old ones rolls
    // as if it had been done then.
    const int64_t age = first_timestamp >= 0
                            ? max_timestamp_of(writer.incoming) - first_timestamp
                            : options.now_ms - active.seen_ms;
    const bool full = active.size > config.segment_bytes - int64_t(bytes);
    const bool old = active.size > 0 && age > config.segment_ms_max() - active.jitter_ms;
    const bool indexes_full = active.indexes->offset.is_full(config.segment_index_bytes) ||
                              active.indexes->time.is_full(config.segment_index_bytes);
    const bool far = last - active.base > offset_span_max;
    if ((full || old || indexes_full || far) && active.size > 0) {
        if (const auto done = roll(writer); !done) return fail(done.error());
        return true;
    }
    if (active.indexes->tails_are_full()) {
        if (const auto done = write_index_tails(writer); !done) return fail(done.error());
    }
    return false;
}

/// A new epoch is in its file before its first record is in the log. The next flush() syncs it; a
/// power cut before that costs nothing, for recovery finds the epochs in the batches.
Result<void> Log::assign_epoch(LogWriter& writer, LeaderEpoch epoch) {
    if (epoch < LeaderEpoch{0} || epoch == writer.epoch) return {};
    LeaderEpochCache epochs = shared_.lock()->epochs;
    const auto latest = epochs.latest();
    if (latest && epoch <= latest->epoch) {
        writer.epoch = epoch;
        return {};
    }
    epochs.assign(epoch, end_offset());
    if (const auto done = store_epochs(epochs); !done) return fail(storage_failure(done.error()));
    shared_.lock()->epochs = std::move(epochs);
    writer.epoch = epoch;
    return {};
}

DiskResult<void> Log::store_epochs(const LeaderEpochCache& epochs) {
    const std::string path = join(folder_, leader_epoch_file_name);
    const std::string fresh = path + std::string(temporary_suffix);
    const auto file = context_.disk.open(fresh, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    DiskResult<void> done = (*file)->write(0, bytes_of(format_leader_epochs(epochs)));
    if (done) done = context_.disk.rename(fresh, path);
    if (!done) {
        (void)context_.disk.remove(fresh);
        return done;
    }
    epochs_unsynced_ = true;
    return {};
}

void Log::stamp(const LogWriter& writer, MutableByteView batches,
                const AppendOptions& options) const {
    Offset expected = end_offset();
    for (const IncomingBatch& batch : writer.incoming) {
        const MutableByteView bytes = batches.subspan(batch.position, batch.header.size());
        record::assign_offsets(bytes, batch.header.base_offset, options.epoch);
        if (options.log_append_time) record::set_log_append_time(bytes, options.now_ms);
        // The last look before the bytes are kept for good.
        const Offset stamped{load_big_endian<int64_t>(bytes.data() + record::field::base_offset)};
        STOKER_CHECK(stamped == expected, "offsets follow one another");
        expected = batch.header.last_offset() + 1;
    }
}

Result<void> Log::write(const LogWriter& writer, ByteView batches) const {
    const Segment& active = *writer.active;
    const auto put = active.file->write(active.size, batches);
    if (put) {
        context_.directory.succeeded();
        return {};
    }
    if (put.error().no_space()) {
        // A part may have been written: back to the last good byte.
        if (const auto cut = active.file->truncate(active.size); !cut) {
            context_.directory.retire(cut.error());
        }
    }
    return fail(storage_failure(put.error()));
}

void Log::publish(LogWriter& writer, size_t bytes) {
    Segment& active = *writer.active;
    const Offset end = writer.incoming.back().header.last_offset() + 1;
    const LogPosition place{end, active.base, active.size + int64_t(bytes)};
    const bool commits = !writer.config.waits_for_disk();
    {
        auto shared = shared_.lock();
        for (const IncomingBatch& batch : writer.incoming) {
            active.indexes->note_batch(batch.header, active.size + int64_t(batch.position),
                                       writer.config.index_interval_bytes);
        }
        if (!active.first_timestamp_ms) {
            active.first_timestamp_ms = writer.incoming.front().header.max_timestamp;
        }
        active.size = place.position;
        active.aborted_size +=
            int64_t(writer.update.aborted().size() * aborted_transaction_size);
        if (shared->unflushed_since_ms < 0) {
            shared->unflushed_since_ms = context_.clock.monotonic_ms();
        }
        end_offset_.store(raw(end), std::memory_order_release);
        if (commits) set_high_watermark(*shared, place);
    }
    writer.producers.commit(writer.update);
    appends_.fetch_add(1, std::memory_order_relaxed);
    if (commits) high_watermark_moved(writer);
}

void Log::set_high_watermark(LogShared& shared, const LogPosition& to) {
    if (to.offset <= high_watermark()) return;
    shared.committed = to;
    high_watermark_.store(raw(to.offset), std::memory_order_release);
}

void Log::raise_high_watermark(LogWriter& writer, const LogPosition& to) {
    set_high_watermark(*shared_.lock(), to);
    high_watermark_moved(writer);
}

void Log::high_watermark_moved(LogWriter& writer) {
    writer.producers.high_watermark_moved(high_watermark());
    update_last_stable(writer);
}

bool Log::flush_is_due(const LogWriter& writer) const {
    const int64_t limit = writer.config.flush_messages;
    return limit != LogConfig::never && end_offset() - flushed_offset() >= limit;
}

Result<void> Log::roll() {
    {
        auto writer = writer_.lock();
        if (const auto good = usable(*writer); !good) return good;
        if (writer->active->size == 0) return {};
        if (const auto done = roll(*writer); !done) return done;
    }
    request_flush();
    return {};
}

Result<void> Log::roll(LogWriter& writer) {
    Segment& old = *writer.active;
    const Offset end = end_offset();
    STOKER_CHECK(old.size > 0 && end > old.base, "an empty segment is not rolled");
    {
        auto shared = shared_.lock();
        old.indexes->note_end();
    }
    if (const auto done = write_index_tails(writer); !done) return done;
    // No later record may survive a power cut that an earlier one does not survive; within a file,
    // recovery sees to it.
    if (writer.config.waits_for_disk()) {
        if (const auto done = old.file->sync(); !done) {
            context_.directory.retire(done.error());
            return fail(ErrorCode::kafka_storage_error);
        }
    }
    auto fresh = Segment::create(context_.disk, folder_, end);
    if (!fresh) return fail(storage_failure(fresh.error()));
    folder_unsynced_ = true;
    // Opening the log after a crash can do without it.
    if (const auto done = take_snapshot(writer); !done && context_.directory.offline()) {
        return done;
    }
    const int64_t jitter =
        std::min(writer.config.segment_jitter_ms, writer.config.segment_ms_max());
    (*fresh)->seen_ms = context_.clock.wall_ms();
    if (jitter > 0) (*fresh)->jitter_ms = int64_t(context_.random.below(uint64_t(jitter)));

    auto shared = shared_.lock();
    old.indexes_unsynced = true;
    shared->segments.push_back(*fresh);
    writer.active = std::move(*fresh);
    return {};
}

Result<void> Log::write_index_tails(LogWriter& writer) {
    SegmentIndexes& indexes = *writer.active->indexes;
    if (!indexes.have_tails()) return {};
    if (const auto done = indexes.write_tails(); !done) return fail(storage_failure(done.error()));
    auto shared = shared_.lock();
    indexes.drop_tails();
    return {};
}

/// So that tools that look at the files of a running broker find in the index of a quiet log what
/// its data file has. What fails here is told by the state of the directory; the entries stay.
void Log::show_index_entries(LogWriter& writer) {
    if (!writer.active->indexes->have_tails()) return;
    const int64_t now_ms = context_.clock.monotonic_ms();
    const int64_t age_ms = now_ms - writer.index_written_ms;
    if (writer.index_written_ms >= 0 && age_ms < index_tail_age_ms) return;
    writer.index_written_ms = now_ms;
    (void)write_index_tails(writer);
}

Result<void> Log::take_snapshot(LogWriter& writer) {
    const Offset end = end_offset();
    const Bytes bytes = encode_producer_snapshot(writer.producers.entries());
    const auto file = context_.disk.open(segment_path(folder_, end, snapshot_suffix),
                                         OpenMode::create);
    if (!file) return fail(storage_failure(file.error()));
    if (const auto done = (*file)->write(0, bytes); !done) {
        return fail(storage_failure(done.error()));
    }
    writer.snapshot = end;
    folder_unsynced_ = true;
    return {};
}

}  // namespace stoker::storage
