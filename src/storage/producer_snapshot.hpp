// The *.snapshot files: a partition's producer state at the offset that the file is named by, in
// Apache Kafka's bytes (docs/formats/producer-snapshot.md). Taken whenever a segment is closed and
// at a clean stop, so that opening a log need not read all of it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "storage/producer_state.hpp"

namespace stoker::storage {

/// Of each producer only the last batch is kept, as the format has it.
Bytes encode_producer_snapshot(std::span<const ProducerEntry> entries);

/// Nothing when the bytes are damaged or of another version.
std::optional<std::vector<ProducerEntry>> decode_producer_snapshot(ByteView bytes);

}  // namespace stoker::storage
