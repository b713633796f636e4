#include "storage/posix_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/open_files.hpp"
#include "storage/system_calls.hpp"

namespace stoker::storage {

namespace {

constexpr mode_t file_mode = 0644;    // before the umask
constexpr mode_t folder_mode = 0755;  // before the umask
constexpr size_t open_files_least = 16;
constexpr size_t open_files_most = 9'000;

/// A descriptor that is closed at the end of the block.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

/// cachestat(2), which Linux has from 6.5 on and the C library not yet. ENOTSUP before.
std::expected<bool, int> is_cached(int descriptor, int64_t position, size_t size) {
    constexpr long call_number = 451;  // on every architecture
    struct Range {
        uint64_t offset;
        uint64_t size;
    };
    struct Pages {
        uint64_t cached;
        uint64_t dirty;
        uint64_t being_written;
        uint64_t evicted;
        uint64_t evicted_recently;
    };
    static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    const Range range{static_cast<uint64_t>(position), size};
    Pages pages{};
    if (::syscall(call_number, descriptor, &range, &pages, 0) != 0)
        return std::unexpected(errno == ENOSYS || errno == EOPNOTSUPP ? ENOTSUP : errno);
    const uint64_t first = range.offset / page;
    const uint64_t last = (range.offset + size - 1) / page;
    return pages.cached >= last - first + 1;
}

class PosixFile final : public File {
public:
    PosixFile(std::shared_ptr<OpenFiles> files, const std::string& path, bool writable,
              int descriptor)
        : files_(std::move(files)), file_(writable) {
        files_->add(file_, path, descriptor);
    }
    ~PosixFile() override { files_->remove(file_); }

    DiskResult<size_t> read(int64_t position, MutableByteView into) override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        return pread_all(pin->get(), position, into);
    }

    DiskResult<size_t> read_cached(int64_t position, MutableByteView into) override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        const auto got = transfer_all(into.size(), [&](size_t done) {
            const iovec rest{into.data() + done, into.size() - done};
            const off_t at = position + static_cast<int64_t>(done);
            return ::preadv2(pin->get(), &rest, 1, at, RWF_NOWAIT);
        });
        if (got) return *got;
        // A file system without such reads (FUSE, NFS): the caller waits for the disk then.
        if (got.error() == EOPNOTSUPP || got.error() == ENOSYS) {
            return pread_all(pin->get(), position, into);
        }
        // Called a hundred thousand times a second by a cold consumer: no message, no allocation.
        if (got.error() == EAGAIN) return std::unexpected(DiskError{EAGAIN, {}});
        return failure(got.error(), "read");
    }

    DiskResult<size_t> send_cached(int socket, int64_t position, size_t size) override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        const auto cached = is_cached(pin->get(), position, size);
        if (!cached) return std::unexpected(DiskError{cached.error(), {}});
        if (!*cached) return std::unexpected(DiskError{EAGAIN, {}});
        // A page that is evicted in between is waited for: a moment, and one in a very long while.
        off_t at = position;
        const ssize_t sent =
            retry_interrupted([&] { return ::sendfile(socket, pin->get(), &at, size); });
        if (sent >= 0) return static_cast<size_t>(sent);
        if (errno == EAGAIN) return 0;
        // A file system that cannot.
        if (errno == EINVAL || errno == ENOSYS) return std::unexpected(DiskError{ENOTSUP, {}});
        return failure(errno, "send");
    }

    DiskResult<void> write(int64_t position, ByteView bytes) override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        const auto put = transfer_all(bytes.size(), [&](size_t done) {
            return ::pwrite(pin->get(), bytes.data() + done, bytes.size() - done,
                            position + static_cast<int64_t>(done));
        });
        if (!put) return failure(put.error(), "write");
        if (*put < bytes.size()) return failure(EIO, "write");
        return {};
    }

    DiskResult<void> sync() override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        // Not repeated, not even after EINTR: a second fdatasync can succeed without the data.
        if (::fdatasync(pin->get()) != 0) return failure(errno, "fdatasync");
        return {};
    }

    DiskResult<void> truncate(int64_t size) override {
        const auto pin = files_->pin(file_);
        if (!pin) return std::unexpected(pin.error());
        const int done = retry_interrupted([&] { return ::ftruncate(pin->get(), size); });
        if (done != 0) return failure(errno, "truncate");
        return {};
    }

    DiskResult<int64_t> size() override {
        // Starting up asks for the size of every file: that need not open them all.
        struct stat status{};
        int code = 0;
        const bool by_path = files_->if_closed(file_, [&](const std::string& path) {
            if (::stat(path.c_str(), &status) != 0) code = errno;
        });
        if (!by_path) {
            const auto pin = files_->pin(file_);
            if (!pin) return std::unexpected(pin.error());
            if (::fstat(pin->get(), &status) != 0) code = errno;
        }
        if (code != 0) return failure(code, "stat");
        return status.st_size;
    }

