// BatchStream: the batches of a data file one after another, whole and checked, in large reads: for
// who needs all of them, such as the cleaner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "record/batch.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

/// Asked before so many bytes are read or written; it may wait. False: give up.
using Pace = std::function<bool(size_t bytes)>;

/// What a function says that gave up: no failure of the disk.
DiskError given_up();
bool is_given_up(const DiskError& error);

/// One thread. File and pace must outlive it. Memory: `block_size`, or the largest batch.
class BatchStream {
public:
    /// Batches from `position`, where one starts, to `end`, where one ends.
    BatchStream(File& file, int64_t position, int64_t end, size_t block_size, const Pace& pace)
        : file_(file), end_(end), block_size_(block_size), pace_(pace), block_at_(position) {}

    /// The next batch, valid by its checksum; its view lasts until the next call. Nothing at the
    /// end. is_malformed(): what is there is no valid batch, or cannot be read; is_given_up().
    DiskResult<std::optional<record::BatchView>> next();

    /// Where the next batch starts.
    int64_t position() const { return block_at_ + int64_t(used_); }

private:
    /// At least so many bytes from position() on; fewer only at the end.
    DiskResult<ByteView> look(size_t wanted);

    File& file_;
    const int64_t end_;
    const size_t block_size_;
    const Pace& pace_;
    Bytes block_;
    int64_t block_at_;
    size_t filled_ = 0;
    size_t used_ = 0;
};

}  // namespace stoker::storage
