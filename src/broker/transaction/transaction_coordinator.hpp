// TransactionCoordinator: the transactions of this broker, by transactional id.
//
// It hands out producer ids and epochs, knows which partitions a transaction has, decides how it
// ends and tells the partitions (APIs 22, 24, 25, 26, 65, 66). What it believes stands in
// __transaction_state in Apache Kafka's own records, before it is answered; after a restart the log
// is replayed (`apply` for every record, then `on_loaded` once), and state(replay(log)) == live
// state, but for the epoch that a producer may have asked for twice, which upstream's records do
// not hold either. Transactions that were decided before the restart are completed, those that were
// open stay open until they end or time out.
//
// An EndTxn is answered when the partitions know it, or could not be told yet: the next transaction
// of that producer then never meets CONCURRENT_TRANSACTIONS.
//
// Until transactions version 2 a producer has one epoch for many transactions, and an EndTxn that
// was held up on a connection which its client gave up could end a later one (KAFKA-17754). So what
// arrives on an older connection than the last request of that kind of the same producer is dropped
// and its connection closed; a client that is still there connects anew and asks again.
//
// Threads: any. The ids are split over shards by their partition of __transaction_state, one mutex
// a shard ("transaction" in the lock order of docs/ARCHITECTURE.md: the log is appended to under
// it, the environment is asked everything else without it). Replies, markers and the durability
// hook are called without a lock held; a reply may call the coordinator again.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "broker/group/outbox.hpp"
#include "broker/transaction/end_marker.hpp"
#include "broker/transaction/transaction.hpp"
#include "broker/transaction/transaction_config.hpp"
#include "broker/transaction/transaction_records.hpp"
#include "protocol/messages/65_describe_transactions.hpp"
#include "protocol/messages/66_list_transactions.hpp"

namespace stoker::broker {

class TransactionCoordinator {
public:
    struct Environment {
        /// Appends to a partition of __transaction_state; once it has answered `none`, a restart
        /// finds the records. Called under a shard's lock.
        std::function<ErrorCode(PartitionId, std::span<const TransactionRecord>)> append;
        /// Empty: what is appended is durable enough.
        WhenDurable when_durable = {};
        /// The leader epoch of that partition; nothing while there is no such topic.
        std::function<std::optional<int32_t>(PartitionId)> coordinator_epoch;
        std::function<Result<ProducerId>()> next_producer_id;
        /// The finalized level of transaction.version.
        std::function<int16_t()> transaction_version;
        /// write_end_marker() of that partition.
        std::function<void(const storage::TopicPartition&, const EndMarker&,
                           std::function<void(ErrorCode)>)>
            write_marker;
    };

    TransactionCoordinator(Clock& clock, const TransactionConfig& config, Environment environment);
    TransactionCoordinator(const TransactionCoordinator&) = delete;
    TransactionCoordinator& operator=(const TransactionCoordinator&) = delete;

    // --- The log
    /// Takes in a record of __transaction_state, in the order of its partition. CORRUPT_MESSAGE or
    /// UNSUPPORTED_VERSION: not taken in.
    ErrorCode apply(ByteView key, std::optional<ByteView> value);
    /// Everything has been replayed (an empty log, too): what was decided is completed.
    void on_loaded();
    /// The persistent state as text, sorted: for tests and for people.
    std::string dump() const;

    // --- Time
    /// Aborts what has timed out, forgets ids that nobody used, tries again what failed.
    void tick();

    // --- Requests. Every reply is called once, or destroyed where the connection is to be closed.
    /// `producer` is what the client goes on with.
    struct ProducerAnswer {
        ErrorCode error = ErrorCode::none;
        ProducerIdentity producer = {};
    };
    using ProducerReply = std::move_only_function<void(ProducerAnswer)>;
    using ErrorReply = std::move_only_function<void(ErrorCode)>;

    struct InitCall {
        std::string transactional_id;
        int32_t timeout_ms = 0;
        std::optional<ProducerIdentity> expected = {};
    };
    void init_producer(const InitCall& call, ProducerReply reply);

    /// Which producer acts, and on which connection; 0: on none, it is the broker itself.
    struct Caller {
        std::string transactional_id;
        ProducerIdentity producer = {};
        uint64_t session_id = 0;
    };
    /// `client_version` is the transactions version that the request belongs to.
    void add_partitions(const Caller& caller, TransactionPartitions partitions,
                        int16_t client_version, ErrorReply reply);
    void end(const Caller& caller, bool commit, int16_t client_version, ProducerReply reply);

