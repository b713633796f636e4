// One partition of a topic: its log, and the fetches that wait for new data in it.
//
// The log is opened at first use, so that ten thousand partitions cost a start nothing. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "broker/gathered_appends.hpp"
#include "broker/metrics/partition_counters.hpp"
#include "storage/log.hpp"
#include "storage/log_manager.hpp"

namespace stoker::broker {

/// A fetch that waits until enough has arrived.
class DataWaiter {
public:
    virtual ~DataWaiter() = default;
    /// So many bytes became readable. It takes itself off the partition when it has enough.
    virtual void data_arrived(size_t bytes) = 0;
    /// It is told only of what no open transaction holds back.
    virtual bool read_committed() const = 0;
};

class Partition : public std::enable_shared_from_this<Partition> {
public:
    Partition(storage::LogManager& logs, std::string topic, const Uuid& topic_id, PartitionId id,
              LeaderEpoch leader_epoch);

    const std::string& topic() const { return partition_.topic; }
    const Uuid& topic_id() const { return topic_id_; }
    PartitionId id() const { return partition_.partition; }
    LeaderEpoch leader_epoch() const { return leader_epoch_; }
    /// Appends count themselves; who reads or refuses counts here.
    PartitionCounters& counters() { return counters_; }
    /// Does a client that believes in this epoch speak to the right leader? none, or
    /// FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH; a client without one is believed.
    ErrorCode check_epoch(LeaderEpoch believed) const;

    /// Where the records of an epoch end, for which the log knows only epochs that wrote something:
    /// this leader's began where the log ended.
    storage::EpochEnd end_of_epoch(const storage::Log& log, LeaderEpoch epoch) const;

    /// Opened, or made, at the first call. KAFKA_STORAGE_ERROR when that fails;
    /// UNKNOWN_TOPIC_OR_PARTITION once the topic is gone.
    Result<std::shared_ptr<storage::Log>> log();
    /// -1 while the log cannot be opened.
    Offset log_start();
    /// Something was stored in it once; a partition without a folder is an empty one.
    bool exists() const;
    /// The same, or a topic of that name that is gone left one: cheaper, no file is read.
    bool has_folder() const { return logs_.contains(partition_); }
    void set_log_config(const storage::LogConfig& config);

    /// Appends validated batches as the leader and wakes the fetches that waited for them.
    Result<storage::AppendResult> append(MutableByteView batches, storage::AppendOptions options);
    /// The same for one small batch (GatheredAppends::batch_max), which is copied and appended
    /// together with what else this turn of the io thread brings: one write for all. `listener` is
    /// told where it is, or why not, and when it is durable.
    void append_with_turn(ByteView batch, const storage::AppendOptions& options,
                          std::shared_ptr<AppendListener> listener, size_t ticket);
    /// Calls back once everything before `offset` is as durable as the topic wants: at once in
    /// class `cache`, after a sync in class `disk`. The argument is none or KAFKA_STORAGE_ERROR.
    void when_durable(Offset offset, std::move_only_function<void(ErrorCode)> done);

    void add_waiter(std::shared_ptr<DataWaiter> waiter);
    void remove_waiter(const DataWaiter* waiter);

    /// The topic is gone: drops the log and wakes all who wait.
    void retire();

private:
    struct Opened {
        std::shared_ptr<storage::Log> log;
        storage::LogConfig config;
        bool retired = false;
    };
    struct PendingAck {
        Offset offset;
        std::move_only_function<void(ErrorCode)> done;
    };

    Result<std::shared_ptr<storage::Log>> open(const storage::LogConfig& config);
    Result<storage::AppendResult> append_now(MutableByteView batches,
                                             storage::AppendOptions options);
    void append_gathered();
    void append_one_by_one(GatheredAppends& gathered);
    void tell_appended(std::vector<GatheredAppends::Item> items);
    void request_flush(const std::shared_ptr<storage::Log>& log);
    void high_watermark_moved();
    void settle_acks();
    void wake_fetches(size_t bytes);
    void wake_fetches(size_t bytes, size_t stable_bytes);

    storage::LogManager& logs_;
    storage::TopicPartition partition_;
    Uuid topic_id_;
    LeaderEpoch leader_epoch_;
    PartitionCounters counters_;
    Guarded<Opened> opened_;
    Guarded<std::vector<PendingAck>> pending_acks_;
    /// Held from taking what was gathered until it is appended: nobody overtakes it.
    std::mutex appending_;
    Guarded<GatheredAppends> gathered_;
    /// Something is gathered and not appended yet.
    std::atomic<bool> gathering_ = false;
    std::atomic<bool> flush_due_ = false;
    Guarded<std::vector<std::shared_ptr<DataWaiter>>> waiters_;
};

}  // namespace stoker::broker
