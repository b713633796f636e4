#include "cli/batch_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "cli/admin_tool.hpp"

namespace stoker::cli {
namespace {

/// Up to and with the magic byte: what is needed to tell a batch's size.
constexpr int64_t header_up_to_magic = 17;
/// The least size of a record of the oldest format.
constexpr int32_t record_overhead = 14;

}  // namespace

InputFile::InputFile(const std::string& path) : path_(path) {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (fd_ < 0 || ::fstat(fd_, &status) != 0) {
        const bool denied = errno == EACCES;
        throw_java(
            denied ? "java.nio.file.AccessDeniedException" : "java.nio.file.NoSuchFileException",
            path);
    }
    size_ = status.st_size;
}

InputFile::~InputFile() {
    if (fd_ >= 0) ::close(fd_);
}

Bytes InputFile::read(int64_t position, size_t size) const {
    Bytes bytes(size);
    size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(fd_, bytes.data() + done, size - done, position + static_cast<int64_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_java("java.io.IOException", std::strerror(errno));
        if (got == 0) {
            throw_java("java.io.EOFException", "Failed to read `" + path_ + "`: it became shorter");
        }
        done += static_cast<size_t>(got);
    }
    return bytes;
}

BatchFile::BatchFile(const InputFile& file, int64_t begin, int64_t end)
    : file_(file), end_(std::min(end, file.size())), next_(begin) {}

std::optional<record::BatchView> BatchFile::next() {
    if (next_ >= end_ - header_up_to_magic) return std::nullopt;
    const Bytes head = file_.read(next_, header_up_to_magic);
    const auto length = load_big_endian<int32_t>(head.data() + record::field::batch_length);
    if (length < record_overhead) {
        throw_java("org.apache.kafka.common.errors.CorruptRecordException",
                   "Found record size " + std::to_string(length) +
                       " smaller than minimum record overhead (" + std::to_string(record_overhead) +
                       ") in file " + file_.path() + ".");
    }
    const int64_t size = int64_t{length} + int64_t{record::log_overhead};
    if (next_ > end_ - size) return std::nullopt;
    bytes_ = file_.read(next_, static_cast<size_t>(size));
    const auto header = record::parse_header(bytes_);
    if (!header) {
        throw_java("org.apache.kafka.common.errors.CorruptRecordException",
                   "No batch of version 2 at position " + std::to_string(next_) + " of file " +
                       file_.path());
    }
    position_ = next_;
    next_ += size;
    return record::BatchView{*header, bytes_};
}

bool is_valid(const record::BatchView& batch) {
    return crc32c(batch.bytes.subspan(record::crc_start)) == batch.header.crc;
}

std::string timestamp_type(const record::BatchHeader& header) {
    return header.is_log_append_time() ? "LogAppendTime" : "CreateTime";
}

}  // namespace stoker::cli
