#include "storage/segment_recovery.hpp"


#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "record/batch_format.hpp"
#include "storage/disk_error.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// Large enough that what is copied twice, the batch at the window's end, is little.
constexpr size_t window_size = 1 << 20;
constexpr size_t recovery_tail_entries = 4096;

/// Stretches of a file in memory, forwards.
class Window {
public:
    Window(File& file, int64_t size) : file_(file), size_(size) {}

    int64_t file_size() const { return size_; }

    /// `wanted` bytes or more from `position`; fewer only at the file's end. The view lasts until
    /// the next call.
    DiskResult<ByteView> at(int64_t position, size_t wanted) {
        wanted = size_t(std::min<int64_t>(int64_t(wanted), size_ - position));
        const int64_t offset = position - start_;
        if (offset < 0 || offset + int64_t(wanted) > int64_t(filled_)) {
            if (const auto done = fill(position, wanted); !done) {
                return std::unexpected(done.error());
            }
        }
        const auto skip = size_t(position - start_);
        return ByteView(buffer_).subspan(skip, filled_ - skip);
    }

private:
    DiskResult<void> fill(int64_t position, size_t wanted) {
        const size_t room = std::max(wanted, window_size);
        if (buffer_.size() < std::min<size_t>(room, size_t(size_))) {
            buffer_ = Bytes(std::min<size_t>(room, size_t(size_)));
        }
        const auto part = size_t(std::min<int64_t>(int64_t(buffer_.size()), size_ - position));
        const auto got = file_.read(position, MutableByteView(buffer_).first(part));
        if (!got) return std::unexpected(got.error());
        start_ = position;
        filled_ = *got;
        if (filled_ < wanted) return malformed_file("a segment", "became shorter meanwhile");
        return {};
    }

    File& file_;
    const int64_t size_;
    Bytes buffer_;
    int64_t start_ = 0;
    size_t filled_ = 0;
};

struct Range {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t size() const { return end - begin; }
};

class Recovery {
public:
    Recovery(Disk& disk, const SegmentRecovery& options, std::shared_ptr<Segment> segment,
             SegmentIndexes indexes)
        : disk_(disk),
          options_(options),
          segment_(std::move(segment)),
          indexes_(std::move(indexes)),
          window_(*segment_->file, segment_->size),
          path_(segment_path(options.folder, options.base, log_suffix)) {
        result_.end = options.expected;
    }

    DiskResult<RecoveredSegment> run() {
        if (const auto done = read_all(); !done) return std::unexpected(done.error());
        indexes_.note_end();
        if (const auto done = write_tails(); !done) return std::unexpected(done.error());
        if (const auto done = cut_tail(); !done) return std::unexpected(done.error());
        if (!damaged_.empty()) {
            if (const auto done = take_damage_out(); !done) return std::unexpected(done.error());
        }
        segment_->indexes = std::move(indexes_);
        result_.segment = segment_;
        return result_;
    }

private:
    DiskResult<void> read_all() {
        const int64_t size = window_.file_size();
        for (int64_t position = 0; position < size;) {
            const auto batch = batch_at(position);
            if (!batch) return std::unexpected(batch.error());
            if (*batch) {
                accept(**batch, position);
                position += int64_t((*batch)->bytes.size());
                if (indexes_.tails_are_full(recovery_tail_entries)) {
                    if (const auto done = write_tails(); !done) return done;
                }
                continue;
            }
            const auto next = next_valid(position);
            if (!next) return std::unexpected(next.error());
            const Range bad{position, next->value_or(size)};
            // At the end of the log it makes no difference.
            result_.lost_writes = may_be_lost() && (*next || !options_.may_be_torn);
            if (!*next || result_.lost_writes) {
                bad_tail_ = {position, size};
                return {};
            }
            damaged_.push_back(bad);
            position = bad.end;
        }
        return {};
    }

    void accept(const record::BatchView& batch, int64_t position) {
        int64_t removed = 0;
        for (const Range& range : damaged_) removed += range.size();
        indexes_.note_batch(batch.header, position - removed, options_.index_interval_bytes);
        if (!segment_->first_timestamp_ms) {
            segment_->first_timestamp_ms = batch.header.max_timestamp;
        }
        result_.end = batch.header.last_offset() + 1;
        options_.visit(batch);
    }

    /// The valid batch at `position`, if one is there.
    DiskResult<std::optional<record::BatchView>> batch_at(int64_t position) {
        const auto start = window_.at(position, record::header_size);
        if (!start) return std::unexpected(start.error());
        const auto header = record::parse_header(*start);
        if (!header || !offsets_fit(*header)) return std::nullopt;
        const auto left = size_t(window_.file_size() - position);
        if (header->size() > std::min(left, batch_size_max)) return std::nullopt;
        if (header->base_offset > result_.end) {
            const auto wrong = contradicts_next(*header, position);
            if (!wrong) return std::unexpected(wrong.error());
            if (*wrong) return std::nullopt;
        }
        const auto whole = window_.at(position, header->size());
        if (!whole) return std::unexpected(whole.error());
        const ByteView bytes = whole->first(header->size());
        if (!record::validate(bytes, record::Origin::log)) return std::nullopt;
        return record::BatchView{*header, bytes};
    }

