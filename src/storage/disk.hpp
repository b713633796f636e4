// Disk: the only door to the file system, and the one virtual seam of the storage layer.
//
// PosixDisk is the machine's own; MemoryDisk keeps everything in memory and can lose what was never
// synced, as a power cut does; FaultyDisk wraps either and makes the n-th call fail. Everything
// above is the same code in all three.
//
// Paths are absolute or relative to the process; a Disk does not interpret them. Any thread may
// call any function; two threads must not write the same File at once (the owner's lock sees to
// that).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace stoker::storage {

/// Why a call failed, as the errno that the operating system gave or would have given.
struct DiskError {
    int code = 0;            // errno
    std::string what;        // "write /data/t-0/00000000000000000000.log: No space left on device"
    bool no_space() const;   // ENOSPC or EDQUOT: the one failure that mends itself
    bool not_found() const;  // ENOENT
    bool would_block() const;  // EAGAIN: only from File::*_cached
};

template <class T>
using DiskResult = std::expected<T, DiskError>;

/// One file. Kept by shared_ptr: a FileSlice that is on its way to a client holds on to it while
/// the log drops it. A PosixDisk opens the descriptor at first use and may close it behind the
/// scenes (OpenFiles); callers never notice.
class File {
public:
    virtual ~File() = default;

    /// Reads up to `into.size()` bytes at `position`; fewer only at the end of the file.
    virtual DiskResult<size_t> read(int64_t position, MutableByteView into) = 0;
    /// The same, but only what is in the page cache: would_block() when the disk would have to be
    /// asked.
    virtual DiskResult<size_t> read_cached(int64_t position, MutableByteView into) = 0;
    /// The same into a socket that does not block, without a copy in between: up to `size` bytes,
    /// 0 when the socket takes none now. would_block() when not all of them are in the page cache;
    /// ENOTSUP where there is no such way: the caller reads and sends. EPIPE and the like are the
    /// socket's.
    virtual DiskResult<size_t> send_cached(int socket, int64_t position, size_t size);
    /// Writes all of `bytes` at `position` (which may lie at or before the end) or fails; a failure
    /// can leave a part.
    virtual DiskResult<void> write(int64_t position, ByteView bytes) = 0;
    /// fdatasync: what was written survives a power cut. A failure is final: never retried
    /// (fsyncgate).
    virtual DiskResult<void> sync() = 0;
    virtual DiskResult<void> truncate(int64_t size) = 0;
    virtual DiskResult<int64_t> size() = 0;
};

enum class OpenMode {
    read,    // fails with not_found()
    write,   // creates it when it is not there; reads and writes
    create,  // reads and writes, and starts empty
};

struct DiskSpace {
    int64_t free_bytes = 0;  // for us: without what is kept for root
    int64_t total_bytes = 0;
};

/// Holds an exclusive lock on a file for as long as it lives.
class FileLock {
public:
    virtual ~FileLock() = default;
};

class Disk {
public:
    virtual ~Disk() = default;

    virtual DiskResult<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    virtual DiskResult<bool> exists(const std::string& path) = 0;
    /// Names (not paths) in a folder, sorted; "." and ".." left out.
    virtual DiskResult<std::vector<std::string>> list(const std::string& folder) = 0;
    /// With its parents; no error when it is there already.
    virtual DiskResult<void> make_folder(const std::string& path) = 0;
    /// A file; no error when it is not there.
    virtual DiskResult<void> remove(const std::string& path) = 0;
    /// A folder with all that is in it; no error when it is not there.
    virtual DiskResult<void> remove_folder(const std::string& path) = 0;
    /// Atomic within one file system; replaces a file of the new name. Open Files follow.
    virtual DiskResult<void> rename(const std::string& from, const std::string& to) = 0;
    /// Makes creations, removals and renames in this folder survive a power cut.
    virtual DiskResult<void> sync_folder(const std::string& path) = 0;
    /// Of the volume that `path` is on.
    virtual DiskResult<DiskSpace> space(const std::string& path) = 0;
    /// Fails with EWOULDBLOCK when another process has it.
    virtual DiskResult<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// A stretch of a file that a reply carries to a client without being copied through the broker.
struct FileSlice {
    std::shared_ptr<File> file;
    int64_t position = 0;
    size_t size = 0;
};

/// The whole file, at most `size_max` bytes (EFBIG beyond).
DiskResult<Bytes> read_file(Disk& disk, const std::string& path, size_t size_max = 64 << 20);
/// Writes NAME.tmp, syncs it, renames it to NAME and syncs the folder: either the old content or
/// the new survives.
DiskResult<void> replace_file(Disk& disk, const std::string& path, ByteView content);

}  // namespace stoker::storage
