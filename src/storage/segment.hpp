// Segment: one data file of a log, its two indexes, and the index of aborted transactions where
// there are any. A log appends to its last segment only.
//
// Threads: what is const never changes. The rest is guarded by the log: the writer's lock and the
// shared lock together for changing it, either of them for reading it. So a reader copies what it
// needs under the shared lock, and then reads files without any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "record/batch.hpp"
#include "storage/batch_scanner.hpp"
#include "storage/disk.hpp"
#include "storage/offset_index.hpp"
#include "storage/time_index.hpp"
#include "storage/transaction_index.hpp"

namespace stoker::storage {

/// Both indexes, and what decides on their next entries.
struct SegmentIndexes {
    OffsetIndex offset;
    TimeIndex time;
    /// The greatest timestamp so far and the last offset of the batch that has it.
    TimeEntry largest;
    /// That of the time index's last entry.
    int64_t indexed_timestamp_ms = -1;
    /// Bytes of batches since the last entries.
    int64_t bytes_since_entry = 0;

    /// A batch was put at `position`. Adds entries when more than `interval_bytes` lie between.
    void note_batch(const record::BatchHeader& header, int64_t position, int32_t interval_bytes);
    /// The last entry of the time index, when the segment is closed or the broker stops.
    void note_end();

    bool tails_are_full(size_t entries_max = IndexFile::tail_entries_max) const;
    bool have_tails() const { return offset.file().has_tail() || time.file().has_tail(); }
    DiskResult<void> write_tails() const;
    void drop_tails();
};

class Segment {
public:
    /// A data file that is there. Its indexes are loaded when they are needed.
    static DiskResult<std::shared_ptr<Segment>> open(Disk& disk, const std::string& folder,
                                                     Offset base);
    /// Three empty files; what is there by their names goes. `stage` follows each name: ".cleaned".
    static DiskResult<std::shared_ptr<Segment>> create(Disk& disk, const std::string& folder,
                                                       Offset base, std::string_view stage = {});

    const Offset base;
    const std::shared_ptr<File> file;

    int64_t size = 0;
    /// Nothing: not loaded.
    std::optional<SegmentIndexes> indexes;
    /// The index of aborted transactions; null when there are none.
    std::shared_ptr<File> aborted;
    int64_t aborted_size = 0;
    /// The first batch's greatest timestamp, once it is known; -1 when it has none.
    std::optional<int64_t> first_timestamp_ms;
    /// By the wall clock, when the segment was made or opened: stands in for missing timestamps.
    int64_t seen_ms = 0;
    /// How much earlier than segment.ms this one is rolled.
    int64_t jitter_ms = 0;
    /// Closed, but its indexes were not synced yet.
    bool indexes_unsynced = false;

    Segment(Offset base_offset, std::shared_ptr<File> data) : base(base_offset), file(data) {}
};

/// Opens the indexes of a segment whose offsets end before `end`. Nothing when they are missing or
/// cannot be this segment's: then they must be rebuilt.
DiskResult<std::optional<SegmentIndexes>> load_indexes(Disk& disk, const std::string& folder,
                                                       const Segment& segment, Offset end);

/// Makes them anew from the headers of the first `size` bytes of data. is_malformed() when a batch
/// there is damaged.
DiskResult<SegmentIndexes> rebuild_indexes(Disk& disk, const std::string& folder,
                                           const Segment& segment, int64_t size,
                                           int32_t interval_bytes);

/// Two empty indexes.
DiskResult<SegmentIndexes> create_indexes(Disk& disk, const std::string& folder, Offset base,
                                          std::string_view stage = {});

/// Opens the index of aborted transactions, which is there. False when it cannot be that of this
/// segment, whose offsets end before `end`: then it must be rebuilt.
DiskResult<bool> open_transaction_index(Disk& disk, const std::string& folder, Segment& segment,
                                        Offset end);

/// Makes it anew of what recovery found in the segment, and syncs it; with nothing aborted there is
/// none.
DiskResult<void> rebuild_transaction_index(Disk& disk, const std::string& folder, Segment& segment,
                                           std::span<const AbortedTransaction> aborted,
                                           std::string_view stage = {});

/// What find_batch found.
struct FoundBatch {
    ScannedBatch batch;
    bool there = false;  // else the end was reached
};

/// The batch that contains `offset`, or the first one behind it. is_malformed() also when the index
/// does not fit the data.
DiskResult<FoundBatch> find_batch(const Segment& segment, const IndexView& index, int64_t size,
                             Offset offset);

/// The bytes of a batch. is_malformed() when the file is too short for it. Unless it may block,
/// would_block() when they are not in the page cache.
DiskResult<Bytes> read_batch(File& file, const ScannedBatch& batch, bool may_block = true);

}  // namespace stoker::storage
