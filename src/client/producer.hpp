// Producer: a thin owner of a librdkafka producer. Records are queued, batched and retried by
// librdkafka's own threads; what became of each is told on the thread that calls poll or flush.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "client/handle.hpp"
#include "client/statistics.hpp"

namespace stoker::client {

struct Header {
    const char* name;
    ByteView value;
};

/// What became of one record. Views last as long as the call.
struct Delivery {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< none: acknowledged
    int64_t tag = 0;                                         ///< as given with the record
    std::string_view value;
    int32_t partition = -1;
    int64_t offset = -1;
};

/// One thread at a time. Callbacks run inside await_topics, poll and flush.
class Producer {
public:
    struct Events {
        std::function<void(const Delivery&)> on_delivery;
        OnError on_error;
        OnStatistics on_statistics{};  ///< every statistics.interval.ms
    };

    /// The views are copied before produce returns.
    struct Record {
        size_t topic = 0;  ///< what topic() returned
        std::string_view key;
        std::string_view value;
        std::span<const Header> headers;
        int64_t tag = 0;
        int64_t timestamp_ms = 0;  ///< 0: now
        int32_t partition = -1;    ///< -1: as the partitioner chooses
    };

    static Outcome<std::unique_ptr<Producer>> create(const Config& config, Events events);
    /// Drops what was not sent; call flush first.
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    /// Waits until a broker answers.
    Outcome<void> connect(std::chrono::milliseconds timeout, const Stopped& stopped);
    /// The number by which records name the topic; nothing is sent.
    size_t topic(const std::string& name);
    /// Makes the topics that are missing, with so many partitions and the broker's replication
    /// factor.
    Outcome<void> create_topics(const std::vector<std::string>& names, int partitions,
                                std::chrono::milliseconds timeout);
    /// Waits until every topic named so far has a leader; asking makes a broker that creates
    /// topics on demand create them.
    Outcome<void> await_topics(std::chrono::milliseconds timeout, const Stopped& stopped);
    /// How many partitions the topic with the fewest of them has; after await_topics.
    int32_t partitions_min() const { return partitions_min_; }

    /// Queues the record. RD_KAFKA_RESP_ERR__QUEUE_FULL: poll and try again.
    rd_kafka_resp_err_t produce(const Record& record);
    /// Serves callbacks, waiting for the first of them at most `timeout`.
    void poll(std::chrono::milliseconds timeout);
    /// Waits until every record was delivered or failed; false when some are left.
    bool flush(std::chrono::milliseconds timeout);
    /// Fails every record that is still queued or in flight; flush then reports them.
    void purge();
    /// Records queued or in flight, and events that poll has not served yet.
    int64_t outstanding() const;

private:
    Producer() = default;
    bool every_topic_has_a_leader(Error& why);

    Events events_;
    Trouble trouble_;
    int32_t partitions_min_ = 0;
    std::vector<rd_kafka_topic_t*> topics_;  ///< owned; destroyed before rk_
    RdKafka rk_;
};

}  // namespace stoker::client
