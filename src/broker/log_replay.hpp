// Reads a log of the broker's own from its start: the metadata log, the offsets topic.
#pragma once

#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/log.hpp"

namespace stoker::broker {

/// The views are valid during the call only.
using VisitRecord = std::function<void(const record::RecordView&)>;

/// The same; an error ends the replay.
using VisitBatch = std::function<Result<void>(const record::BatchView&)>;

/// Visits every batch, control batches too, from the one that contains `from`. What is damaged is
/// taken out of the log, which says so, and passed over. Blocks on the disk. CORRUPT_MESSAGE,
/// KAFKA_STORAGE_ERROR, and what `visit` returns.
Result<void> replay_batches(storage::Log& log, Offset from, const VisitBatch& visit);
/// Whether a control batch is a marker that commits (true) or aborts a producer's transaction;
/// nothing for any other batch, and for one that compaction has emptied.
std::optional<bool> ended_transaction(const record::BatchView& batch);

/// Visits every record, from the batch that contains `from`, of every batch that is no control
/// batch, the same way. CORRUPT_MESSAGE, INVALID_RECORD, KAFKA_STORAGE_ERROR.
Result<void> replay(storage::Log& log, Offset from, const VisitRecord& visit);
/// The same of batches in memory.
Result<void> replay(ByteView batches, const VisitRecord& visit);

}  // namespace stoker::broker
