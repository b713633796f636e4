// One partition that a consumer reads, and where it is in it. Shared by the consumer, its fetcher
// and the answers that are still on their way; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "kafka/topic_metadata.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

struct ConsumedPartition {
    TopicPartition where;
    Uuid topic_id{};
    PartitionInfo info{};
    /// The offset of the next record to give out; nothing until it was found out.
    std::optional<Offset> position{};
    /// Of the record before it; none after a seek.
    LeaderEpoch position_epoch = LeaderEpoch::none;
    /// Where the next fetch begins: behind what waits to be given out.
    Offset fetch_from{};
    /// Where the log ended for a reader, as the last answer had it: behind all that it may read.
    std::optional<Offset> end_of_log{};
    /// Set: the position is to be looked up by this timestamp (-1 the end, -2 the beginning).
    std::optional<int64_t> reset_to{};
    /// Goes up with each seek: what was fetched before counts no more.
    uint64_t era = 0;
    /// Answers that wait to be given out.
    int buffered = 0;
    /// Not to be asked about before this, on the monotonic clock.
    int64_t retry_at_ms = 0;

    void seek(Offset offset) {
        position = offset;
        position_epoch = LeaderEpoch::none;
        fetch_from = offset;
        reset_to.reset();
        ++era;
    }
    void look_up(int64_t timestamp) {
        position.reset();
        position_epoch = LeaderEpoch::none;
        reset_to = timestamp;
        ++era;
    }
};

using ConsumedPartitions = std::map<TopicPartition, std::shared_ptr<ConsumedPartition>>;

}  // namespace stoker::kafka
