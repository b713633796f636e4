// What a topic demands of the batch that a producer sends, beyond what every log does: its size,
// its timestamps, keys where it is compacted, its compression.
//
// The batch is decompressed only where a rule needs its records: a compacted topic, a bound on old
// timestamps, a compression of the topic's own. Its header's CRC is what guards the rest.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "broker/topic.hpp"
#include "protocol/messages/00_produce.hpp"

namespace stoker::broker {

/// Why a batch was refused, as Produce answers it.
struct BatchRefusal {
    ErrorCode code = ErrorCode::none;
    std::string message;
    std::vector<protocol::ProduceResponse::BatchIndexAndErrorMessage> record_errors;
};

/// A batch that passed: `bytes` is the frame's own, or `rewritten` where the topic compresses.
struct AcceptedBatch {
    MutableByteView bytes;
    Bytes rewritten;
};

struct ProduceContext {
    int16_t version = 0;  // of the Produce request
    int64_t now_ms = 0;
    const std::string& topic;  // for messages
    PartitionId partition{};
};

/// What the first batch says of itself, as far as the whole request depends on it.
struct FirstBatch {
    size_t size = 0;  // 0: there is no whole batch
    bool transactional = false;
};

/// The first batch of a partition's records. Upstream looks for transactional batches in all
/// partitions before anything else, so that what cannot even be counted off (a length, a magic that
/// cannot be) fails the whole request: the error.
std::expected<FirstBatch, BatchRefusal> scan_first_batch(ByteView records);

/// Whether there is one batch of the current format, which may have part of another behind it that
/// nobody will see. The batch's size.
std::expected<size_t, BatchRefusal> check_shape(ByteView records, const ProduceContext& context);

/// The rules of the topic, for one batch exactly; the shape was checked before.
std::expected<AcceptedBatch, BatchRefusal> accept_batch(MutableByteView records,
                                                        const TopicSettings& settings,
                                                        const ProduceContext& context);

}  // namespace stoker::broker
