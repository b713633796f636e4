// Reads records, lets the caller make others of them, and commits what was made together with how
// far was read, in one transaction: each record read has its effect exactly once for those who
// read with isolation.level=read_committed (KIP-98's consume-transform-produce loop, KIP-447).
//
// A batch is a transaction. When it cannot be committed and the producer is as good as before, it
// is aborted and read again from where it began. Before partitions are given up, what was read of
// them is committed; when they are lost, it is aborted, and whoever has them now reads it again.
//
// The transactional id. Any id that no other program uses at the same time will do, a random one
// too: instances of a service fence each other by the generation of their group, not by the id
// (KIP-447). One that stays the same over restarts (the service's name and the instance's) is
// better: the next start aborts at once what the last left open, where otherwise those who take
// its partitions over wait for transaction.timeout.ms. Two programs with one id end each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"

namespace stoker::kafka {

class ConsumeTransformProduce {
public:
    /// Makes a record part of the transaction. What it cannot take ends the batch, and is told by
    /// poll().
    using Send = std::function<void(const ProducerRecord&)>;
    /// Called for each record read, and once more for those of a batch that was aborted: it has no
    /// effects but what it sends. What it throws comes out of poll(); the next poll() aborts.
    using Transform = std::function<void(const ConsumerRecord&, const Send&)>;

    struct Options {
        /// A transaction ends with so many records read, or so long after the first of them.
        size_t records_max = 500;
        int64_t linger_ms = 10;
    };
    struct Properties {
        /// With group.id. Commits nothing by itself, reads read_committed unless told otherwise.
        ClientProperties consumer;
        /// With transactional.id. max.block.ms is 10 s unless told otherwise: poll() tries again.
        ClientProperties producer;
    };

    /// Connects to nothing yet. `clock`, what `log` writes to and `wakeup` (may be null) must
    /// outlive what is made. Fails with Java's ConfigException.
    static Outcome<std::unique_ptr<ConsumeTransformProduce>> create(const Properties& properties,
                                                                    const Options& options,
                                                                    Transform transform, Log log,
                                                                    const Clock& clock,
                                                                    const Wakeup* wakeup = nullptr);
    /// Comes first, once.
    void subscribe(std::vector<std::string> topics);

    /// Waits for records up to `timeout_ms`, and then ends one transaction of them; how many were
    /// committed. Nothing within the time, a batch that was aborted and a wakeup are 0. Brokers
    /// that are away may hold it up for max.block.ms and delivery.timeout.ms; what they have not
    /// answered by then the next call asks again.
    ///
    /// Throws KafkaException for what doing it again does not mend. After a fatal one (another
    /// producer has the transactional id, say) every call throws it.
    size_t poll(int64_t timeout_ms);
    /// Aborts what is open and leaves the group. poll() no more.
    void close();

    const Consumer& consumer() const { return *consumer_; }

private:
    enum class Phase : uint8_t {
        starting,
        idle,
        /// Records were read, and perhaps sent.
        open,
        /// The coordinator was asked, and may have done it.
        committing,
        aborting,
        fatal,
    };

    ConsumeTransformProduce(const Options& options, Transform transform, const Clock& clock,
                            const Wakeup* wakeup, std::unique_ptr<Consumer> consumer,
                            std::unique_ptr<Producer> producer);

    void forget(const std::vector<TopicPartition>& partitions);
    bool settle();
    void read(const Deadline& deadline);
    bool wants_more() const;
    void take(const ConsumerRecord& record);
    void finish();
    Outcome<void> send_offsets();
    void commit();
    void abort();
    void fail(const Failure& why);
    void rewind();
    void end_for_good(const Failure& why);

    Options options_;
    Transform transform_;
    const Clock& clock_;
    const Wakeup* wakeup_;
    std::unique_ptr<Consumer> consumer_;
    std::unique_ptr<Producer> producer_;
    Send send_;
    Phase phase_ = Phase::starting;
    /// Of the transaction: how many records were read, and the first of each partition.
    size_t count_ = 0;
    std::map<TopicPartition, Offset> first_;
    Deadline linger_;
    /// What send_ could not take.
    std::optional<Failure> not_sent_;
    /// What the next transaction need not commit again, and what this one is to commit.
    std::map<TopicPartition, OffsetAndEpoch> committed_, committing_;
    /// Since poll() was called.
    size_t done_ = 0;
    /// For poll() to throw.
    std::optional<Failure> failure_;
    int aborts_in_a_row_ = 0;
};

}  // namespace stoker::kafka
