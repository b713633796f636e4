// Transactions and the producers of partitions through the admin client (KIP-664).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"
#include "protocol/messages/61_describe_producers.hpp"
#include "protocol/messages/65_describe_transactions.hpp"
#include "protocol/messages/66_list_transactions.hpp"

namespace stoker::kafka {

struct TransactionFilter {
    std::set<int64_t> producer_ids{};
    /// Open for longer than so many ms; below 0: all.
    int64_t duration_ms = -1;
    std::optional<std::string> id_pattern{};
};

struct TransactionListing {
    int32_t coordinator = -1;
    protocol::ListTransactionsResponse::TransactionState state;
};
/// Asks every broker.
Outcome<std::vector<TransactionListing>> list_transactions(Admin& admin,
                                                           const TransactionFilter& filter);

struct TransactionDescription {
    int32_t coordinator = -1;
    protocol::DescribeTransactionsResponse::TransactionState state;
};
Outcome<TransactionDescription> describe_transaction(Admin& admin, const std::string& id);

using PartitionProducers = std::vector<protocol::DescribeProducersResponse::ProducerState>;
/// Asks the leaders, or that one broker.
std::map<TopicPartition, Outcome<PartitionProducers>> describe_producers(
    Admin& admin, const std::set<TopicPartition>& partitions,
    std::optional<int32_t> broker = std::nullopt);

/// Which transaction of a partition is to be aborted, whatever its coordinator thinks of it.
struct AbortTransaction {
    TopicPartition partition;
    int64_t producer_id = -1;
    int16_t producer_epoch = -1;
    int32_t coordinator_epoch = 0;
};
/// As Java's AbortTransactionSpec prints itself.
std::string to_string(const AbortTransaction& transaction);
/// Writes the marker at the partition's leader.
Outcome<void> abort_transaction(Admin& admin, const AbortTransaction& transaction);

/// Fences the producer of a transactional id, which aborts what it has open.
Outcome<void> force_terminate_transaction(Admin& admin, const std::string& id);

}  // namespace stoker::kafka
