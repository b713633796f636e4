#include "storage/log_loader.hpp"


#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/batch_scanner.hpp"
#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/loggers.hpp"
#include "storage/producer_snapshot.hpp"
#include "storage/segment_files.hpp"
#include "storage/segment_recovery.hpp"
#include "storage/segment_swap.hpp"

namespace stoker::storage {

namespace {

class Loader {
public:
    Loader(const LogContext& context, const LogOptions& options)
        : disk_(context.disk),
          context_(context),
          options_(options),
          now_ms_(context.clock.wall_ms()) {}

    DiskResult<LoadedLog> run() {
        if (const auto done = look_around(); !done) return std::unexpected(done.error());
        if (const auto done = open_segments(); !done) return std::unexpected(done.error());
        if (const auto done = read_epochs(); !done) return std::unexpected(done.error());
        if (const auto done = open_transaction_indexes(); !done) {
            return std::unexpected(done.error());
        }
        auto read = options_.clean && !damaged_ ? read_end() : DiskResult<bool>(false);
        if (!read && !is_malformed(read.error())) return std::unexpected(read.error());
        if (!read || !*read) {
            if (const auto done = recover(); !done) return std::unexpected(done.error());
        }
        if (const auto done = finish(); !done) return std::unexpected(done.error());
        return std::move(log_);
    }

private:
    std::string path(std::string_view name) const { return join(options_.folder, name); }

    // What is there ------------------------------------------------------------------------------

    DiskResult<void> look_around() {
        auto names = disk_.list(options_.folder);
        if (!names) return std::unexpected(names.error());
        const auto replaced = finish_replacements(disk_, options_.folder, *names);
        if (!replaced) return std::unexpected(replaced.error());
        if (*replaced) names = disk_.list(options_.folder);
        if (!names) return std::unexpected(names.error());
        for (const std::string& name : *names) {
            if (name.ends_with(deleted_suffix) || name.ends_with(temporary_suffix)) {
                if (const auto done = disk_.remove(path(name)); !done) return done;
            } else if (const auto log = parse_segment_name(name, log_suffix)) {
                bases_.insert(*log);
            } else if (const auto snapshot = parse_segment_name(name, snapshot_suffix)) {
                snapshots_.insert(*snapshot);
            } else if (const auto aborted = parse_segment_name(name, transaction_index_suffix)) {
                aborted_.insert(*aborted);
            }
        }
        return remove_orphans(*names);
    }

    /// Indexes without a data file.
    DiskResult<void> remove_orphans(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            for (const auto suffix :
                 {offset_index_suffix, time_index_suffix, transaction_index_suffix}) {
                const auto base = parse_segment_name(name, suffix);
                if (!base || bases_.contains(*base)) continue;
                if (const auto done = disk_.remove(path(name)); !done) return done;
                if (suffix == transaction_index_suffix) aborted_.erase(*base);
            }
        }
        return {};
    }

    DiskResult<void> open_segments() {
        if (bases_.empty()) {
            auto segment = Segment::create(disk_, options_.folder, options_.log_start);
            if (!segment) return std::unexpected(segment.error());
            bases_.insert(options_.log_start);
            log_.segments.push_back(std::move(*segment));
            return {};
        }
        for (const Offset base : bases_) {
            auto segment = Segment::open(disk_, options_.folder, base);
            if (!segment) return std::unexpected(segment.error());
            log_.segments.push_back(std::move(*segment));
        }
        return {};
    }

    /// One that cannot be right is made anew, with its segment and those behind it.
    DiskResult<void> open_transaction_indexes() {
        for (size_t i = 0; i < log_.segments.size() && !aborted_.empty(); ++i) {
            Segment& segment = *log_.segments[i];
            if (!aborted_.contains(segment.base)) continue;
            const bool last = i + 1 == log_.segments.size();
            const auto good =
                open_transaction_index(disk_, options_.folder, segment,
                                       last ? end_of_time : log_.segments[i + 1]->base);
            if (!good) return std::unexpected(good.error());
            if (!*good) note_damage(segment.base);
        }
        return {};
    }

