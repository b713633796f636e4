// The offsets that a consumer asks brokers for: the ends of logs and what its group committed; and
// committing. Each call is one request and its answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "kafka/cluster.hpp"
#include "kafka/consumer_group_metadata.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

/// What one partition is asked by ListOffsets: -1 the end, -2 the beginning, else a time.
struct OffsetQuery {
    TopicPartition where;
    int64_t timestamp = -1;
    LeaderEpoch leader_epoch = LeaderEpoch::none;
};

/// Asks one node. A partition that it cannot answer for has its own failure.
Outcome<std::map<TopicPartition, Outcome<OffsetAndEpoch>>> list_offsets(
    Connection& connection, const std::vector<OffsetQuery>& queries, bool read_committed,
    Deadline deadline);

/// What the group committed; partitions without an offset are left out. While a transaction that
/// is not over yet may change it, the failure is retriable: UNSTABLE_OFFSET_COMMIT (KIP-447).
Outcome<std::map<TopicPartition, OffsetAndEpoch>> fetch_committed(
    Connection& coordinator, const std::string& group_id,
    const std::vector<TopicPartition>& partitions, Deadline deadline);

struct OffsetToCommit {
    TopicPartition where;
    Uuid topic_id;
    OffsetAndEpoch offset;
};
/// Fails with the first partition's failure.
Outcome<void> commit_offsets(Connection& coordinator, const ConsumerGroupMetadata& identity,
                             const std::vector<OffsetToCommit>& offsets, Deadline deadline);

}  // namespace stoker::kafka
