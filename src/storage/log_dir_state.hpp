// LogDirState: whether a data directory may still be used. After a write that failed for another
// reason than a full disk, or after any failed sync, nobody knows what the files hold (fsyncgate):
// the directory is retired for the rest of the process's life, as Apache Kafka's offline log
// directories are. All its logs share one state and answer kafka_storage_error from then on.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/guarded.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

/// Any thread.
class LogDirState {
public:
    static constexpr int64_t quick_sync_ns = 300'000;
    static constexpr int64_t sync_smoothing = 8;  // a new figure counts for one in so many

    explicit LogDirState(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    bool offline() const { return offline_.load(std::memory_order_acquire); }
    /// Why it is offline; empty while it is not.
    std::string reason() const;

    /// A write or the like failed: a full disk is waited for, anything else retires.
    void failed(const DiskError& error);
    /// Takes the directory out of service, with one error in the log of the program. The first
    /// reason stays.
    void retire(const DiskError& error);

    /// The last write failed because the disk is full.
    bool full() const { return full_.load(std::memory_order_relaxed); }
    /// A write succeeded. Cheap when nothing was wrong.
    void succeeded();

    /// The last syncs took so little that a thread with other work may wait for the next one: less
    /// than handing it to another thread and back would delay the answer. Not before the first.
    bool sync_is_quick() const;
    void sync_took(int64_t ns);

    // A new partition's folder survives a power cut once the directory is synced; one sync does it
    // for all that were made before. A folder's number says which those are.
    uint64_t folder_made() { return ++folders_made_; }
    uint64_t folders_made() const { return folders_made_; }
    bool folder_synced(uint64_t number) const { return number <= folders_synced_; }
    /// The directory was synced after folders_made() had said `number`.
    void folders_synced(uint64_t number);

private:
    const std::string path_;
    std::atomic<bool> offline_ = false;
    std::atomic<bool> full_ = false;
    std::atomic<int64_t> sync_ns_ = 2 * quick_sync_ns;  // smoothed
    std::atomic<uint64_t> folders_made_ = 0;
    std::atomic<uint64_t> folders_synced_ = 0;
    Guarded<std::string> reason_;
};

}  // namespace stoker::storage
