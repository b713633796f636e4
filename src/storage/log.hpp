// Log: the records of one partition, as a row of segments in a folder of their own. Appends, reads,
// looks up by time, rolls, retains and syncs; opening one recovers it (recovery.hpp).
//
//     log start   high watermark   end offset
//         |  committed   | not yet     |          flushed (the recovery point) is <= end offset
//
// Threads: any thread may call any function. Four mutexes, always taken in this order:
// segments_mutex_ (one at a time takes closed segments away, replaces them or loads their indexes;
// held during renames and the folder's syncs, which hold up neither appends nor readers),
// flush_mutex_ (one sync at a time; held during fdatasync, which blocks nobody else), writer_ (one
// append, roll or deletion at a time; held during the write into the page cache) and shared_ (the
// list of segments and the offsets; held for a few instructions only, so appends do not hold up
// readers). Listeners are called with none of them held.
//
// Memory: a log that nobody appends to is about a kilobyte; the active one has an index tail of
// some two kilobytes and 200 bytes a producer on top.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "storage/cleanable.hpp"
#include "storage/disk.hpp"
#include "storage/log_config.hpp"
#include "storage/log_dir_state.hpp"
#include "storage/log_options.hpp"
#include "storage/log_state.hpp"
#include "storage/producer_state.hpp"
#include "storage/topic_partition.hpp"

namespace stoker::storage {

struct AppendOptions {
    LeaderEpoch epoch{0};
    /// For LogAppendTime, and for rolling where batches have no timestamp. Clock::wall_ms().
    int64_t now_ms = 0;
    /// message.timestamp.type=LogAppendTime: stamps now_ms into every batch.
    bool log_append_time = false;
    /// From a producer: duplicates are found and sequences checked. False for what the broker
    /// writes itself (markers, internal topics, the metadata journal).
    bool from_client = true;
    /// The caller calls request_flush() when AppendResult::flush_due: for one that appends many
    /// times before anybody can wait for the disk.
    bool leave_flush_to_caller = false;
    /// For a batch that begins a transaction: Log::begin_verification.
    VerificationGuard verification = VerificationGuard::none;
    /// For a marker: ProducerCheck::transaction_version.
    int16_t transaction_version = 0;
    /// The batches came one by one: a producer's sequence is checked from each to the next, as if
    /// each were appended alone.
    bool separate = false;
};

struct AppendResult {
    Offset base_offset{-1};
    Offset last_offset{-1};
    /// With LogAppendTime the time that was stamped, else -1.
    int64_t log_append_time_ms = -1;
    Offset log_start_offset{};
    /// The batch was here already: nothing was written, and the offsets are those of the first
    /// time. The caller still waits until the high watermark is past last_offset.
    bool duplicate = false;
    /// The high watermark is past last_offset already: as durable as the topic wants.
    bool committed = false;
    /// flush.messages are reached, and AppendOptions::leave_flush_to_caller.
    bool flush_due = false;
};

struct ReadOptions {
    Offset from{};
    size_t max_bytes = 0;
    /// A first batch that is larger than max_bytes is returned whole (KIP-74).
    bool at_least_one_batch = true;
    /// Nothing at or behind this offset is returned: the high watermark or the last stable offset.
    /// Bounded by the end offset anyway.
    Offset up_to{std::numeric_limits<int64_t>::max()};
    /// False: when an index or a header would have to come from the disk, ReadResult::would_block.
    bool may_block = true;
};

struct ReadResult {
    /// Whole batches, one after another, from one segment; the first is the one that contains
    /// `from`, so it may begin before it. Empty at up_to.
    std::vector<FileSlice> slices;
    size_t size = 0;
    /// The offset behind the last batch in it; `from` when it is empty.
    Offset next{};
    /// Ask again from a storage thread, with may_block.
    bool would_block = false;
};

struct TimestampOffset {
    int64_t timestamp_ms = -1;
    Offset offset{-1};
    LeaderEpoch epoch = LeaderEpoch::none;
};

class Log : public std::enable_shared_from_this<Log> {
public:
    using Context = LogContext;
    using Options = LogOptions;

