// The end of a transaction in one partition: the seam between the transaction coordinator, which
// decides how a transaction ends, and the partitions, which remember it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error_code.hpp"
#include "base/ids.hpp"

namespace stoker::broker {

class Broker;

/// `producer_epoch` fences every older one. In transactions version 2 it is the transaction's own
/// plus one (KIP-890), else the same.
struct EndMarker {
    ProducerId producer_id = ProducerId::none;
    int16_t producer_epoch = -1;
    bool committed = false;
    int32_t coordinator_epoch = 0;
    /// By which rules the partition checks the epoch: from 2 on a marker that is not above the
    /// epoch of an open transaction is a late one, and refused.
    int16_t transaction_version = 0;
};

/// Appends the control batch to that partition's log and, in __consumer_offsets, completes the
/// offsets that wait for it; calls back once it is as durable as the topic wants, on this thread or
/// on another. UNKNOWN_TOPIC_OR_PARTITION when it is gone; a partition that has the marker already
/// may get it again. Any thread, no lock of a coordinator held.
void write_end_marker(Broker& broker, const std::string& topic, PartitionId partition,
                      const EndMarker& marker, std::function<void(ErrorCode)> done);

}  // namespace stoker::broker
