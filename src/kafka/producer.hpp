// Java's producer: records are gathered in batches by partition and sent by the thread that calls;
// there is no other. Answers are taken in whenever a call is made, so that a caller with nothing to
// send calls poll() when the sockets can be read or due_in_ms() has passed.
//
// Batches are numbered (idempotence, KIP-98) unless the settings forbid it; what may help is tried
// again until delivery.timeout.ms. The order of a partition's records is that of send().
//
// With transactional.id, all records are sent in transactions (KIP-98), which the brokers of today
// number and fill themselves (KIP-890).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "kafka/cluster.hpp"
#include "kafka/consumer_group_metadata.hpp"
#include "kafka/partitioner.hpp"
#include "kafka/producer_batch.hpp"
#include "kafka/producer_settings.hpp"
#include "kafka/producer_transaction.hpp"
#include "kafka/topic_metadata.hpp"
#include "protocol/messages/00_produce.hpp"

namespace stoker::kafka {

/// Views that need to last for the call of send() only.
struct ProducerRecord {
    std::string_view topic;
    std::optional<int32_t> partition{};
    /// Milliseconds since 1970; now, if none is given.
    std::optional<int64_t> timestamp_ms{};
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    std::span<const record::Header> headers{};
};

/// What became of a batch. Views that last for the call of the handler.
struct Delivery {
    const std::string& topic;
    int32_t partition = 0;
    /// Of the first record; -1 when the broker does not say (acks=0, a batch sent twice).
    Offset base_offset{-1};
    /// What send() was given with each record, in the order of their offsets.
    std::span<const int64_t> tags{};
    /// Null when it was delivered.
    const Failure* failure = nullptr;
    /// The whole batch, for those who want to read the records again.
    ByteView batch{};
};

struct TopicQueues;

/// The batches of one partition, oldest first.
struct PartitionQueue {
    TopicQueues* topic = nullptr;
    int32_t partition = 0;
    std::deque<std::unique_ptr<ProducerBatch>> closed{};
    std::unique_ptr<ProducerBatch> open{};
    int32_t next_sequence = 0;
    /// Whether it stands in the producer's list of those with closed batches.
    bool is_ready = false;
};

struct TopicQueues {
    std::string name;
    const TopicInfo* info = nullptr;
    StickyPartitioner sticky;
    std::vector<std::unique_ptr<PartitionQueue>> partitions{};
};

class Producer {
public:
    using DeliveryHandler = std::function<void(const Delivery&)>;

    /// Connects to nothing yet. `clock`, what `log` writes to and `wakeup` (may be null) must
    /// outlive the producer. The handler is called from within send(), poll() and flush().
    static Outcome<std::unique_ptr<Producer>> create(const ClientProperties& properties, Log log,
                                                     const Clock& clock,
                                                     DeliveryHandler on_delivery,
                                                     const Wakeup* wakeup = nullptr);

    /// Takes the record, or says why it never will: what Java's send() throws or calls back with at
    /// once. Blocks for metadata and for room, up to max.block.ms. `tag` comes back with the
    /// delivery.
    Outcome<void> send(const ProducerRecord& record, int64_t tag = 0);
    /// Sends what is due and takes in answers; waits for something to happen up to `wait_ms`.
    void poll(int64_t wait_ms);
    /// Everything sent and answered.
    void flush();

    /// Transactions, for a producer with transactional.id. Each call waits for the coordinator up
    /// to max.block.ms. The first fences what had the id before and aborts what that had open.
    Outcome<void> init_transactions();
    Outcome<void> begin_transaction();
    /// The offsets are committed for the group if the transaction is (KIP-447). Flushes first. The
    /// coordinator of the group refuses those who are no longer a member of the generation: then,
    /// and when there is no answer in time, what is left to do is to abort.
    Outcome<void> send_offsets_to_transaction(
        const std::map<TopicPartition, OffsetAndEpoch>& offsets,
        const ConsumerGroupMetadata& group);
    /// Flushes. When a record was not stored, or the coordinator refuses, nothing is committed, and
    /// what is left to do is to abort.
    Outcome<void> commit_transaction();
    /// What is not sent yet fails with a TransactionAbortedException.
    Outcome<void> abort_transaction();

    /// When poll() is needed at the latest, though no socket can be read.
    int64_t due_in_ms() const;
    /// Of the connections with requests in flight.
    std::vector<int> sockets() const;

