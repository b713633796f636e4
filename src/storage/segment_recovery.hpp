// Recovery of one segment after a crash: one pass over its data file in large reads, every batch
// checked by its checksum, the indexes built anew on the way.
//
// What is not a valid batch is told apart by what follows it. With nothing valid behind it, it is a
// torn tail: the write that the crash cut short. It goes. With valid batches behind it, it is
// either rot or a write that a power cut lost while later ones survived. Without a power cut the
// page cache has outlived the process, and no write can be missing.
//
// Rot: its bytes are moved to BASE.POSITION.quarantine, and the segment is written anew without
// them. The batches behind keep their offsets, so the log has a gap there, as compaction leaves
// them; every tool that reads segments can read it.
//
// A lost write: nothing from there on was ever synced, for a sync covers what was written before
// it; so nothing of it was promised, and the log ends there. What followed would be later records
// without the earlier ones, which an idempotent producer could never repair. Those bytes go into
// quarantine, too. Below the recovery point all was synced, so there it is rot in any case.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "record/batch.hpp"
#include "storage/disk.hpp"
#include "storage/segment.hpp"

namespace stoker::storage {

/// Batches are at most this large (a frame is smaller): a length beyond it is damage.
inline constexpr size_t batch_size_max = 128 << 20;

struct SegmentRecovery {
    const std::string& folder;
    Offset base{};
    int32_t index_interval_bytes = 4096;
    /// Where the previous segment ended: offsets begin here or later.
    Offset expected{};
    /// It is the last segment: an end that is no batch is a torn tail, beyond what was synced.
    bool may_be_torn = true;
    Offset synced{};
    bool power_was_cut = false;
    /// Where the log is known to end, or the next segment to begin: a batch that leaves a gap and
    /// reaches beyond has a damaged offset, which its checksum does not cover.
    Offset known_end{std::numeric_limits<int64_t>::max()};
    /// Called for each valid batch, in order. The view lasts until it returns.
    std::function<void(const record::BatchView&)> visit;
};

struct RecoveredSegment {
    std::shared_ptr<Segment> segment;  // with its indexes
    Offset end{};                      // behind the last valid batch; `expected` without any
    int64_t torn_bytes = 0;
    int64_t quarantined_bytes = 0;
    /// Writes are missing at its end: what is in the segments behind it came after them.
    bool lost_writes = false;
    /// The end was damaged although it had been synced: its offsets must not be given out again.
    bool lost_synced_end = false;
};

DiskResult<RecoveredSegment> recover_segment(Disk& disk, const SegmentRecovery& options);

}  // namespace stoker::storage