private:
    DiskResult<size_t> pread_all(int descriptor, int64_t position, MutableByteView into) const {
        const auto got = transfer_all(into.size(), [&](size_t done) {
            return ::pread(descriptor, into.data() + done, into.size() - done,
                           position + static_cast<int64_t>(done));
        });
        if (!got) return failure(got.error(), "read");
        return *got;
    }

    std::unexpected<DiskError> failure(int code, std::string_view call) const {
        return disk_failure(code, call, files_->path_of(file_));
    }

    std::shared_ptr<OpenFiles> files_;
    OpenFile file_;
};

/// Closing the descriptor gives the lock up.
class PosixFileLock final : public FileLock {
public:
    explicit PosixFileLock(int descriptor) : descriptor_(descriptor) {}

private:
    Descriptor descriptor_;
};

}  // namespace

size_t default_open_files_max() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return open_files_least;
    return std::clamp<size_t>(limit.rlim_cur / 2, open_files_least, open_files_most);
}

PosixDisk::PosixDisk(PosixDiskOptions options)
    : files_(std::make_shared<OpenFiles>(options.open_files_max)) {}

PosixDisk::~PosixDisk() = default;

/// -1 and errno when it fails; idle Files give way when there is no descriptor left.
int PosixDisk::open_descriptor(const std::string& path, int flags) {
    return files_->with_room([&] { return ::open(path.c_str(), flags | O_CLOEXEC, file_mode); });
}

DiskResult<std::shared_ptr<File>> PosixDisk::open(const std::string& path, OpenMode mode) {
    const std::string normal = normal_path(path);
    if (mode != OpenMode::create) {
        struct stat status{};
        if (::stat(normal.c_str(), &status) == 0) {
            if (S_ISDIR(status.st_mode)) return disk_failure(EISDIR, "open", path);
            // Later there is nobody to tell that the file may not be read.
            const int access = mode == OpenMode::read ? R_OK : R_OK | W_OK;
            if (::access(normal.c_str(), access) != 0) return disk_failure(errno, "open", path);
            return std::make_shared<PosixFile>(files_, normal, mode != OpenMode::read, -1);
        }
        if (errno != ENOENT || mode == OpenMode::read) return disk_failure(errno, "open", path);
    }
    const int flags = O_RDWR | O_CREAT | (mode == OpenMode::create ? O_TRUNC : 0);
    Descriptor descriptor(open_descriptor(normal, flags));
    if (!descriptor.is_open()) return disk_failure(errno, "open", path);
    auto file = std::make_shared<PosixFile>(files_, normal, true, descriptor.get());
    descriptor.release();
    return file;
}

DiskResult<bool> PosixDisk::exists(const std::string& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return disk_failure(errno, "stat", path);
}

