// The records of __transaction_state, in Apache Kafka's schemas, so that either broker can take up
// the other's log: one record for each step of a transactional id, of which compaction keeps the
// last. A record without a value is a tombstone: the id is forgotten.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "broker/transaction/transaction.hpp"

namespace stoker::broker {

/// One record as it is appended; no value: a tombstone.
struct TransactionRecord {
    Bytes key;
    std::optional<Bytes> value;
};

/// `server_version` is the finalized level of transaction.version: below 1 the value has no tagged
/// fields and forgets what is in them.
TransactionRecord transaction_record(const std::string& transactional_id, const Transaction& value,
                                     int16_t server_version);
TransactionRecord transaction_tombstone(const std::string& transactional_id);

/// The transactional id; nothing for a key of a newer type, whose record is passed over.
/// CORRUPT_MESSAGE.
Result<std::optional<std::string>> read_transaction_key(ByteView key);
/// CORRUPT_MESSAGE; UNSUPPORTED_VERSION for a value of a version that came after 4.3.
Result<Transaction> read_transaction_value(ByteView value);

/// Where Apache Kafka keeps a transactional id: |hashCode(id)| modulo the number of partitions.
PartitionId transaction_partition_of(std::string_view transactional_id, int32_t partitions);

}  // namespace stoker::broker
