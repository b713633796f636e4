// FaultyDisk: a Disk whose n-th call fails, as SQLite's tests have it. A workload is run again and
// again with the first, the second, the third call failing, until it passes undisturbed:
//
//     for (int64_t n = 1;; ++n) {
//         MemoryDisk memory;
//         FaultyDisk disk(memory);
//         disk.fail({.nth = n, .code = ENOSPC});
//         (the workload on `disk`, then a look at what must hold whatever failed)
//         if (disk.faults() == 0) break;
//     }
//
// It counts calls as well, so that a test can say "one fdatasync for a hundred appends". Any
// thread.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/disk.hpp"

namespace stoker::storage {

enum class DiskCall : uint8_t {
    open,
    exists,
    list,
    make_folder,
    remove,
    remove_folder,
    rename,
    sync_folder,
    space,
    lock,
    read,
    read_cached,
    write,
    sync,
    truncate,
    size,
};
constexpr size_t disk_call_kinds = 16;

/// The calls that change something or make it durable.
const std::vector<DiskCall>& changing_calls();

/// Which call fails and how.
struct Fault {
    /// What had happened when the call failed.
    enum class Effect { nothing, part, all };

    std::vector<DiskCall> calls;  // the kinds; none: every kind
    std::string path_part;        // only calls whose path has this in it; a rename's: either
    int64_t nth = 1;              // of those, counted from fail() on
    bool for_good = false;        // and each one after it: the disk is gone
    int code = EIO;
    /// `part` is for writes: the first half of the bytes is there; other calls do nothing then.
    Effect effect = Effect::nothing;
};

class FaultyDisk final : public Disk {
public:
    /// `inner` must live as long as this and its Files.
    explicit FaultyDisk(Disk& inner);
    ~FaultyDisk() override;

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

    /// Replaces the fault set before, and counts anew.
    void fail(Fault fault);
    /// The disk is well again.
    void heal();
    /// Called before each fdatasync, on its thread: a slow disk is one that moves a test's clock.
    void on_sync(std::function<void()> hook);
    /// How many calls failed since fail().
    int64_t faults() const;
    /// How many calls of a kind there were, failed ones too, since the Disk was made.
    int64_t calls(DiskCall kind) const;

private:
    class FaultyFile;
    struct State;

    // Shared with the Files, which may outlive the Disk.
    std::shared_ptr<State> state_;
};

}  // namespace stoker::storage
