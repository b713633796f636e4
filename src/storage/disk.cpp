#include "storage/disk.hpp"

#include <cerrno>
#include <system_error>

#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"

namespace stoker::storage {

bool DiskError::no_space() const {
    return code == ENOSPC || code == EDQUOT;
}
bool DiskError::not_found() const {
    return code == ENOENT;
}
bool DiskError::would_block() const {
    return code == EAGAIN || code == EWOULDBLOCK;
}

std::unexpected<DiskError> disk_failure(int code, std::string_view call, std::string_view path) {
    std::string what;
    what.append(call).append(" ").append(path).append(": ");
    what += std::generic_category().message(code);
    return std::unexpected(DiskError{code, std::move(what)});
}

std::unexpected<DiskError> malformed_file(std::string_view path, std::string_view why) {
    return std::unexpected(DiskError{EBADMSG, std::string(path).append(": ").append(why)});
}

std::string normal_path(std::string_view path) {
    std::string normal;
    normal.reserve(path.size());
    if (path.starts_with('/')) normal += '/';
    while (!path.empty()) {
        const size_t end = path.find('/');
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
        if (part.empty() || part == ".") continue;
        if (!normal.empty() && normal.back() != '/') normal += '/';
        normal += part;
    }
    return normal.empty() ? "." : normal;
}

std::string parent_of(std::string_view path) {
    const size_t slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string_view name_of(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

std::string join(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.ends_with('/')) path += '/';
    return path.append(name);
}

DiskResult<size_t> File::send_cached(int, int64_t, size_t) {
    return std::unexpected(DiskError{ENOTSUP, {}});
}

DiskResult<Bytes> read_file(Disk& disk, const std::string& path, size_t size_max) {
    auto file = disk.open(path, OpenMode::read);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    if (static_cast<uint64_t>(*size) > size_max) return disk_failure(EFBIG, "read", path);
    Bytes content(static_cast<size_t>(*size));
    const auto got = (*file)->read(0, content);
    if (!got) return std::unexpected(got.error());
    content.resize(*got);
    return content;
}

namespace {

DiskResult<void> write_synced(Disk& disk, const std::string& path, ByteView content) {
    auto file = disk.open(path, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    if (auto written = (*file)->write(0, content); !written) return written;
    return (*file)->sync();
}

}  // namespace

DiskResult<void> replace_file(Disk& disk, const std::string& path, ByteView content) {
    const std::string fresh = path + ".tmp";
    auto done = write_synced(disk, fresh, content);
    if (done) done = disk.rename(fresh, path);
    if (!done) {
        // Half a file helps nobody and takes room on a full disk; the first failure is the answer.
        (void)disk.remove(fresh);
        return done;
    }
    return disk.sync_folder(parent_of(normal_path(path)));
}

}  // namespace stoker::storage
