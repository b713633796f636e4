#include "client/consumer.hpp"

#include <span>

namespace stoker::client {

namespace {

constexpr int close_poll_ms = 20;

struct ListDeleter {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
struct QueueDeleter {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

std::span<rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list) {
    return {list->elems, size_t(list->cnt)};
}

std::vector<TopicPartition> names(const rd_kafka_topic_partition_list_t* list) {
    std::vector<TopicPartition> result;
    for (auto& element : elements(list)) result.push_back({element.topic, element.partition});
    return result;
}

void drop_error(rd_kafka_error_t* error) {
    if (error) rd_kafka_error_destroy(error);
}

}  // namespace

std::optional<ByteView> Message::header(const char* name) const {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message_.get(), &headers)) return {};
    const void* value = nullptr;
    size_t size = 0;
    if (rd_kafka_header_get_last(headers, name, &value, &size)) return {};
    return ByteView(static_cast<const std::byte*>(value), size);
}

Outcome<std::unique_ptr<Consumer>> Consumer::create(Config config, Events events) {
    config.emplace_back("enable.auto.offset.store", "false");
    auto conf = make_conf(config);
    if (!conf) return std::unexpected(conf.error());
    std::unique_ptr<Consumer> consumer(new Consumer);
    consumer->events_ = std::move(events);
    rd_kafka_conf_set_error_cb(*conf, [](rd_kafka_t*, int code, const char* text, void* self) {
        auto* consumer = static_cast<Consumer*>(self);
        Error error{rd_kafka_resp_err_t(code), text ? text : ""};
        consumer->trouble_.note(error);
        if (consumer->events_.on_error) consumer->events_.on_error(error);
    });
    rd_kafka_conf_set_rebalance_cb(
        *conf, [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                  void* self) { static_cast<Consumer*>(self)->rebalance(what, list); });
    auto rk = make_instance(RD_KAFKA_CONSUMER, *conf, consumer.get());
    if (!rk) return std::unexpected(rk.error());
    consumer->rk_ = std::move(*rk);
    return consumer;
}

Consumer::~Consumer() {
    if (!rk_ || (!gave_up_ && close(close_timeout))) return;
    // Destroying would wait for the same answer that closing waited for in vain (librdkafka 2.0).
    // Left alone, the instance calls nothing of ours any more and ends with the process.
    [[maybe_unused]] auto* abandoned = rk_.release();
}

void Consumer::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
    bool came = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    std::string_view protocol = rd_kafka_rebalance_protocol(rk_.get());
    if (protocol == "COOPERATIVE") {
        drop_error(came ? rd_kafka_incremental_assign(rk_.get(), partitions)
                        : rd_kafka_incremental_unassign(rk_.get(), partitions));
    } else {
        rd_kafka_assign(rk_.get(), came ? partitions : nullptr);
    }
    if (events_.on_assignment) events_.on_assignment(came, names(partitions));
}

Outcome<void> Consumer::connect(std::chrono::milliseconds timeout, const Stopped& stopped) {
    return await_broker(rk_.get(), timeout, trouble_, stopped);
}

Outcome<void> Consumer::subscribe(const std::vector<std::string>& topics) {
    rd_kafka_poll_set_consumer(rk_.get());
    PartitionList list(rd_kafka_topic_partition_list_new(int(topics.size())));
    for (auto& topic : topics)
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    auto code = rd_kafka_subscribe(rk_.get(), list.get());
    if (code) return std::unexpected(error_of(code));
    return {};
}

std::optional<Message> Consumer::poll(std::chrono::milliseconds timeout) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(rk_.get(), int(timeout.count()));
    if (!message) return {};
    return Message(message);
}

void Consumer::store(const Message& message) {
    // Fails only when the partition is no longer ours, and then its new owner stores.
    rd_kafka_offset_store(message.raw_topic(), message.partition(), message.offset());
}

Outcome<void> Consumer::commit() {
    auto code = rd_kafka_commit(rk_.get(), nullptr, 0);
    if (code && code != RD_KAFKA_RESP_ERR__NO_OFFSET) return std::unexpected(error_of(code));
    return {};
}

bool Consumer::close(std::chrono::milliseconds timeout) {
    if (closed_) return true;
    auto end = std::chrono::steady_clock::now() + timeout;
    Queue queue(rd_kafka_queue_new(rk_.get()));
    drop_error(rd_kafka_consumer_close_queue(rk_.get(), queue.get()));
    while (!rd_kafka_consumer_closed(rk_.get()) && std::chrono::steady_clock::now() < end) {
        // Serves the rebalance; records that were fetched already are for the next owner.
        if (auto* message = rd_kafka_consume_queue(queue.get(), close_poll_ms))
            rd_kafka_message_destroy(message);
    }
    closed_ = rd_kafka_consumer_closed(rk_.get());
    gave_up_ = !closed_;
    return closed_;
}

void Consumer::crash() {
    if (!rk_ || closed_ || gave_up_) return;
    rd_kafka_destroy_flags(rk_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace stoker::client