    bool offsets_fit(const record::BatchHeader& header) const {
        constexpr int64_t span = std::numeric_limits<int32_t>::max();
        const Offset first = header.base_offset;
        if (first != result_.end && header.last_offset() >= options_.known_end) return false;
        return first >= result_.end && first >= options_.base && header.last_offset_delta >= 0 &&
               first - options_.base <= span - header.last_offset_delta;
    }

    /// The base offset is not under the checksum. Where it leaves a gap, the batch behind it is
    /// asked: one that begins inside this batch, or before it, shows that it is this one's that is
    /// wrong.
    DiskResult<bool> contradicts_next(const record::BatchHeader& header, int64_t position) {
        const int64_t behind = position + int64_t(header.size());
        if (window_.file_size() - behind < int64_t(record::header_size)) return false;
        Bytes bytes(record::header_size);
        const auto got = segment_->file->read(behind, bytes);
        if (!got) return std::unexpected(got.error());
        const auto next = record::parse_header(ByteView(bytes).first(*got));
        if (!next) return false;
        return next->base_offset >= result_.end && next->base_offset <= header.last_offset();
    }

    /// Where the next valid batch is, behind the bad one at `position`. Records can hold anything,
    /// whole batches too, so the bad batch's own header is believed as far as it goes: first its
    /// length, then its count of offsets. Only without such help does any valid batch count.
    DiskResult<std::optional<int64_t>> next_valid(int64_t position) {
        const auto bytes = window_.at(position, record::header_size);
        if (!bytes) return std::unexpected(bytes.error());
        const auto header = record::parse_header(*bytes);
        if (!header || header->base_offset != result_.end || !offsets_fit(*header)) {
            return scan(position + 1, std::nullopt);
        }
        const int64_t behind = position + int64_t(header->size());
        if (behind < window_.file_size()) {
            const auto batch = batch_at(behind);
            if (!batch) return std::unexpected(batch.error());
            if (*batch) return behind;
        }
        auto next = scan(position + 1, header->last_offset() + 1);
        if (!next) return next;
        if (behind >= window_.file_size()) {
            // Torn, unless its length is what was damaged: then its checksum says where it ends.
            if (!*next) return next;
            const auto proven = ends_at(position, header->crc, **next);
            if (!proven) return std::unexpected(proven.error());
            if (!*proven) return std::nullopt;
        }
        return *next ? next : scan(position + 1, std::nullopt);
    }

    /// Can what is missing at the end of what was read so far be a write that was never synced?
    bool may_be_lost() const {
        return options_.power_was_cut && result_.end >= options_.synced;
    }

    /// Does the checksum fit if the batch at `position` ends at `end`?
    DiskResult<bool> ends_at(int64_t position, uint32_t crc, int64_t end) {
        uint32_t sum = 0;
        for (int64_t at = position + int64_t(record::crc_start); at < end;) {
            const auto part = size_t(std::min<int64_t>(end - at, window_size));
            const auto bytes = window_.at(at, part);
            if (!bytes) return std::unexpected(bytes.error());
            sum = crc32c(bytes->first(part), sum);
            at += int64_t(part);
        }
        return sum == crc;
    }

    /// The first position from `position` on with a valid batch, which begins at offset `exactly`.
    DiskResult<std::optional<int64_t>> scan(int64_t position, std::optional<Offset> exactly) {
        const int64_t last = window_.file_size() - int64_t(record::header_size);
        while (position <= last) {
            const auto bytes = window_.at(position, record::header_size);
            if (!bytes) return std::unexpected(bytes.error());
            const size_t candidates = bytes->size() - record::header_size + 1;
            const size_t step = to_candidate(*bytes, candidates, exactly);
            position += int64_t(step);
            if (step == candidates) continue;
            const auto batch = batch_at(position);
            if (!batch) return std::unexpected(batch.error());
            if (*batch) return position;
            ++position;
        }
        return std::nullopt;
    }

    /// How many bytes to pass over until a header could start, by its magic and first offset.
    size_t to_candidate(ByteView bytes, size_t candidates, std::optional<Offset> exactly) const {
        const Offset least = exactly.value_or(result_.end);
        const Offset most = exactly.value_or(options_.base + std::numeric_limits<int32_t>::max());
        for (size_t i = 0; i < candidates; ++i) {
            const std::byte* at = bytes.data() + i;
            const void* magic =
                std::memchr(at + record::field::magic, record::current_magic, candidates - i);
            if (magic == nullptr) return candidates;
            at = static_cast<const std::byte*>(magic) - record::field::magic;
            i = size_t(at - bytes.data());
            const Offset base{load_big_endian<int64_t>(at)};
            if (base >= least && base <= most) return i;
        }
        return candidates;
    }

