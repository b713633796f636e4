// MemoryDisk: a file system in memory, for tests and simulations: fast, can be full, can be cut off
// from power at any moment, and tells what it is doing.
//
// A test of crashes looks like this: run the workload once and count operations(); then run it
// again and, in on_operation, take after_power_cut() at every one of them, and recover from each.
// Relative paths start at the root. Any thread; crash tests want one thread, or they do not repeat.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "storage/disk.hpp"
#include "storage/memory_tree.hpp"

namespace stoker::storage {

/// A call, or a part of one, that changed something or made it durable.
struct DiskOperation {
    enum class Kind { create, write, truncate, sync, make_folder, remove, rename, sync_folder };

    Kind kind{};
    int64_t number = 0;  // the first is 1
    std::string path;    // of a rename, the new one; of a File, that under which it was opened
};

class MemoryDisk final : public Disk {
public:
    static constexpr int64_t default_capacity = int64_t{1} << 40;

    MemoryDisk();
    ~MemoryDisk() override;

    DiskResult<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) override;
    DiskResult<bool> exists(const std::string& path) override;
    DiskResult<std::vector<std::string>> list(const std::string& folder) override;
    DiskResult<void> make_folder(const std::string& path) override;
    DiskResult<void> remove(const std::string& path) override;
    DiskResult<void> remove_folder(const std::string& path) override;
    DiskResult<void> rename(const std::string& from, const std::string& to) override;
    DiskResult<void> sync_folder(const std::string& path) override;
    DiskResult<DiskSpace> space(const std::string& path) override;
    DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) override;

    /// Beyond it writes fail with ENOSPC after what still fits. Room is counted in pages of 4,096
    /// bytes, as file systems do; holes are free. May be below what is used already.
    void set_capacity(int64_t bytes);
    int64_t used_bytes() const;
    /// From now on read_cached() says would_block(), as when nothing is in the page cache.
    void set_cold(bool cold);

    /// How many operations there were. A folder is removed, or made with its parents, in several.
    int64_t operations() const;
    /// Called after each operation, by the thread that did it, with the disk's (recursive) mutex
    /// held: it sees exactly that moment, and may read, copy and cut, but must not change the disk.
    void on_operation(std::function<void(const DiskOperation&)> hook);

    /// The same files, folders and unsynced changes; no locks and no open files.
    std::unique_ptr<MemoryDisk> clone() const;
    /// What the machine finds when it is back. This disk goes on as if nothing had happened.
    std::unique_ptr<MemoryDisk> after_power_cut(Random& random, Loss loss) const;

private:
    class OpenedFile;
    class Lock;
    struct State;

    explicit MemoryDisk(std::shared_ptr<State> state);
    static std::unique_ptr<MemoryDisk> with_tree(const State& like, MemoryTree tree);

    // Shared with the Files and Locks, which may outlive the Disk.
    std::shared_ptr<State> state_;
};

}  // namespace stoker::storage
