// Rewrites a batch with a part of its records, as compaction does: what stays keeps its offset, and
// the batch keeps its base and last offset, its producer, its sequences and its codec. The bytes,
// compression aside, are those of Apache Kafka's MemoryRecords.filterTo.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "record/batch.hpp"

namespace stoker::record {

/// When the tombstones of a batch, or its marker, may go (KIP-534); nothing where it was not set.
std::optional<int64_t> delete_horizon(const BatchHeader& header);

/// The batch with these of its records, in their order; at least one. With a horizon, that is the
/// batch's base timestamp, and the records' timestamps are told relative to it.
Bytes rewrite_batch(const BatchHeader& original, std::span<const RecordView> kept,
                    std::optional<int64_t> delete_horizon_ms);

/// The batch without any record: it says only which offsets and sequences there were.
Bytes empty_batch(const BatchHeader& original);

}  // namespace stoker::record