    DiskResult<void> write_tails() {
        if (const auto done = indexes_.write_tails(); !done) return done;
        indexes_.drop_tails();
        return {};
    }

    DiskResult<void> cut_tail() {
        if (bad_tail_.size() == 0) return {};
        if (result_.lost_writes) return cut_lost();
        result_.lost_synced_end = options_.may_be_torn && options_.synced > result_.end;
        if (!options_.may_be_torn || result_.lost_synced_end) {
            damaged_.push_back(bad_tail_);
            return {};
        }
        result_.torn_bytes = bad_tail_.size();
        logger().warn(
            "Cut the torn end of {}: {} bytes from position {} on are no whole batch. The log ends "
            "at offset {}.",
            path_, bad_tail_.size(), bad_tail_.begin, raw(result_.end));
        return cut();
    }

    DiskResult<void> cut_lost() {
        const std::string name = quarantine_name(bad_tail_);
        if (const auto done = set_aside(bad_tail_, name); !done) return done;
        logger().warn(
            "A power cut lost writes in {}: {} bytes from position {} on were never synced. The "
            "log ends at offset {}; what was behind it was moved to {}.",
            path_, bad_tail_.size(), bad_tail_.begin, raw(result_.end), name);
        return cut();
    }

    DiskResult<void> cut() {
        segment_->size = bad_tail_.begin;
        // With damage before it, the file is written anew without the tail.
        if (!damaged_.empty()) return {};
        if (const auto done = segment_->file->truncate(bad_tail_.begin); !done) return done;
        return segment_->file->sync();
    }

    DiskResult<void> take_damage_out() {
        for (const Range& range : damaged_) {
            if (const auto done = quarantine(range); !done) return done;
        }
        const std::string temporary = path_ + std::string(temporary_suffix);
        auto copy = disk_.open(temporary, OpenMode::create);
        if (!copy) return std::unexpected(copy.error());
        int64_t from = 0;
        int64_t to = 0;
        const int64_t end = segment_->size;
        damaged_.push_back({end, end});
        for (const Range& range : damaged_) {
            const int64_t size = std::min(range.begin, end) - from;
            if (const auto done = copy_bytes(from, size, **copy, to); !done) return done;
            to += size;
            from = range.end;
        }
        if (const auto done = (*copy)->sync(); !done) return done;
        if (const auto done = disk_.rename(temporary, path_); !done) return done;
        if (const auto done = disk_.sync_folder(options_.folder); !done) return done;
        // The File that is open may be the old one, whose name is gone.
        auto reopened = Segment::open(disk_, options_.folder, options_.base);
        if (!reopened) return std::unexpected(reopened.error());
        (*reopened)->first_timestamp_ms = segment_->first_timestamp_ms;
        segment_ = std::move(*reopened);
        return {};
    }

    std::string quarantine_name(const Range& range) const {
        return segment_path(options_.folder, options_.base,
                            "." + std::to_string(range.begin) + std::string(quarantine_suffix));
    }

    DiskResult<void> set_aside(const Range& range, const std::string& name) {
        auto kept = disk_.open(name, OpenMode::create);
        if (!kept) return std::unexpected(kept.error());
        if (const auto done = copy_bytes(range.begin, range.size(), **kept, 0); !done) return done;
        return (*kept)->sync();
    }

    DiskResult<void> quarantine(const Range& range) {
        const std::string name = quarantine_name(range);
        if (const auto done = set_aside(range, name); !done) return done;
        result_.quarantined_bytes += range.size();
        logger().warn(
            "Damage in {}: {} bytes from position {} on are no valid batch. They were moved to {}; "
            "the valid batches around them, up to offset {}, are kept.",
            path_, range.size(), range.begin, name, raw(result_.end));
        return {};
    }

    DiskResult<void> copy_bytes(int64_t from, int64_t size, File& into, int64_t to) {
        while (size > 0) {
            const auto part = size_t(std::min<int64_t>(size, window_size));
            const auto bytes = window_.at(from, part);
            if (!bytes) return std::unexpected(bytes.error());
            if (const auto done = into.write(to, bytes->first(part)); !done) return done;
            from += int64_t(part);
            to += int64_t(part);
            size -= int64_t(part);
        }
        return {};
    }

    Disk& disk_;
    const SegmentRecovery& options_;
    std::shared_ptr<Segment> segment_;
    SegmentIndexes indexes_;
    Window window_;
    const std::string path_;
    RecoveredSegment result_;
    std::vector<Range> damaged_;
    Range bad_tail_;
};

}  // namespace

DiskResult<RecoveredSegment> recover_segment(Disk& disk, const SegmentRecovery& options) {
    auto segment = Segment::open(disk, options.folder, options.base);
    if (!segment) return std::unexpected(segment.error());
    auto indexes = create_indexes(disk, options.folder, options.base);
    if (!indexes) return std::unexpected(indexes.error());
    return Recovery(disk, options, std::move(*segment), std::move(*indexes)).run();
}

}  // namespace stoker::storage
