// Consumer: a thin owner of a librdkafka group member. Offsets are kept by hand: a record counts as
// consumed when store() was called for it, and what is stored is committed in the background, when
// partitions are taken away, and at close. Records are handed out one at a time because a rebalance
// happens inside poll: with a batch in hand, its records would be read again by their new owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "client/handle.hpp"

namespace stoker::client {

/// One record, or an error in place of one. Views last as long as the object.
class Message {
public:
    explicit Message(rd_kafka_message_t* message) : message_(message) {}

    rd_kafka_resp_err_t error() const { return message_->err; }
    std::string_view topic() const { return rd_kafka_topic_name(message_->rkt); }
    /// False for errors that concern no topic.
    bool has_topic() const { return message_->rkt != nullptr; }
    int32_t partition() const { return message_->partition; }
    int64_t offset() const { return message_->offset; }
    std::string_view key() const { return {static_cast<char*>(message_->key), message_->key_len}; }
    /// The record's value; of an error, its words.
    std::string_view value() const {
        return {static_cast<char*>(message_->payload), message_->len};
    }
    std::optional<ByteView> header(const char* name) const;
    rd_kafka_topic_t* raw_topic() const { return message_->rkt; }

private:
    struct Deleter {
        void operator()(rd_kafka_message_t* m) const { rd_kafka_message_destroy(m); }
    };
    std::unique_ptr<rd_kafka_message_t, Deleter> message_;
};

struct TopicPartition {
    std::string topic;
    int32_t partition = 0;

    auto operator<=>(const TopicPartition&) const = default;
};

/// One thread at a time. Callbacks run inside poll and close.
class Consumer {
public:
    struct Events {
        OnError on_error;
        /// Partitions came (true) or were taken away (false).
        std::function<void(bool came, const std::vector<TopicPartition>&)> on_assignment;
    };

    /// The properties need group.id; enable.auto.offset.store is set to false here.
    static Outcome<std::unique_ptr<Consumer>> create(Config config, Events events);
    /// Every Message must be gone before.
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    /// Waits until a broker answers; to be called before subscribe.
    Outcome<void> connect(std::chrono::milliseconds timeout, const Stopped& stopped);
    /// Topics that do not exist yet are taken up when they appear.
    Outcome<void> subscribe(const std::vector<std::string>& topics);
    std::optional<Message> poll(std::chrono::milliseconds timeout);
    /// The record was dealt with: its successor's offset will be committed.
    void store(const Message& message);
    /// Commits what was stored and waits for the answer. Nothing stored is a success.
    Outcome<void> commit();

    /// Commits, leaves the group and waits, at most `timeout`: librdkafka itself would wait for a
    /// coordinator that is gone for ever. False when it gave up; what was stored since the last
    /// commit is then read again by the next one. The destructor closes with close_timeout.
    bool close(std::chrono::milliseconds timeout = close_timeout);

    /// Ends without a word to the group and without a commit, as a process that is killed. Nothing
    /// else may be called then.
    void crash();

    static constexpr std::chrono::milliseconds close_timeout{10'000};

private:
    Consumer() = default;
    void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);

    Events events_;
    Trouble trouble_;
    RdKafka rk_;
    bool closed_ = false;
    bool gave_up_ = false;
};

}  // namespace stoker::client