    void note_damage(Offset base) { damaged_ = std::min(base, damaged_.value_or(base)); }

    DiskResult<void> read_epochs() {
        auto epochs = read_leader_epochs(disk_, path(leader_epoch_file_name));
        if (!epochs && !is_malformed(epochs.error())) return std::unexpected(epochs.error());
        if (!epochs) {
            logger().warn("{} The epochs are taken from the batches instead.", epochs.error().what);
            return {};
        }
        log_.epochs = std::move(*epochs);
        epochs_known_ = !log_.epochs.empty();
        return {};
    }

    // After a clean stop -------------------------------------------------------------------------

    /// False, or is_malformed(), when the last segment is not as a clean stop leaves it.
    DiskResult<bool> read_end() {
        Segment& active = *log_.segments.back();
        if (active.size == 0) {
            if (!active.indexes) {
                auto indexes = create_indexes(disk_, options_.folder, active.base);
                if (!indexes) return std::unexpected(indexes.error());
                active.indexes = std::move(*indexes);
            }
            log_.end = active.base;
            if (is_cut_short()) return false;
            return replay_from_snapshot();
        }
        auto indexes = load_indexes(disk_, options_.folder, active, end_of_time);
        if (!indexes) return std::unexpected(indexes.error());
        if (!*indexes) return false;
        const IndexView view = (*indexes)->offset.file().view(true);
        OffsetPosition last{active.base, 0};
        if (view.count() > 0) {
            const auto entry = offset_entry(view, active.base, view.count() - 1);
            if (!entry) return std::unexpected(entry.error());
            last = *entry;
        }
        BatchScanner scanner(*active.file, last.position, active.size);
        for (;;) {
            const auto batch = scanner.next();
            if (!batch && is_malformed(batch.error())) return false;
            if (!batch) return std::unexpected(batch.error());
            if (!*batch) break;
            if ((*batch)->header.base_offset < log_.end) return false;
            log_.end = (*batch)->header.last_offset() + 1;
        }
        if (is_cut_short() || is_too_long()) return false;
        if (log_.end <= last.offset || (*indexes)->largest.offset >= log_.end) return false;
        if (active.aborted_size > 0) {
            const auto good = is_plausible_transaction_index(*active.aborted, active.aborted_size,
                                                             active.base, log_.end);
            if (!good || !*good) return good;
        }
        active.indexes = std::move(*indexes);
        if (const auto done = read_first_timestamp(active); !done) {
            return std::unexpected(done.error());
        }
        return replay_from_snapshot();
    }

    /// A stop in order writes down up to where all is synced, which is all there is.
    bool is_cut_short() const { return options_.clean && log_.end < options_.recovery_point; }
    bool is_too_long() const {
        return options_.clean && options_.recovery_point > Offset{0} &&
               log_.end > options_.recovery_point;
    }

    DiskResult<void> read_first_timestamp(Segment& segment) {
        BatchScanner scanner(*segment.file, 0, segment.size);
        const auto first = scanner.next();
        if (!first) return std::unexpected(first.error());
        if (*first) segment.first_timestamp_ms = (*first)->header.max_timestamp;
        return {};
    }

    DiskResult<bool> replay_from_snapshot() {
        if (const auto done = load_snapshot(log_.end); !done) return std::unexpected(done.error());
        if (const auto done = recall_batches(); !done) return std::unexpected(done.error());
        for (size_t i = 0; i < log_.segments.size(); ++i) {
            const bool last = i + 1 == log_.segments.size();
            const Offset end = last ? log_.end : log_.segments[i + 1]->base;
            if (end <= replayed_) continue;
            const auto done = replay(*log_.segments[i]);
            if (!done && is_malformed(done.error())) return false;
            if (!done) return std::unexpected(done.error());
        }
        log_.flushed = log_.end;
        return true;
    }

