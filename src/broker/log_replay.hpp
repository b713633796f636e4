// Reads a log of the broker's own from its start: the metadata log, the offsets topic.
#pragma once

#include <functional>

#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/log.hpp"

namespace stoker::broker {

/// Visits every record of every batch that is no control batch. Blocks on the disk. The views are
/// valid during the call only. CORRUPT_MESSAGE, INVALID_RECORD, KAFKA_STORAGE_ERROR.
Result<void> replay(storage::Log& log, const std::function<void(const record::RecordView&)>& visit);

}  // namespace stoker::broker
