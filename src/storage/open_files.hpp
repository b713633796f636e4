// OpenFiles: many files, few descriptors.
//
// A broker with 10,000 partitions has 30,000 files and touches few of them at a time. Each OpenFile
// gets its descriptor at first use; when there are too many, those not used for longest are closed
// (the clock algorithm: a flag a file instead of a list that every read would have to reorder).
// A file in use is never closed under its user. An idle one takes some 200 bytes, path included.
//
// The hot path (pin and unpin of an open file) is two atomic additions and takes no lock. All else
// (opening, closing, renaming, the tree of paths) is under one mutex, so that no file is opened by
// a path that is being renamed.
//
// Closing a file with unsynced writes loses nothing: the kernel keeps the pages, and reports a
// failed write-back to the next descriptor's fdatasync as long as the inode is in memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/disk.hpp"

namespace stoker::storage {

class OpenFiles;

/// One file's place in the tree, and its descriptor while it has one. Lives inside its PosixFile.
class OpenFile {
public:
    explicit OpenFile(bool writable) : writable_(writable) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

private:
    friend class OpenFiles;
    friend class PinnedDescriptor;

    /// A folder with files that we look after. Its path is stored once for all of them.
    struct Folder {
        const std::string* path = nullptr;  // the key in OpenFiles::folders_
        OpenFile* first = nullptr;
    };

    // Upper half: the descriptor plus one, 0 when closed. Lower half: how many calls are using it.
    // The upper half changes under OpenFiles' mutex only.
    std::atomic<uint64_t> state_ = 0;
    std::atomic<bool> used_ = false;  // since the clock's hand passed last
    const bool writable_;
    // The rest belongs to OpenFiles' mutex.
    uint32_t slot_ = 0;         // in the clock, while open and not detached
    Folder* folder_ = nullptr;  // none: detached, the descriptor is all that is left
    OpenFile* previous_ = nullptr;
    OpenFile* next_ = nullptr;
    std::unique_ptr<char[]> name_;  // ends with a zero; a std::string would be four times as large
};

/// A descriptor that stays open for as long as this lives. Do not keep it beyond one call.
class PinnedDescriptor {
public:
    PinnedDescriptor(OpenFile& file, int descriptor) : file_(&file), descriptor_(descriptor) {}
    PinnedDescriptor(PinnedDescriptor&& other) noexcept
        : file_(std::exchange(other.file_, nullptr)), descriptor_(other.descriptor_) {}
    PinnedDescriptor& operator=(PinnedDescriptor&&) = delete;
    ~PinnedDescriptor() {
        if (file_ != nullptr) file_->state_.fetch_sub(1, std::memory_order_release);
    }
    int get() const { return descriptor_; }

private:
    OpenFile* file_;
    int descriptor_;
};

class OpenFiles {
public:
    /// `open_max` is exceeded only while more calls than that are under way at once, and by the
    /// files that were removed while somebody still reads them.
    explicit OpenFiles(size_t open_max);
    ~OpenFiles();
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;

    /// Takes `file` in under a normal path. `descriptor` is -1, or open already and now ours.
    void add(OpenFile& file, const std::string& path, int descriptor);
    /// Closes it and forgets it. Nobody may be using it.
    void remove(OpenFile& file);

    DiskResult<PinnedDescriptor> pin(OpenFile& file);
    /// Calls `with_path` under the mutex, so that no rename comes between, unless the file is open
    /// or detached: then it does nothing and answers false.
    bool if_closed(OpenFile& file, const std::function<void(const std::string&)>& with_path);
    /// For messages: the path, or its last name and "(removed)".
    std::string path_of(const OpenFile& file) const;

    /// Renames a file or a folder on the disk and in the tree; files replaced by it are detached.
    DiskResult<void> rename(const std::string& from, const std::string& to);
    /// Before the file at `path`, or all below the folder at `path`, is removed: whoever has one of
    /// them open can go on using it, as with any descriptor.
    void detach(const std::string& path);

    /// Repeats `open`, which answers a descriptor or -1 and errno, with one idle file after another
    /// closed for as long as the process has no descriptor left.
    int with_room(const std::function<int()>& open);

    size_t open_count() const;
    size_t open_max() const { return open_max_; }

private:
    using Folder = OpenFile::Folder;
    using Folders = std::map<std::string, Folder, std::less<>>;

    Folder& folder_at(std::string_view path);
    void link(OpenFile& file, Folder& folder);
    void unlink(OpenFile& file);
    std::string path_locked(const OpenFile& file) const;
    std::pair<Folders::iterator, Folders::iterator> folders_below(const std::string& path);
    DiskResult<int> open_locked(OpenFile& file);
    int with_room_locked(const std::function<int()>& open);
    void install(OpenFile& file, int descriptor);
    bool evict_one();
    void leave_clock(OpenFile& file);
    void detach_file(OpenFile& file);
    void detach_named(const std::string& path);
    void detach_below(const std::string& path);
    void move_file(const std::string& from, const std::string& to);
    void move_folders(const std::string& from, const std::string& to);

    const size_t open_max_;
    mutable std::mutex mutex_;
    Folders folders_;               // only those that have files here
    std::vector<OpenFile*> clock_;  // the open files that may be closed
    size_t hand_ = 0;
    size_t detached_open_ = 0;
};

}  // namespace stoker::storage