    const ProducerSettings& settings() const { return settings_; }
    /// Batches that are not answered yet.
    bool idle() const { return unanswered_ == 0; }

private:
    struct Request {
        int32_t correlation_id = 0;
        int64_t sent_ms = 0;
        std::vector<std::unique_ptr<ProducerBatch>> batches;
    };
    struct Link {
        Connection* connection = nullptr;
        std::deque<Request> in_flight;
    };
    using Answered = protocol::ProduceResponse::PartitionProduceResponse;

    Producer(ProducerSettings settings, std::unique_ptr<Cluster> cluster,
             DeliveryHandler on_delivery, const Wakeup* wakeup);

    Outcome<TopicQueues*> topic(std::string_view name);
    Outcome<void> wait_for_topic(const std::string& name, std::optional<int32_t> partition);
    Outcome<PartitionQueue*> choose(TopicQueues& topic, const ProducerRecord& record);
    Outcome<void> wait_for_room(size_t size);
    void append(PartitionQueue& queue, const ProducerRecord& record, int64_t timestamp_ms,
                int64_t tag);
    void close_open(PartitionQueue& queue);
    void close_due(int64_t now_ms, bool all);
    void mark_ready(PartitionQueue& queue);

    bool step(int64_t now_ms);
    bool send_ready(int64_t now_ms);
    bool gather(int64_t now_ms, std::map<int32_t, Request>& by_node);
    bool send_request(int32_t node, Request request, int64_t now_ms);
    bool ensure_identity(int64_t now_ms);
    bool ask_identity(int64_t now_ms);
    void take_identity(const ProducerIdentity& identity);
    void stamp(ProducerBatch& batch);
    void refresh_metadata(int64_t now_ms);
    bool in_flight() const;

    Outcome<void> go_on_to(ProducerTransaction::State next);
    Outcome<void> end_transaction(bool commit);
    Outcome<void> identify();
    Outcome<bool> ask_to_end(bool commit, Deadline deadline);
    Outcome<bool> ask_to_identify(Deadline deadline);
    Outcome<bool> ask_to_add(const std::vector<TopicPartition>& wanted, Deadline deadline);
    Outcome<bool> ask_to_add_offsets(const std::string& group_id, Deadline deadline);
    Outcome<bool> ask_to_commit_offsets(const std::map<TopicPartition, OffsetAndEpoch>& offsets,
                                        const ConsumerGroupMetadata& group, Deadline deadline);
    bool ensure_partitions();
    /// Whether a refusal leaves the producer something to abort.
    using IsAbortable = bool (*)(const Failure&);
    static bool is_abortable(const Failure& why);
    Outcome<void> insist(const std::string& what,
                         const std::function<Outcome<bool>(Deadline)>& ask,
                         IsAbortable may_abort = &is_abortable);
    template <class Response, class Message>
    Outcome<Response> call_coordinator(const Message& request, Deadline deadline,
                                       int16_t version_max = INT16_MAX);
    Failure given_up() const;
    void give_up_queued(const Failure& why);

    bool take_answers();
    void take_answer(Request request, Outcome<Answer> answer);
    void finish(std::unique_ptr<ProducerBatch> batch, const Answered* answer);
    void lose_link(Link& link, const Failure& why);
    void retry(std::unique_ptr<ProducerBatch> batch, const Failure& why);
    void split(std::unique_ptr<ProducerBatch> batch);
    void put_back(std::unique_ptr<ProducerBatch> batch);
    void deliver(const ProducerBatch& batch, Offset base_offset, const Failure* failure);
    void expire(int64_t now_ms);
    void time_out(int64_t now_ms);

    ProducerSettings settings_;
    std::unique_ptr<Cluster> cluster_;
    DeliveryHandler on_delivery_;
    const Wakeup* wakeup_;
    TopicMetadata metadata_;
    Random random_;
    std::map<std::string, TopicQueues, std::less<>> topics_;
    TopicQueues* last_topic_ = nullptr;
    std::vector<PartitionQueue*> ready_;
    std::vector<PartitionQueue*> open_;
    std::map<int32_t, Link> links_;
    ProducerIdentity identity_;
    /// The identity is no longer good: all in flight is answered first, then a new one is asked.
    bool renews_identity_ = false;
    std::optional<ProducerTransaction> transaction_;
    bool needs_metadata_ = false;
    int64_t metadata_retry_at_ms_ = 0;
    int64_t identity_retry_at_ms_ = 0;
    int64_t stepped_wall_ms_ = 0;
    uint64_t next_serial_ = 0;
    size_t unanswered_ = 0;
    size_t buffered_bytes_ = 0;
};

}  // namespace stoker::kafka