    // Producers ----------------------------------------------------------------------------------

    /// The newest good snapshot at or before `most`; without any, nothing is known at the start.
    DiskResult<void> load_snapshot(Offset most) {
        log_.producers.clear();
        log_.snapshot = Offset{-1};
        replayed_ = log_.segments.front()->base;
        for (auto at = snapshots_.upper_bound(most); at != snapshots_.begin();) {
            --at;
            const std::string name = segment_path(options_.folder, *at, snapshot_suffix);
            const auto bytes = read_file(disk_, name);
            if (!bytes) return std::unexpected(bytes.error());
            if (auto entries = decode_producer_snapshot(*bytes)) {
                std::erase_if(*entries, [&](const auto& entry) { return is_forgotten(entry); });
                log_.producers.load(*entries, now_ms_);
                log_.snapshot = *at;
                replayed_ = std::max(replayed_, *at);
                return {};
            }
            logger().warn("The snapshot {} is damaged; it is made anew from the log.", name);
            if (const auto done = disk_.remove(name); !done) return done;
            at = snapshots_.erase(at);
        }
        return {};
    }

    /// A producer that has been silent for long, and whose records are gone too.
    bool is_forgotten(const ProducerEntry& entry) const {
        const ProducerBatch* last = entry.last_batch();
        const Offset start = std::max(options_.log_start, log_.segments.front()->base);
        return entry.transaction_start < Offset{0} &&
               (last == nullptr || last->last_offset < start) &&
               now_ms_ - entry.last_timestamp_ms >= context_.producer_id_expiration_ms;
    }

    /// Goes through the headers of a segment, from `replayed_` on.
    DiskResult<void> replay(const Segment& segment) {
        BatchScanner scanner(*segment.file, 0, segment.size);
        for (;;) {
            const auto batch = scanner.next();
            if (!batch) return std::unexpected(batch.error());
            if (!*batch) return {};
            const record::BatchHeader& header = (*batch)->header;
            if (header.last_offset() < replayed_ || !header.has_producer_id()) continue;
            Bytes bytes;
            if (header.is_control()) {
                auto whole = read_batch(*segment.file, **batch);
                if (!whole) return std::unexpected(whole.error());
                bytes = std::move(*whole);
            }
            log_.producers.replay({header, bytes}, now_ms_);
        }
    }

    /// What producers may send again after a restart, their last five batches, is near the end.
    DiskResult<void> recall_batches() {
        const Segment& active = *log_.segments.back();
        if (log_.producers.empty() || active.size == 0) return {};
        const auto from = find_position(active.indexes->offset.file().view(true), active.base,
                                        active.size - recalled_bytes);
        if (!from) return std::unexpected(from.error());
        std::vector<record::BatchHeader> headers;
        BatchScanner scanner(*active.file, from->position, active.size);
        for (;;) {
            const auto batch = scanner.next();
            // A damaged index: then only the last batches are known.
            if (!batch && is_malformed(batch.error())) return {};
            if (!batch) return std::unexpected(batch.error());
            if (!*batch || (*batch)->header.last_offset() >= replayed_) break;
            const record::BatchHeader& header = (*batch)->header;
            if (header.has_producer_id() && !header.is_control()) headers.push_back(header);
        }
        log_.producers.recall(headers);
        return {};
    }

    DiskResult<void> write_snapshot(Offset at) {
        const Bytes bytes = encode_producer_snapshot(log_.producers.entries());
        const auto file = disk_.open(segment_path(options_.folder, at, snapshot_suffix),
                                     OpenMode::create);
        if (!file) return std::unexpected(file.error());
        if (const auto done = (*file)->write(0, bytes); !done) return done;
        snapshots_.insert(at);
        log_.snapshot = std::max(log_.snapshot, at);
        return {};
    }

