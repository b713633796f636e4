// TimeIndex: up to which offset a segment had seen which greatest timestamp: entries of twelve
// bytes, int64 timestamp and int32 offset relative to the segment's base (docs/formats/indexes.md).
//
// An entry says: no record at or before the offset has a later timestamp. Timestamps rise from
// entry to entry. When a segment is closed it gets a last entry, so that its greatest timestamp can
// be told from the index alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/ids.hpp"
#include "storage/disk.hpp"
#include "storage/index_file.hpp"

namespace stoker::storage {

struct TimeEntry {
    int64_t timestamp_ms = -1;
    Offset offset{};
};

/// Threads: as IndexFile.
class TimeIndex {
public:
    static constexpr size_t entry_size = 12;

    TimeIndex() = default;
    TimeIndex(IndexFile file, Offset base) : file_(std::move(file)), base_(base) {}

    IndexFile& file() { return file_; }
    const IndexFile& file() const { return file_; }
    /// One entry's room is kept for the closing of the segment.
    bool is_full(int32_t bytes_max) const {
        return file_.count() >= bytes_max / int64_t(entry_size) - 1;
    }

    /// The timestamp must be later than the last entry's; the caller remembers that one.
    void append(const TimeEntry& entry);

    /// The last entry; timestamp -1 when there is none.
    DiskResult<TimeEntry> last() const;
    /// Could this be the index of a segment whose offsets end before `end`? Looks at both ends.
    DiskResult<bool> is_plausible(Offset end) const;

private:
    IndexFile file_;
    Offset base_{};
};

/// The last entry at or below the time; {-1, base} when there is none.
DiskResult<TimeEntry> find_time(const IndexView& index, Offset base, int64_t timestamp_ms);

}  // namespace stoker::storage
