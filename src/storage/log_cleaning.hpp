// LogCleaning: one round of compaction of one log, as org.apache.kafka.storage's Cleaner of version
// 4.3 does it. It reads the keys of the dirty part into an OffsetMap, as many as that holds, and
// then copies the segments from the log's start on, without the records that are superseded; each
// group of small segments becomes one.
//
// What goes: a record whose key has a later record in the map; a tombstone whose batch's delete
// horizon has passed (KIP-534; the first cleaning that copies a tombstone sets the horizon, to
// delete.retention.ms from then); records of aborted transactions, at once; a transaction's marker
// when no batch of its transaction is left and its horizon has passed; records without a key. What
// stays keeps its offset. A batch without records is left only where it is its producer's last one,
// for its sequences, or the last one of the round, so that the log does not seem to end earlier.
//
// Memory: the map, a block to read and one to write, and the largest batch, decompressed and anew.
// Readers and appends go on; see Log::replace_segments. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/batch_stream.hpp"
#include "storage/cleanable.hpp"
#include "storage/cleaned_transactions.hpp"
#include "storage/disk.hpp"
#include "storage/log.hpp"
#include "storage/offset_map.hpp"

namespace stoker::storage {

/// What one round did.
struct CleaningStats {
    int64_t bytes_read = 0;
    int64_t bytes_written = 0;
    int64_t map_bytes_read = 0;
    int64_t messages_read = 0;
    int64_t messages_written = 0;
    /// Records without a key, which a compacted topic should not have.
    int64_t invalid_messages_read = 0;
    double buffer_utilization = 0;
    int64_t index_ns = 0;  // for the map
    int64_t total_ns = 0;
};

class LogCleaning {
public:
    struct Options {
        CleanableRange range;
        /// Most keys that the map has room for, and the share of it that is used.
        size_t map_slots_max = 1 << 20;
        double load_factor = 0.9;
        HashSecret secret{};
        /// For reading, and again for writing.
        size_t block_size = 256 << 10;
    };

    /// All outlives it.
    LogCleaning(Disk& disk, const Clock& clock, Log& log, const Options& options,
                const Pace& pace);

    /// Cleans, and returns the first offset that is not clean. is_malformed(): a batch is damaged,
    /// and the log is as it was from its group of segments on; is_given_up(): also when the log is
    /// being deleted, or retention took segments away; else the disk failed.
    DiskResult<Offset> run();

    const CleaningStats& stats() const { return stats_; }
    /// Files that were replaced: to remove after file_delete_delay_ms.
    std::vector<std::string> take_replaced() { return std::exchange(replaced_, {}); }

private:
    using Group = std::vector<CleanableSegment>;
    class SegmentWriter;
    struct Verdict;

    DiskResult<std::vector<CleanableSegment>> segments_before(Offset end);
    DiskResult<void> build_map(const std::vector<CleanableSegment>& segments);
    DiskResult<std::vector<AbortedTransaction>> aborted_between(Offset from, Offset up_to) const;
    DiskResult<bool> add_segment(const CleanableSegment& segment, CleanedTransactions& state);
    DiskResult<bool> add_batch(const record::BatchView& batch, CleanedTransactions& state);

    std::vector<Group> grouped(std::vector<CleanableSegment> segments) const;
    DiskResult<void> clean_group(const Group& group);
    DiskResult<void> copy_group(const Group& group, SegmentWriter& writer);
    DiskResult<void> clean_batch(const record::BatchView& batch, SegmentWriter& writer);
    DiskResult<void> copy_kept(const record::BatchView& batch, const Verdict& verdict,
                               SegmentWriter& writer);
    DiskResult<Verdict> judge(const record::BatchView& batch);
    bool is_last_of_producer(const record::BatchHeader& header) const;
    bool keeps(const record::BatchHeader& header, const record::RecordView& record);

    Disk& disk_;
    const Clock& clock_;
    Log& log_;
    const Options options_;
    const Pace& pace_;
    const LogConfig config_;
    const int64_t now_ms_;
    OffsetMap map_;
    const size_t keys_max_;
    CleanedTransactions transactions_;
    std::unordered_map<int64_t, ProducerEntry> producers_;
    std::vector<record::RecordView> kept_;
    CleaningStats stats_;
    std::vector<std::string> replaced_;
};

}  // namespace stoker::storage
