// What a log tells the cleaner of itself.
#pragma once

#include <cstdint>
#include <memory>

#include "base/ids.hpp"
#include "storage/disk.hpp"
#include "storage/offset_index.hpp"
#include "storage/segment.hpp"

namespace stoker::storage {

/// Which part of a log is to be cleaned:
///
///     log start      first_dirty        first_uncleanable     end
///         |  clean        |  cleanable          |  uncleanable  |
///
/// Uncleanable are the active segment, everything from the last stable offset on, and what is
/// younger than min.compaction.lag.ms; the bound is the start of a segment.
struct CleanableRange {
    Offset first_dirty{};
    Offset first_uncleanable{};
    int64_t clean_bytes = 0;
    int64_t cleanable_bytes = 0;
    /// For how long max.compaction.lag.ms has been exceeded; 0 when it is not.
    int64_t compaction_delay_ms = 0;
    /// The checkpoint was not within the log: first_dirty is the log start instead.
    bool checkpoint_was_wrong = false;

    int64_t total_bytes() const { return clean_bytes + cleanable_bytes; }
    double dirty_ratio() const {
        return total_bytes() == 0 ? 0.0 : double(cleanable_bytes) / double(total_bytes());
    }
};

/// A closed segment as it was when the cleaner asked. Files stay readable when it is taken away.
struct CleanableSegment {
    std::shared_ptr<Segment> segment;
    Offset base{};
    Offset end{};  // where the next one begins
    int64_t size = 0;
    int64_t seen_ms = 0;
    IndexView offsets;
    int64_t offset_index_bytes = 0;
    int64_t time_index_bytes = 0;
};

}  // namespace stoker::storage
