// LogManager: the data directory and all logs in it. It locks the directory, knows which partitions
// there are, opens a log at its first use, syncs, retains, deletes, and writes the checkpoints.
//
// It has no threads of its own: whoever owns it calls do_work() and tick(). In production that is
// StorageThreads (storage_threads.hpp); a simulation calls them itself, in one thread.
//
// What is in the directory: .lock, meta.properties, .kafka_cleanshutdown, four checkpoint files,
// and one folder a partition (docs/formats/log-segment.md).
//
// Threads: any thread may call any function; open(), stop() and the destructor are for one. Mutexes
// are taken in the order creating_, slots_, a slot's, a log's, and no two of the others together.
// While a log is opened its own slot's mutex is held, so that it is opened once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "storage/checkpoint_file.hpp"
#include "storage/disk.hpp"
#include "storage/log.hpp"
#include "storage/log_config.hpp"
#include "storage/log_dir_state.hpp"
#include "storage/topic_partition.hpp"

namespace stoker::storage {

class LogManager final : public LogOwner {
public:
    struct Options {
        /// log.dirs: one folder; made when it is not there.
        std::string folder;
        int32_t node_id = 1;
        /// What the folder's must equal; for a new folder, nothing means a random one.
        std::optional<std::string> cluster_id;
        /// Which run of the machine this is (Linux: /proc/sys/kernel/random/boot_id). Another one
        /// than the last time, or an unknown one, means that its page cache may be lost.
        std::string boot_id;
        /// Of partitions for which set_config was not called.
        LogConfig defaults;
        /// log.retention.check.interval.ms
        int64_t retention_check_interval_ms = 300'000;
        /// log.flush.offset.checkpoint.interval.ms
        int64_t checkpoint_interval_ms = 60'000;
        /// producer.id.expiration.ms
        int64_t producer_id_expiration_ms = int64_t{24} * 3600 * 1000;
        /// num.recovery.threads.per.data.dir; 1 recovers in the calling thread.
        unsigned recovery_threads = 1;
        /// A start with less room than this is refused: a broker needs some to do anything.
        int64_t free_bytes_min = 1 << 20;
    };

    /// Opens the directory and recovers what was not stopped in order. The error is one sentence
    /// that says what is wrong and what to do. A directory that is foreign, in use, unreadable or
    /// on a full disk is refused before anything in it is changed.
    static std::expected<std::unique_ptr<LogManager>, std::string> open(Disk& disk,
                                                                        const Clock& clock,
                                                                        Random& random,
                                                                        Options options);
    ~LogManager() override;

    /// 22 characters as in meta.properties; foreign cluster ids can be any text.
    const std::string& cluster_id() const { return cluster_id_; }
    const Uuid& directory_id() const { return directory_id_; }
    /// Did the process before us stop in order?
    bool was_clean() const { return was_clean_; }
    const LogDirState& directory() const { return directory_; }
    /// Of partitions for which nothing else was said.
    const LogConfig& defaults() const { return options_.defaults; }
    Disk& disk() { return disk_; }

    // Partitions ---------------------------------------------------------------------------------

    /// Makes the folder with its partition.metadata and an empty log. topic_already_exists.
    Result<std::shared_ptr<Log>> create(const TopicPartition& partition, const Uuid& topic_id,
                                        const LogConfig& config);
    /// Opens the log at its first use. unknown_topic_or_partition; kafka_storage_error.
    Result<std::shared_ptr<Log>> get(const TopicPartition& partition);
    /// The log, if it was opened already.
    std::shared_ptr<Log> get_if_open(const TopicPartition& partition) const;
    bool contains(const TopicPartition& partition) const;
    /// The folder is renamed at once and removed after file_delete_delay_ms.
    Result<void> remove(const TopicPartition& partition);
    /// The folder is renamed to ….-stray and left alone: nobody has said that what is in it may go.
    Result<void> set_aside(const TopicPartition& partition);

    /// For a partition that may not be open yet.
    void set_config(const TopicPartition& partition, const LogConfig& config);
    /// All that have a folder, sorted. After the metadata journal is read, the broker compares:
    /// what the journal does not know is a stray and is only reported.
    std::vector<TopicPartition> partitions() const;
    /// Bytes of the segments' data files; does not open the log. 0 without a folder.
    int64_t size_of(const TopicPartition& partition) const;
    /// What partition.metadata says; the zero id when there is none or it is unreadable.
    Uuid topic_id(const TopicPartition& partition);
    /// Whether the folder is that topic's, and not what another one of the same name left behind.
    /// Only a partition.metadata that says so makes it another's: one that is damaged or lost is
    /// written anew.
    bool is_of_topic(const TopicPartition& partition, const Uuid& topic_id);

