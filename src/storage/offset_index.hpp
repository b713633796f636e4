// OffsetIndex: where in a segment's data file an offset is, sparsely: an entry of eight bytes,
// int32 offset relative to the segment's base and int32 position, about every
// index.interval.bytes (docs/formats/indexes.md).
//
// The entry of a batch has the batch's last offset and the position where the batch starts. So the
// last entry with an offset at or below the one sought leads to its batch or to one before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ids.hpp"
#include "storage/disk.hpp"
#include "storage/index_file.hpp"

namespace stoker::storage {

/// Threads: as IndexFile.
class OffsetIndex {
public:
    static constexpr size_t entry_size = 8;

    OffsetIndex() = default;
    OffsetIndex(IndexFile file, Offset base) : file_(std::move(file)), base_(base) {}

    IndexFile& file() { return file_; }
    const IndexFile& file() const { return file_; }
    bool is_full(int32_t bytes_max) const {
        return file_.count() >= bytes_max / int64_t(entry_size);
    }

    void append(Offset last_offset, int64_t position);

    /// Could this be the index of a data file of `log_size` bytes? Looks at its two ends only.
    DiskResult<bool> is_plausible(int64_t log_size) const;

private:
    IndexFile file_;
    Offset base_{};
};

struct OffsetPosition {
    Offset offset{};
    int64_t position = 0;
};

/// The last entry at or below `offset`; the segment's start when there is none.
DiskResult<OffsetPosition> find_offset(const IndexView& index, Offset base, Offset offset);
/// The last entry at or below `position`.
DiskResult<OffsetPosition> find_position(const IndexView& index, Offset base, int64_t position);
/// The entry of a slot that is there.
DiskResult<OffsetPosition> offset_entry(const IndexView& index, Offset base, int64_t slot);

}  // namespace stoker::storage