    /// Loads and, unless clean, recovers. kafka_storage_error when the disk fails; then the
    /// directory is retired, a full disk apart.
    static Result<std::shared_ptr<Log>> open(const Context& context, Options options);
    ~Log();

    const TopicPartition& partition() const { return partition_; }
    const std::string& folder() const { return folder_; }

    // Writing ------------------------------------------------------------------------------------

    /// Appends whole batches that record::validate has passed; all of them or none. Stamps offsets,
    /// epoch and, if asked, time into them.
    ///
    /// kafka_storage_error: the disk is full (try again later) or retired. record_list_too_large:
    /// more than a segment. From the producer's state: out_of_order_sequence_number,
    /// invalid_producer_epoch, invalid_txn_state, transaction_coordinator_fenced.
    Result<AppendResult> append(MutableByteView batches, const AppendOptions& options);

    /// A transactional batch is about to be appended: a guard for it, while the transaction
    /// coordinator is asked (KIP-890). None when its transaction is open here and nobody need be.
    /// invalid_producer_epoch.
    Result<VerificationGuard> begin_verification(const TransactionStart& start);

    /// Syncs what was appended before the call and returns the offset up to which all is synced.
    /// For the storage threads: it blocks. A failed sync retires the directory.
    Result<Offset> flush();
    /// flush() by a thread that must not wait long: false, and nothing done, unless the syncs of
    /// this disk have been short of late and no other thread is at one of this log.
    bool flush_if_quick();
    /// Asks the owner for a flush() on one of its threads, unless one is due already.
    void request_flush();

    /// DeleteRecords: the log starts at `offset` from now on. offset_out_of_range beyond the high
    /// watermark; an offset at or before the log start changes nothing. Returns the log start.
    Result<Offset> delete_records_before(Offset offset);

    /// A reader found damage at that offset: goes through the segment batch by batch. What is no
    /// valid batch goes to a .quarantine file and is named in the log; the rest is kept, with its
    /// offsets. Blocks; syncs wait meanwhile, and appends when it is the last segment.
    Result<void> repair(Offset at);

    // Reading ------------------------------------------------------------------------------------

    /// offset_out_of_range: `from` is before the log start or beyond the end offset.
    Result<ReadResult> read(const ReadOptions& options);

    /// The aborted transactions that overlap [from, up_to): what a reader under read_committed
    /// passes over. Nothing when the disk would have to be waited for, unless it may.
    Result<std::optional<std::vector<AbortedTransaction>>> aborted_transactions(
        Offset from, Offset up_to, bool may_block) const;

    /// The first record whose timestamp is timestamp_ms or later; its offset is -1 when there is
    /// none below the high watermark. Blocks: it may read and decompress a batch.
    Result<TimestampOffset> offset_for_time(int64_t timestamp_ms);
    /// The record with the greatest timestamp, the first of them; offset -1 in an empty log.
    Result<TimestampOffset> max_timestamp();

    /// For OffsetsForLeaderEpoch (KIP-101): see LeaderEpochCache::end_offset_for.
    EpochEnd end_of_epoch(LeaderEpoch epoch) const;
    LeaderEpoch latest_epoch() const;
    /// The epoch in which the record at `offset` was written; none when unknown.
    LeaderEpoch epoch_of(Offset offset) const;

    Offset start_offset() const { return Offset{start_offset_.load(std::memory_order_acquire)}; }
    Offset end_offset() const { return Offset{end_offset_.load(std::memory_order_acquire)}; }
    Offset high_watermark() const {
        return Offset{high_watermark_.load(std::memory_order_acquire)};
    }
    /// Below it there is no open transaction.
    Offset last_stable_offset() const {
        return Offset{last_stable_offset_.load(std::memory_order_acquire)};
    }
    /// All below is synced: the recovery point.
    Offset flushed_offset() const { return Offset{flushed_.load(std::memory_order_acquire)}; }
    /// Bytes of all segments' data files.
    int64_t size() const;
    size_t segment_count() const;

