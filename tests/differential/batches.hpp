// Record batches for Produce, good ones and spoilt ones.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "draw.hpp"

namespace stoker::differential {

struct DrawnBatch {
    Bytes bytes;
    /// What was done to it; empty: it is good.
    std::string spoilt;
    /// The slot of Model::producers, or -1.
    int producer = -1;
    int32_t base_sequence = -1;
    int32_t record_count = 0;
};

/// For this partition of this topic, which says which sequence an idempotent producer is at.
DrawnBatch draw_batch(Draw& draw, const Model& model, const std::string& topic,
                      PartitionId partition);

/// The time of the run's first record, in ms; all others lie near it.
int64_t base_time_ms();

}  // namespace stoker::differential
