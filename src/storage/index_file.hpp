// IndexFile: entries of one size, appended in rising order, and found by halving. It is what the
// offset index and the time index have in common.
//
// The index is not kept in memory: the newest entries wait in a short tail and are written
// together, everything older is read from the file (the page cache, as a rule). A tail that a crash
// takes away is no loss, for recovery builds the indexes of the active segment anew.
//
// Threads: the owner's lock guards it. What blocks is apart from what changes: write_tail() only
// reads the object, and an IndexView searches without the lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

/// Reads the number that a search compares from an entry's bytes.
using IndexKey = int64_t (*)(const std::byte* entry);

inline constexpr size_t index_entry_size_max = 12;

struct IndexEntry {
    int64_t slot = 0;
    std::array<std::byte, index_entry_size_max> bytes{};
};

/// The index at one moment. Entries never change, so it stays right while the index grows.
struct IndexView {
    std::shared_ptr<File> file;
    size_t entry_size = 0;
    int64_t written = 0;  // entries in the file
    Bytes tail;           // those behind them
    /// False: would_block() instead of waiting for the disk.
    bool may_block = true;

    int64_t count() const { return written + int64_t(tail.size() / entry_size); }
    /// The entry of slot 0 … count()-1. is_malformed() when the file became shorter.
    DiskResult<IndexEntry> at(int64_t slot) const;
    /// The last entry whose key is at most `target`, among keys that do not fall.
    DiskResult<std::optional<IndexEntry>> last_at_most(IndexKey key, int64_t target) const;

private:
    DiskResult<std::optional<IndexEntry>> search_file(IndexKey key, int64_t target) const;
    DiskResult<void> read(int64_t slot, MutableByteView into) const;
};

class IndexFile {
public:
    /// So many entries are written at once.
    static constexpr size_t tail_entries_max = 64;

    IndexFile() = default;
    /// Opens it, or makes it.
    static DiskResult<IndexFile> open(Disk& disk, const std::string& path, size_t entry_size);
    /// Makes it empty.
    static DiskResult<IndexFile> create(Disk& disk, const std::string& path, size_t entry_size);

    bool is_open() const { return file_ != nullptr; }
    const std::shared_ptr<File>& file() const { return file_; }
    int64_t count() const { return written_ + int64_t(tail_.size() / entry_size_); }
    /// Bytes at the end of the file that are no whole entry, when it was opened.
    size_t odd_bytes() const { return odd_bytes_; }

    void append(ByteView entry);
    /// Time to write the tail.
    bool tail_is_full(size_t entries_max = tail_entries_max) const {
        return tail_.size() >= entries_max * entry_size_;
    }
    bool has_tail() const { return !tail_.empty(); }
    DiskResult<void> write_tail() const;
    /// After write_tail(): the entries are in the file.
    void drop_tail();
    /// Gives the memory of an empty tail back.
    void release_memory();

    IndexView view(bool may_block) const;

private:
    IndexFile(std::shared_ptr<File> file, size_t entry_size, int64_t size);

    std::shared_ptr<File> file_;
    size_t entry_size_ = 1;
    int64_t written_ = 0;
    size_t odd_bytes_ = 0;
    Bytes tail_;
};

}  // namespace stoker::storage