    /// Called after flush() moved the high watermark, by the thread that flushed, and when the
    /// directory was retired. Not after append: its caller knows. One listener; empty takes it off.
    void set_high_watermark_listener(std::function<void()> listener);

    // Housekeeping -------------------------------------------------------------------------------

    LogConfig config() const;
    /// Takes effect at once; from class `disk` to `cache` the high watermark catches up.
    void update_config(const LogConfig& config);

    /// Deletes segments by log start, retention time and retention size. Their files are renamed to
    /// *.deleted; the caller removes them, by the paths returned, after file_delete_delay_ms.
    Result<std::vector<std::string>> delete_old_segments();

    /// Closes the active segment and starts a new one at the end offset; nothing when it is empty.
    Result<void> roll();

    // Compaction: see log_cleaning.hpp, which does it.

    /// What is to be cleaned, when all before `cleaned_to` is clean; without it, nothing is.
    Result<CleanableRange> cleanable_range(std::optional<Offset> cleaned_to);
    /// The closed segments that begin before `end`, with their indexes loaded.
    Result<std::vector<CleanableSegment>> cleanable_segments(Offset end);
    /// Puts `fresh`, whose files are synced and named *.cleaned, in the place of segments that
    /// follow one another. Returns files to remove later, as delete_old_segments() does.
    /// offset_out_of_range: some of them are gone already. kafka_storage_error: the disk was full
    /// and nothing has changed, or the directory is retired.
    Result<std::vector<std::string>> replace_segments(
        const std::vector<std::shared_ptr<Segment>>& replaced, std::shared_ptr<Segment> fresh);

    std::vector<ProducerEntry> producers() const;
    void expire_producers();

    /// The age of the oldest record that is not synced (for flush.ms); nothing when all is.
    std::optional<int64_t> unflushed_age_ms() const;

    /// Gives back what only an active log needs. For logs that were idle for a while.
    void release_memory();
    /// A counter that moves with every append; for finding out who is idle.
    uint64_t appends() const { return appends_.load(std::memory_order_relaxed); }

    /// A clean stop: index tails, producer snapshot and data on disk. Appending fails from then on.
    Result<void> close();
    /// The partition is being deleted: every later call answers unknown_topic_or_partition. Nothing
    /// is written any more.
    void mark_deleted();
    bool is_deleted() const { return writer_.lock()->deleted; }

    /// True once after each time that flush() became due; the owner's queue uses it to hold a log
    /// only once.
    bool take_flush_request() { return flush_requested_.exchange(false); }

private:
    struct ReadPlan;
    struct FlushTarget;

    Log(const Context& context, LoadedLog loaded, Options options);

    /// kafka_storage_error; the directory is retired unless the disk is merely full.
    ErrorCode storage_failure(const DiskError& error) const;
    /// May it be used at all?
    Result<void> usable(const LogWriter& writer) const;

    // log_append.cpp: with the writer's lock held.
    Result<std::optional<AppendResult>> survey(LogWriter& writer, MutableByteView batches,
                                               const AppendOptions& options) const;
    Result<bool> make_room(LogWriter& writer, size_t bytes, const AppendOptions& options);
    Result<void> assign_epoch(LogWriter& writer, LeaderEpoch epoch);
    DiskResult<void> store_epochs(const LeaderEpochCache& epochs);
    void stamp(const LogWriter& writer, MutableByteView batches,
               const AppendOptions& options) const;
    Result<void> write(const LogWriter& writer, ByteView batches) const;
    void publish(LogWriter& writer, size_t bytes);
    bool flush_is_due(const LogWriter& writer) const;
    Result<void> roll(LogWriter& writer);
    Result<void> write_index_tails(LogWriter& writer);
    void show_index_entries(LogWriter& writer);
    Result<void> take_snapshot(LogWriter& writer);
    void raise_high_watermark(LogWriter& writer, const LogPosition& to);
    void set_high_watermark(LogShared& shared, const LogPosition& to);
    void high_watermark_moved(LogWriter& writer);

