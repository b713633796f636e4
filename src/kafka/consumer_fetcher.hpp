// Fetches ahead while records are given out: one request a node is in flight, and one answer of
// each partition waits behind the one that is read. Records are views into the answers.
//
// Full fetch requests without a session (KIP-227 is left out): a tool reads few partitions.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "kafka/batch_opener.hpp"
#include "kafka/cluster.hpp"
#include "kafka/consumer_partition.hpp"
#include "kafka/consumer_settings.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "record/batch.hpp"

namespace stoker::kafka {

/// Valid until the next record is asked for.
struct ConsumerRecord {
    const TopicPartition* where = nullptr;
    record::RecordView view;
    /// The broker's time, not the producer's.
    bool log_append_time = false;
    LeaderEpoch leader_epoch = LeaderEpoch::none;
};

class ConsumerFetcher {
public:
    /// All must outlive the fetcher.
    ConsumerFetcher(Cluster& cluster, const ConsumerSettings& settings)
        : cluster_(cluster), settings_(settings) {}

    /// Sends what may be sent and takes in what has arrived, without waiting. The failure is one
    /// that Java's poll() throws.
    Outcome<void> step(const ConsumedPartitions& partitions, int64_t now_ms);
    /// The next record; null when none has arrived. Its partition's position is then behind it.
    /// Throws KafkaException for what cannot be read.
    const ConsumerRecord* next();
    bool has_records() const { return !ready_.empty(); }
    /// From now on batches are opened by a thread of their own before next() needs them.
    void open_ahead() { opener_ = std::make_unique<BatchOpener>(settings_.check_crcs); }
    /// Partitions whose leader is no longer where it was.
    bool wants_metadata() const { return wants_metadata_; }
    void metadata_is_fresh() { wants_metadata_ = false; }
    std::vector<int> sockets() const;
    /// Drops what waits for partitions that are no longer read.
    void forget_stale();

private:
    struct Asked {
        std::shared_ptr<ConsumedPartition> partition;
        uint64_t era = 0;
    };
    struct Link {
        Connection* connection = nullptr;
        bool in_flight = false;
        int64_t sent_ms = 0;
        std::vector<Asked> asked;
    };
    /// The records of one partition in one answer. `frame` owns the bytes.
    struct Fetched {
        Asked of;
        std::shared_ptr<Answer> frame;
        record::BatchReader batches;
        /// Of the batches that `batches` will come to, where there is an opener.
        std::deque<BatchOpener::Ticket> tickets;
        std::vector<protocol::FetchResponse::AbortedTransaction> aborted;
        std::set<ProducerId> open_aborts;
        std::optional<record::BatchHeader> header;
        std::optional<record::RecordReader> records;
        bool gave_any = false;
    };
    using PartitionData = protocol::FetchResponse::PartitionData;

    void send(int32_t node, std::vector<Asked> wanted, int32_t wait_max_ms, int64_t now_ms);
    Outcome<void> take(Link& link, Answer answer, int64_t now_ms);
    Outcome<void> take_partition(const Asked& asked, PartitionData& data,
                                 const std::shared_ptr<Answer>& frame, int64_t now_ms);
    Outcome<void> judge(ConsumedPartition& partition, ErrorCode code, int64_t now_ms);
    void lose(Link& link, int64_t now_ms);
    void add_tickets(Fetched& to, ByteView records);
    bool next_batch(Fetched& from);
    OpenedBatch open(const record::BatchView& batch, const BatchOpener::Ticket& ticket);
    bool is_aborted(Fetched& from, const record::BatchView& batch);
    const ConsumerRecord* next_of(Fetched& from);
    void drop(Fetched& one);
    void drop_front();

    Cluster& cluster_;
    const ConsumerSettings& settings_;
    std::map<int32_t, Link> links_;
    std::deque<Fetched> ready_;
    ConsumerRecord current_;
    bool wants_metadata_ = false;
    std::unique_ptr<BatchOpener> opener_;
};

}  // namespace stoker::kafka
