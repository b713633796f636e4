// What a Log consists of, by the lock that guards it (log.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.hpp"
#include "record/batch.hpp"
#include "storage/leader_epoch_checkpoint.hpp"
#include "storage/log_config.hpp"
#include "storage/producer_state.hpp"
#include "storage/segment.hpp"

namespace stoker::storage {

/// A place in the log where a batch starts, or the end.
struct LogPosition {
    Offset offset{-1};
    Offset segment{-1};  // its base
    int64_t position = 0;
};

/// A batch that is about to be appended; its header has the final offsets.
struct IncomingBatch {
    size_t position = 0;  // within the request
    record::BatchHeader header;
};

/// Under Log::writer_: what only appending, rolling and deleting need.
struct LogWriter {
    LogConfig config;
    /// The last segment, with its indexes loaded.
    std::shared_ptr<Segment> active;
    ProducerState producers;
    /// The offset of the newest snapshot.
    Offset snapshot{-1};
    /// Of the last append: LogShared::epochs has it.
    LeaderEpoch epoch = LeaderEpoch::none;
    /// When entries of the active segment's indexes were last written; -1 before that.
    int64_t index_written_ms = -1;
    bool closed = false;
    bool deleted = false;

    // Of the append at hand; kept for their memory.
    std::vector<IncomingBatch> incoming;
    ProducerUpdate update;
};

/// Under Log::shared_: what readers look at. Changed with the writer's lock held too.
struct LogShared {
    static constexpr size_t recent_max = 4;

    /// By base; never empty. The last one is LogWriter::active.
    std::vector<std::shared_ptr<Segment>> segments;
    LeaderEpochCache epochs;
    /// The high watermark's place.
    LogPosition committed;
    /// Where recent reads ended: the next ones of the same consumers begin there.
    std::array<LogPosition, recent_max> recent;
    size_t recent_next = 0;
    /// Monotonic; -1 when all is synced.
    int64_t unflushed_since_ms = -1;
};

/// A log as it was found on disk, after recovery.
struct LoadedLog {
    std::vector<std::shared_ptr<Segment>> segments;
    LeaderEpochCache epochs;
    ProducerState producers;
    Offset snapshot{-1};
    Offset start{};
    Offset end{};
    Offset flushed{};
};

}  // namespace stoker::storage
