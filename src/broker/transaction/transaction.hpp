// What the coordinator knows of one transactional id, and what each request makes of it.
//
// Pure functions from one value to the next: the coordinator writes the next one into its log and
// only then believes it. The rules are Apache Kafka 4.3's (KIP-98, KIP-360, KIP-890). Values; no
// threads, no time but what is handed in.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "broker/transaction/transaction_state.hpp"
#include "storage/topic_partition.hpp"

namespace stoker::broker {

inline constexpr int16_t no_epoch = -1;
inline constexpr int16_t epoch_max = std::numeric_limits<int16_t>::max();
/// The last epoch that a producer gets to see: the one after it is for fencing it.
inline constexpr int16_t last_client_epoch = epoch_max - 1;

/// The level of the feature transaction.version from which on every transaction has an epoch of its
/// own (KIP-890, part 2).
inline constexpr int16_t epoch_bump_version = 2;
/// Two-phase commit (KIP-939) is told by this time-out: such a transaction never times out.
inline constexpr int32_t no_timeout_ms = std::numeric_limits<int32_t>::max();

struct ProducerIdentity {
    ProducerId id = ProducerId::none;
    int16_t epoch = no_epoch;

    bool operator==(const ProducerIdentity&) const = default;
};

using TransactionPartitions = std::set<storage::TopicPartition>;

struct Transaction {
    ProducerIdentity producer;
    ProducerId previous_producer_id = ProducerId::none;
    /// Once this transaction has ended: set while it ends and the epochs of the present id are
    /// spent.
    ProducerId next_producer_id = ProducerId::none;
    /// What a producer that asks for a new epoch again may still believe in; not in the log.
    int16_t last_epoch = no_epoch;
    int32_t timeout_ms = 0;
    TransactionState state = TransactionState::empty;
    /// While it ends: those that do not know it yet.
    TransactionPartitions partitions;
    int64_t start_ms = -1;  // wall clock, as is the next
    int64_t last_update_ms = 0;
    /// Of whoever brought it into this state.
    int16_t client_version = 0;

    bool epochs_exhausted() const { return producer.epoch >= last_client_epoch; }
    bool operator==(const Transaction&) const = default;
};

/// A transition that needs a producer id which nobody had before: the caller has one, or gets this
/// as the answer and comes back with one.
struct NeedsProducerId {};
template <class T>
using WithNewId = std::expected<Result<T>, NeedsProducerId>;

struct Initialisation {
    int32_t timeout_ms = 0;
    /// A producer that goes on after an error (KIP-360).
    std::optional<ProducerIdentity> expected;
    std::optional<ProducerId> new_id;
    int64_t now_ms = 0;
};
/// InitProducerId. A transaction that is open must be fenced instead (fenced()); its expected
/// producer is checked here all the same. CONCURRENT_TRANSACTIONS, PRODUCER_FENCED.
WithNewId<Transaction> initialised(const Transaction& now, const Initialisation& how);

/// The partitions are part of it; it begins if none was open. CONCURRENT_TRANSACTIONS,
/// INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED. The value itself when it has them all.
Result<Transaction> with_partitions(const Transaction& now, const ProducerIdentity& producer,
                                    const TransactionPartitions& added, int16_t client_version,
                                    int64_t now_ms);

struct Ending {
    ProducerIdentity producer;
    bool commit = false;
    int16_t client_version = 0;
    std::optional<ProducerId> new_id;
    int64_t now_ms = 0;
};
/// EndTxn. The value is prepare_commit or prepare_abort; nothing when the transaction has ended
/// that way before, so that this is the request again. INVALID_PRODUCER_ID_MAPPING,
/// PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE.
WithNewId<std::optional<Transaction>> ending(const Transaction& now, const Ending& how);

/// The open transaction is to be aborted and its producer to be fenced: prepare_abort.
std::expected<Transaction, NeedsProducerId> fenced(const Transaction& now, int16_t server_version,
                                                   std::optional<ProducerId> new_id,
                                                   int64_t now_ms);

/// Every partition knows it: from prepare_… to complete_….
Transaction completed(const Transaction& now, int64_t now_ms);

}  // namespace stoker::broker