    /// Is each partition part of the ongoing transaction of this producer? With `add` it is made so
    /// first (transactions version 2, KIP-890). `done` gets one code a partition, once the
    /// coordinator's log has it: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED,
    /// CONCURRENT_TRANSACTIONS, and without `add` TRANSACTION_ABORTABLE for one that is not.
    void verify_partitions(const std::string& transactional_id, ProducerId producer_id,
                           int16_t producer_epoch, std::vector<storage::TopicPartition> partitions,
                           bool add, std::move_only_function<void(std::vector<ErrorCode>)> done);

    // --- Administration. Who may see what is the caller's matter.
    protocol::DescribeTransactionsResponse::TransactionState describe(
        const std::string& transactional_id) const;
    /// INVALID_REGULAR_EXPRESSION
    protocol::ListTransactionsResponse list(const protocol::ListTransactionsRequest& asked) const;

    /// The partition of __transaction_state that an id lives in.
    PartitionId partition_of(std::string_view transactional_id) const;

private:
    static constexpr int32_t shard_count = 16;

    /// The latest connections on which the producer acted, by what it did: a client that asks again
    /// on a new connection has given up the old one.
    struct Connections {
        ProducerIdentity producer;
        uint64_t adding = 0;
        uint64_t ending = 0;
    };
    struct Entry {
        Transaction transaction;
        int64_t started_ms = 0;  // monotonic, as is the next: clocks on walls jump
        int64_t used_ms = 0;
        Connections connections;
        size_t markers_in_flight = 0;
        int64_t markers_due_ms = 0;  // monotonic; of those that failed
    };
    struct Shard {
        std::unordered_map<std::string, Entry> entries;
        std::set<std::string> open;  // neither idle nor unknown
    };
    /// The answer of an EndTxn waits for these.
    struct Round {
        std::atomic<size_t> left;
        std::move_only_function<void()> answer;
    };
    struct MarkerWork {
        std::string transactional_id;
        EndMarker marker;
        std::vector<storage::TopicPartition> partitions;
        std::shared_ptr<Round> round;
    };

    Guarded<Shard>& shard_of(std::string_view transactional_id);
    const Guarded<Shard>& shard_of(std::string_view transactional_id) const;
    bool is_coordinator_of(std::string_view transactional_id) const;
    /// Writes the id's next value, then believes it. The shard is locked.
    ErrorCode advance(Shard& shard, const std::string& id, Transaction next,
                      int16_t server_version);
    static bool is_late(Entry& entry, const Caller& caller, uint64_t Connections::* kind);
    using Attempt = std::expected<void, NeedsProducerId>;
    using Act = std::function<Attempt(Shard&, std::optional<ProducerId> new_id, Outbox&)>;
    /// Acts with the shard of that id locked, again with a new producer id if it asks for one, and
    /// delivers. An error: there is no id to be had.
    ErrorCode locked_with_id(const std::string& transactional_id, const Act& act);
    Attempt try_init(Shard& shard, const InitCall& call, std::optional<ProducerId> new_id,
                     int16_t server_version, ProducerReply& reply, Outbox& out);
    Attempt try_end(Shard& shard, const Caller& caller, const Ending& how, int16_t server_version,
                    ProducerReply& reply, Outbox& out);
    Attempt try_fence(Shard& shard, const std::string& id, std::optional<ProducerId> new_id,
                      int16_t server_version, ProducerReply& reply, Outbox& out);

    // --- coordinator_markers.cpp: how a transaction ends once it is decided
    void begin_ending(Shard& shard, const std::string& id, Transaction decided,
                      int16_t server_version, ProducerReply& reply, ProducerAnswer answer,
                      Outbox& out);
    static MarkerWork marker_work(const std::string& id, Entry& entry);
    void write_markers(const MarkerWork& work);
    void marker_written(const std::string& id, const EndMarker& marker,
                        const storage::TopicPartition& partition, ErrorCode error);
    void complete(Shard& shard, const std::string& id, int16_t server_version);

    // --- coordinator_time.cpp
    void abort_timed_out();
    void retry_markers();
    void forget_unused();
    ErrorCode forget(Shard& shard, PartitionId partition, std::span<const std::string> ids);

    Clock& clock_;
    const TransactionConfig config_;
    const Environment environment_;
    std::deque<Guarded<Shard>> shards_;
    struct Due {
        int64_t abort_ms = 0;
        int64_t expiry_ms = 0;
    };
    Guarded<Due> due_;
};

}  // namespace stoker::broker
