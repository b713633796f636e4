// BatchScanner: walks the batches of a data file by their headers, without reading their records:
// to find an offset behind an index entry, or the end of a log that was stopped in order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "record/batch.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

struct ScannedBatch {
    int64_t position = 0;
    record::BatchHeader header;

    int64_t end() const { return position + int64_t(header.size()); }
};

/// One thread. The file must outlive it.
class BatchScanner {
public:
    /// Batches from `position`, where one starts, to `end`, where one ends.
    BatchScanner(File& file, int64_t position, int64_t end, bool may_block = true)
        : file_(file), position_(position), end_(end), may_block_(may_block) {}

    /// The next batch; nothing at the end. is_malformed() when what is there is no whole batch:
    /// position() stays there. would_block() when the disk would have to be asked.
    DiskResult<std::optional<ScannedBatch>> next();

    /// Where the next batch starts.
    int64_t position() const { return position_; }

private:
    DiskResult<ByteView> header_bytes();

    /// Small batches come several in one read; of large ones little is read in vain.
    static constexpr size_t block_size = 4096;

    File& file_;
    int64_t position_;
    const int64_t end_;
    const bool may_block_;
    int64_t block_at_ = 0;
    size_t block_filled_ = 0;
    std::array<std::byte, block_size> block_;
};

}  // namespace stoker::storage