    // Compaction: for LogCleaner, log_manager_clean.cpp -------------------------------------------

    /// Those with cleanup.policy=compact; opens them.
    std::vector<std::shared_ptr<Log>> compacted_logs();
    /// Up to where the log was compacted; nothing when it never was.
    std::optional<Offset> cleaned_to(const Log& log) const;
    /// Goes into cleaner-offset-checkpoint, soon. Nothing happens when the log is not the
    /// partition's any more.
    void set_cleaned_to(const Log& log, Offset offset);
    /// Files that were renamed to *.deleted.
    void remove_files_later(std::vector<std::string> paths, int64_t delay_ms);
    /// See LogDirState::failed.
    void disk_failed(const DiskError& error) { directory_.failed(error); }

    // Work ---------------------------------------------------------------------------------------

    void request_flush(std::shared_ptr<Log> log) override;
    void request_checkpoint() override;

    /// Called, from any thread, when there is something for do_work(). Set before other threads
    /// know the manager.
    void set_work_listener(std::function<void()> listener) { work_listener_ = std::move(listener); }

    /// Does one piece of the queued work (a sync, a checkpoint); false when there is none. Blocks
    /// on the disk. Several threads may work at once.
    bool do_work();
    /// What time makes due: checkpoints, retention, flush.ms, removal of deleted files, expiry of
    /// producers, memory of idle logs. Blocks on the disk. Call it about once a second.
    void tick();

    /// A clean stop: syncs everything, writes snapshots, checkpoints and the marker. False when the
    /// directory is offline or failed on the way: then the next start recovers.
    bool stop();

private:
    /// A partition that has a folder.
    struct Slot;
    /// Waits for its removal.
    struct Deleted {
        std::string path;
        int64_t due_ms = 0;
        bool folder = false;
    };
    /// When tick() has to do what; monotonic.
    struct Schedule {
        int64_t checkpoint_ms = 0;
        int64_t retention_ms = 0;
        int64_t expiry_ms = 0;
        int64_t idle_ms = 0;
    };
    /// Checksums of what the checkpoint files hold, so that the same is not written again.
    struct Checkpoints {
        uint32_t recovery_points = 0;
        uint32_t log_starts = 0;
        uint32_t high_watermarks = 0;
        uint32_t cleaned = 0;
    };
    using Slots = std::map<TopicPartition, std::shared_ptr<Slot>>;
    using Refusal = std::unexpected<std::string>;

    LogManager(Disk& disk, const Clock& clock, Random& random, Options options);

    // log_manager_open.cpp
    std::expected<void, std::string> take_up();
    DiskResult<void> compare_boot();
    DiskResult<void> note_boot();
    std::expected<void, std::string> find_logs();
    DiskResult<void> read_checkpoints(const Slots& slots);
    std::expected<void, std::string> open_all();

    Result<std::shared_ptr<Log>> open_log(Slot& slot, const LogConfig& config);
    /// Forgets the partition and gives its folder a name with that ending: its path, and for how
    /// long deleted files are kept.
    Result<std::pair<std::string, int64_t>> take_out(const TopicPartition& partition,
                                                     std::string_view ending);
    LogContext context();
    std::shared_ptr<Slot> slot(const TopicPartition& partition) const;
    std::vector<std::shared_ptr<Slot>> all_slots() const;
    std::string folder_of(const TopicPartition& partition) const;
    void remove_later(std::string path, bool folder, int64_t delay_ms);
    void tell_work_listener() const;

    // log_manager_work.cpp
    bool write_checkpoints();
    bool write_checkpoint(std::string_view name, std::span<const OffsetCheckpoint> entries,
                          uint32_t& last_sum);
    void flush_old();
    void retain();
    void release_idle();
    void remove_deleted();

    Disk& disk_;
    const Clock& clock_;
    Random& random_;
    const Options options_;
    std::string cluster_id_;
    Uuid directory_id_;
    bool was_clean_ = false;
    bool power_was_cut_ = false;
    LogDirState directory_;
    std::unique_ptr<FileLock> lock_;
    std::function<void()> work_listener_;

    std::mutex creating_;
    Guarded<Slots> slots_;
    Guarded<std::deque<std::shared_ptr<Log>>> flushes_;
    Guarded<std::vector<Deleted>> deleted_;
    Guarded<Schedule> schedule_;
    std::atomic<bool> checkpoint_requested_ = false;
    /// Held while the checkpoint files are written.
    Guarded<Checkpoints> checkpoints_;
};

/// Calls work(0) … work(count-1) on up to `threads` threads; on the caller's alone with one.
void for_each_in_parallel(size_t count, unsigned threads, const std::function<void(size_t)>& work);

}  // namespace stoker::storage