DiskResult<std::vector<std::string>> PosixDisk::list(const std::string& folder) {
    Descriptor descriptor(open_descriptor(folder, O_RDONLY | O_DIRECTORY));
    if (!descriptor.is_open()) return disk_failure(errno, "list", folder);
    DIR* stream = ::fdopendir(descriptor.get());
    if (stream == nullptr) return disk_failure(errno, "list", folder);
    descriptor.release();  // closedir() closes it
    std::vector<std::string> names;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream);
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    const int code = errno;
    ::closedir(stream);
    if (code != 0) return disk_failure(code, "list", folder);
    std::sort(names.begin(), names.end());
    return names;
}

DiskResult<void> PosixDisk::make_folder(const std::string& path) {
    const std::string normal = normal_path(path);
    // From the root down; "is there already" is looked at once, at the end.
    for (size_t end = normal.find('/', 1);; end = normal.find('/', end + 1)) {
        const std::string part = normal.substr(0, end);
        if (::mkdir(part.c_str(), folder_mode) != 0 && errno != EEXIST) {
            const int code = errno;
            // A parent on a read-only file system, or that we may not write, but that is there.
            struct stat status{};
            if (::stat(part.c_str(), &status) != 0) return disk_failure(code, "mkdir", part);
        }
        if (end == normal.npos) break;
    }
    struct stat status{};
    if (::stat(normal.c_str(), &status) != 0) return disk_failure(errno, "mkdir", path);
    if (!S_ISDIR(status.st_mode)) return disk_failure(EEXIST, "mkdir", path);
    return {};
}

DiskResult<void> PosixDisk::remove(const std::string& path) {
    const std::string normal = normal_path(path);
    struct stat status{};
    if (::lstat(normal.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return disk_failure(errno, "remove", path);
    }
    if (S_ISDIR(status.st_mode)) return disk_failure(EISDIR, "remove", path);
    files_->detach(normal);
    if (::unlink(normal.c_str()) != 0 && errno != ENOENT) {
        return disk_failure(errno, "remove", path);
    }
    return {};
}

DiskResult<void> PosixDisk::remove_folder(const std::string& path) {
    const std::string normal = normal_path(path);
    struct stat status{};
    if (::lstat(normal.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return disk_failure(errno, "remove", path);
    }
    if (!S_ISDIR(status.st_mode)) return disk_failure(ENOTDIR, "remove", path);
    files_->detach(normal);
    std::error_code code;
    std::filesystem::remove_all(normal, code);
    if (code) return disk_failure(code.value(), "remove", path);
    return {};
}

DiskResult<void> PosixDisk::rename(const std::string& from, const std::string& to) {
    return files_->rename(normal_path(from), normal_path(to));
}

DiskResult<void> PosixDisk::sync_folder(const std::string& path) {
    const Descriptor folder(open_descriptor(path, O_RDONLY | O_DIRECTORY));
    if (!folder.is_open()) return disk_failure(errno, "open", path);
    if (::fsync(folder.get()) != 0) return disk_failure(errno, "fsync", path);
    return {};
}

DiskResult<DiskSpace> PosixDisk::space(const std::string& path) {
    struct statvfs status{};
    const int done = retry_interrupted([&] { return ::statvfs(path.c_str(), &status); });
    if (done != 0) return disk_failure(errno, "statvfs", path);
    return DiskSpace{.free_bytes = static_cast<int64_t>(status.f_bavail * status.f_frsize),
                     .total_bytes = static_cast<int64_t>(status.f_blocks * status.f_frsize)};
}

DiskResult<std::unique_ptr<FileLock>> PosixDisk::lock(const std::string& path) {
    Descriptor descriptor(open_descriptor(path, O_RDWR | O_CREAT));
    if (!descriptor.is_open()) return disk_failure(errno, "open", path);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    const int done =
        retry_interrupted([&] { return ::fcntl(descriptor.get(), F_OFD_SETLK, &whole); });
    if (done != 0) {
        const int code = errno == EACCES ? EWOULDBLOCK : errno;
        return disk_failure(code, "lock", path);
    }
    return std::make_unique<PosixFileLock>(descriptor.release());
}

size_t PosixDisk::open_files() const {
    return files_->open_count();
}

}  // namespace stoker::storage
