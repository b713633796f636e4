// Reads a log of the broker's own from its start: the metadata log, the offsets topic.
#pragma once

#include <functional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/log.hpp"

namespace stoker::broker {

/// The views are valid during the call only.
using VisitRecord = std::function<void(const record::RecordView&)>;

/// Visits every record, from the batch that contains `from`, of every batch that is no control
/// batch. Blocks on the disk. CORRUPT_MESSAGE, INVALID_RECORD, KAFKA_STORAGE_ERROR.
Result<void> replay(storage::Log& log, Offset from, const VisitRecord& visit);
/// The same of batches in memory.
Result<void> replay(ByteView batches, const VisitRecord& visit);

}  // namespace stoker::broker