    // log_transactions.cpp: with the writer's lock held.
    void update_last_stable(LogWriter& writer);
    Result<void> index_aborted(LogWriter& writer);
    /// The append did not succeed after all.
    void take_back_aborted(const LogWriter& writer);

    // log_flush.cpp
    Result<Offset> flush_and_tell(std::unique_lock<std::mutex> flushing);
    Result<Offset> flush_quietly();
    FlushTarget flush_target() const;
    DiskResult<void> sync(const FlushTarget& target);
    bool still_there(const std::shared_ptr<File>& file);
    void tell_listener() const;

    // log_read.cpp
    std::optional<ReadPlan> plan_read(const ReadOptions& options, Offset segment_at) const;
    DiskResult<std::optional<ReadResult>> carry_out(const ReadPlan& plan,
                                                    const ReadOptions& options) const;
    void remember(const ReadPlan& plan, const ReadResult& result);
    Result<void> load_segment(Offset base, bool heal);
    enum class Mended : uint8_t { nothing, indexes, data };
    Result<void> mend(Offset base, Mended& mended);

    // log_repair.cpp
    std::pair<std::shared_ptr<Segment>, Offset> segment_of(Offset offset) const;
    void put_in_place(LogWriter& writer, const std::shared_ptr<Segment>& old,
                      const std::shared_ptr<Segment>& fresh);

    // log_time.cpp
    struct TimeView;
    Result<std::optional<TimeView>> time_view(Offset base);
    std::vector<Offset> segment_bases() const;
    DiskResult<std::optional<TimestampOffset>> find_time_in(const TimeView& view,
                                                            int64_t timestamp_ms,
                                                            Offset least) const;

    // log_compaction.cpp: with segments_mutex_ held.
    bool has_segments(const std::vector<std::shared_ptr<Segment>>& wanted) const;
    DiskResult<void> rename_all(Offset base, std::string_view from, std::string_view to);
    void install(const std::vector<std::shared_ptr<Segment>>& replaced,
                 const std::shared_ptr<Segment>& fresh);
    DiskResult<std::vector<std::string>> put_away(
        const std::vector<std::shared_ptr<Segment>>& replaced, Offset kept_snapshot);
    ErrorCode replacement_failure(const DiskError& error, bool decided);

    // log_housekeeping.cpp: with the writer's lock held, and segments_mutex_.
    Result<size_t> count_deletable(LogWriter& writer);
    Result<std::vector<std::string>> delete_first(LogWriter& writer, size_t count);
    Result<void> move_start(Offset offset);
    Result<void> load_segment(LogWriter& writer, Offset base, bool heal);

    const Context context_;
    const TopicPartition partition_;
    const std::string folder_;

    std::mutex segments_mutex_;
    std::mutex flush_mutex_;
    mutable Guarded<LogWriter> writer_;
    mutable Guarded<LogShared> shared_;
    Guarded<std::shared_ptr<const std::function<void()>>> listener_;

    std::atomic<int64_t> start_offset_ = 0;
    std::atomic<int64_t> end_offset_ = 0;
    std::atomic<int64_t> high_watermark_ = 0;
    std::atomic<int64_t> last_stable_offset_ = 0;
    std::atomic<int64_t> flushed_ = 0;
    std::atomic<uint64_t> appends_ = 0;
    std::atomic<bool> waits_for_disk_ = false;
    std::atomic<bool> flush_requested_ = false;
    std::atomic<bool> epochs_unsynced_ = false;
    /// Files were made or renamed in the folder since it was synced.
    std::atomic<bool> folder_unsynced_ = false;
    /// LogDirState::folder_made; 0 when the folder is known to survive a power cut.
    uint64_t folder_number_ = 0;
};

}  // namespace stoker::storage
