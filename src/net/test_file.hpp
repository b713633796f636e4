// A file in memory for tests: it can claim that parts of it are not in the page cache, and fail.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/big_endian.hpp"
#include "net/reply.hpp"
#include "storage/disk.hpp"

namespace stoker::net::testing {

class TestFile final : public storage::File {
public:
    explicit TestFile(Bytes content) : content_(std::move(content)) {}

    /// From here on nothing is in the page cache until read() has brought it.
    std::atomic<int64_t> cached_to = INT64_MAX;
    std::atomic<bool> broken = false;
    std::atomic<size_t> reads = 0;         // of read()
    std::atomic<size_t> bytes_cached = 0;  // that read_cached() gave

    storage::DiskResult<size_t> read(int64_t position, MutableByteView into) override {
        ++reads;
        if (broken) return std::unexpected(storage::DiskError{.code = EIO, .what = "read: EIO"});
        return copy(position, into);
    }
    storage::DiskResult<size_t> read_cached(int64_t position, MutableByteView into) override {
        if (broken) return std::unexpected(storage::DiskError{.code = EIO, .what = "read: EIO"});
        const int64_t cached = cached_to;
        if (position >= cached) {
            return std::unexpected(storage::DiskError{.code = EAGAIN, .what = "not cached"});
        }
        const auto n = copy(position, into.first(std::min<size_t>(into.size(), cached - position)));
        bytes_cached += n;
        return n;
    }
    storage::DiskResult<void> write(int64_t, ByteView) override { return {}; }
    storage::DiskResult<void> sync() override { return {}; }
    storage::DiskResult<void> truncate(int64_t) override { return {}; }
    storage::DiskResult<int64_t> size() override { return static_cast<int64_t>(content_.size()); }

private:
    size_t copy(int64_t position, MutableByteView into) const {
        const size_t at = std::min(content_.size(), static_cast<size_t>(position));
        const size_t n = std::min(into.size(), content_.size() - at);
        std::copy_n(content_.begin() + static_cast<ptrdiff_t>(at), n, into.begin());
        return n;
    }

    const Bytes content_;
};

/// Bytes that differ from their neighbours, so that a shift by one is seen.
inline Bytes pattern(size_t size) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 131 + i / 251) % 256);
    return bytes;
}

/// `head`, all of `file`, `tail`, as one reply.
inline OutFrame spliced(std::string_view head, const std::shared_ptr<storage::File>& file,
                        std::string_view tail) {
    const size_t size = static_cast<size_t>(*file->size());
    OutFrame frame{.bytes = Bytes(4)};
    store_big_endian(frame.bytes.data(), static_cast<int32_t>(head.size() + size + tail.size()));
    frame.bytes.insert(frame.bytes.end(), bytes_of(head).begin(), bytes_of(head).end());
    frame.splices.push_back(
        {.at = frame.bytes.size(), .slices = {{.file = file, .position = 0, .size = size}}});
    frame.bytes.insert(frame.bytes.end(), bytes_of(tail).begin(), bytes_of(tail).end());
    return frame;
}

}  // namespace stoker::net::testing