    // After a crash ------------------------------------------------------------------------------

    DiskResult<void> recover() {
        const Offset last = log_.segments.back()->base;
        const Offset checked = options_.clean ? last : options_.recovery_point;
        const Offset point = std::min(checked, damaged_.value_or(checked));
        size_t first = log_.segments.size() - 1;
        while (first > 0 && log_.segments[first]->base > point) --first;

        const Offset first_base = log_.segments[first]->base;
        if (const auto done = load_snapshot(first_base); !done) return done;
        for (size_t i = 0; i < first; ++i) {
            if (log_.segments[i + 1]->base <= replayed_) continue;
            const auto done = replay(*log_.segments[i]);
            // Covered by the checkpoint, yet damaged: what its producers did is not known then.
            if (!done && !is_malformed(done.error())) return done;
        }
        log_.end = first_base;
        for (size_t i = first; i < log_.segments.size(); ++i) {
            if (const auto done = recover(i, i > first); !done) return done;
            if (!lost_writes_) continue;
            if (const auto done = set_aside_behind(i); !done) return done;
        }
        log_.flushed = std::clamp(options_.recovery_point, log_.segments.front()->base, log_.end);
        return sync_for_class_disk(first);
    }

    Offset known_end(size_t index) const {
        if (index + 1 < log_.segments.size()) return log_.segments[index + 1]->base;
        const bool is_known = options_.clean && options_.recovery_point > Offset{0};
        return is_known ? options_.recovery_point : end_of_time;
    }

    DiskResult<void> recover(size_t index, bool snapshot) {
        const Offset base = log_.segments[index]->base;
        // The end of the one before may have been cut: then this one begins later.
        log_.end = std::max(log_.end, base);
        if (snapshot) {
            if (const auto done = write_snapshot(base); !done) return done;
        }
        const bool last = index + 1 == log_.segments.size();
        aborts_.clear();
        auto recovered = recover_segment(
            disk_, {.folder = options_.folder,
                    .base = base,
                    .index_interval_bytes = options_.config.index_interval_bytes,
                    .expected = log_.end,
                    .may_be_torn = last,
                    .synced = options_.recovery_point,
                    .power_was_cut = options_.power_was_cut,
                    .known_end = known_end(index),
                    .visit = [this](const record::BatchView& batch) { visit(batch); }});
        if (!recovered) return std::unexpected(recovered.error());
        log_.segments[index] = std::move(recovered->segment);
        log_.end = recovered->end;
        const auto indexed =
            rebuild_transaction_index(disk_, options_.folder, *log_.segments[index], aborts_);
        if (!indexed) return indexed;
        lost_writes_ = recovered->lost_writes;
        if (!recovered->lost_synced_end && !(last && is_cut_short())) return {};
        // Offsets that clients have seen must not come again with other records.
        log_.end = options_.recovery_point;
        auto segment = Segment::create(disk_, options_.folder, log_.end);
        if (!segment) return std::unexpected(segment.error());
        log_.segments.push_back(std::move(*segment));
        return {};
    }

    /// What came after writes that a power cut lost was never synced either.
    DiskResult<void> set_aside_behind(size_t index) {
        while (log_.segments.size() > index + 1) {
            const Offset base = log_.segments.back()->base;
            const std::string kept =
                segment_path(options_.folder, base, ".0" + std::string(quarantine_suffix));
            const auto done =
                disk_.rename(segment_path(options_.folder, base, log_suffix), kept);
            if (!done) return done;
            logger().warn("A power cut lost writes before offset {} of {}: the segment that begins "
                          "there was never synced and was moved to {}.",
                          raw(base), options_.folder, kept);
            bases_.erase(base);
            log_.segments.pop_back();
            for (const auto suffix :
                 {offset_index_suffix, time_index_suffix, transaction_index_suffix}) {
                const std::string index_path = segment_path(options_.folder, base, suffix);
                const auto there = disk_.exists(index_path);
                if (!there) return std::unexpected(there.error());
                if (!*there) continue;
                if (const auto gone = disk_.remove(index_path); !gone) return gone;
            }
        }
        return disk_.sync_folder(options_.folder);
    }

    void visit(const record::BatchView& batch) {
        const LeaderEpoch epoch = batch.header.leader_epoch;
        const auto latest = log_.epochs.latest();
        // It is not under the checksum: one that is far from the others is damage.
        const bool credible =
            !epochs_known_ || !latest || raw(epoch) - raw(latest->epoch) <= epoch_step_max;
        if (credible && epoch >= LeaderEpoch{0} && (!latest || epoch > latest->epoch)) {
            log_.epochs.assign(epoch, batch.header.base_offset);
            epochs_changed_ = true;
        }
        const auto aborted = log_.producers.replay(batch, now_ms_);
        aborts_.insert(aborts_.end(), aborted.begin(), aborted.end());
    }

    /// In class `disk` consumers see only what is synced.
    DiskResult<void> sync_for_class_disk(size_t first) {
        if (!options_.config.waits_for_disk()) return {};
        for (size_t i = first; i < log_.segments.size(); ++i) {
            if (const auto done = log_.segments[i]->file->sync(); !done) return done;
        }
        for (const std::string& folder : {options_.folder, parent_of(options_.folder)}) {
            if (const auto done = disk_.sync_folder(folder); !done) return done;
        }
        log_.flushed = log_.end;
        return {};
    }

    // At the end ---------------------------------------------------------------------------------

    DiskResult<void> finish() {
        log_.start = std::max(options_.log_start, log_.segments.front()->base);
        // A checkpoint of a log that was longer once.
        log_.start = std::min(log_.start, log_.end);
        log_.producers.high_watermark_moved(log_.end);
        epochs_changed_ |= log_.epochs.truncate_from_end(log_.end);
        epochs_changed_ |= log_.epochs.truncate_from_start(log_.start);
        if (epochs_changed_) {
            const auto done =
                write_leader_epochs(disk_, path(leader_epoch_file_name), log_.epochs);
            if (!done) return done;
        }
        for (const auto& segment : log_.segments) segment->seen_ms = now_ms_;
        return remove_stray_snapshots();
    }

    /// Kept are those at the start of a segment and the newest. After a crash, what is behind the
    /// recovered segments' starts is of a log that may have ended otherwise.
    DiskResult<void> remove_stray_snapshots() {
        for (const Offset at : snapshots_) {
            if (at <= log_.end && (bases_.contains(at) || at == log_.snapshot)) continue;
            const auto done = disk_.remove(segment_path(options_.folder, at, snapshot_suffix));
            if (!done) return done;
        }
        return {};
    }

    static constexpr Offset end_of_time{std::numeric_limits<int64_t>::max()};
    static constexpr int64_t recalled_bytes = 1 << 20;
    /// An epoch begins with each start of the broker.
    static constexpr int32_t epoch_step_max = 1'000;

    Disk& disk_;
    const LogContext& context_;
    const LogOptions& options_;
    const int64_t now_ms_;
    LoadedLog log_;
    std::set<Offset> bases_;
    std::set<Offset> snapshots_;
    /// Segments with an index of aborted transactions, and those of the one at hand.
    std::set<Offset> aborted_;
    /// The segment that was just recovered is not all that was written to it.
    bool lost_writes_ = false;
    std::vector<AbortedTransaction> aborts_;
    /// The first segment whose index of aborted transactions must be made anew.
    std::optional<Offset> damaged_;
    /// Up to where the producers' state has come.
    Offset replayed_{};
    bool epochs_known_ = false;
    bool epochs_changed_ = false;
};

}  // namespace

DiskResult<LoadedLog> load_log(const LogContext& context, const LogOptions& options) {
    return Loader(context, options).run();
}

}  // namespace stoker::storage
