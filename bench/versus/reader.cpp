#include "bench/versus/reader.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <stdexcept>

#include "client/config.hpp"

namespace stoker::bench {
namespace {

constexpr std::chrono::seconds connect_max(20);
constexpr size_t records_a_read = 1'000;
constexpr int read_wait_ms = 100;

struct ListDeleter {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};

}  // namespace

Reader::Reader(uint16_t port, const std::string& topic, int64_t offset) {
    auto config = client::connection_config("127.0.0.1:" + std::to_string(port), {});
    config.insert(config.end(), {{"group.id", "nobody"},
                                 {"enable.auto.commit", "false"},
                                 {"enable.auto.offset.store", "false"},
                                 {"socket.nagle.disable", "true"},
                                 {"broker.address.family", "v4"}});
    auto conf = client::make_conf(config);
    if (!conf) throw std::runtime_error(conf.error().text);
    auto rk = client::make_instance(RD_KAFKA_CONSUMER, *conf, nullptr);
    if (!rk) throw std::runtime_error(rk.error().text);
    rk_ = std::move(*rk);
    const auto up = client::await_broker(rk_.get(), connect_max, trouble_, [] { return false; });
    if (!up) throw std::runtime_error(up.error().text);
    queue_.reset(rd_kafka_queue_get_consumer(rk_.get()));
    const std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter> list(
        rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = offset;
    if (const auto error = rd_kafka_assign(rk_.get(), list.get())) {
        throw std::runtime_error(rd_kafka_err2str(error));
    }
}

Reader::~Reader() { rd_kafka_assign(rk_.get(), nullptr); }

void Reader::read(const std::function<void(const rd_kafka_message_t&)>& take) {
    std::array<rd_kafka_message_t*, records_a_read> messages;
    // librdkafka waits until the batch is full or the time is up: only for the first of them, then
    // come those that are there.
    auto n = rd_kafka_consume_batch_queue(queue_.get(), read_wait_ms, messages.data(), 1);
    if (n == 1)
        n += std::max<ssize_t>(0, rd_kafka_consume_batch_queue(queue_.get(), 0, &messages[1],
                                                               messages.size() - 1));
    if (n < 0) throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
    std::string refused;
    for (auto* message : std::span(messages.data(), static_cast<size_t>(n))) {
        if (message->err) refused = rd_kafka_message_errstr(message);
        else take(*message);
        rd_kafka_message_destroy(message);
    }
    if (!refused.empty()) throw std::runtime_error("consuming failed: " + refused);
}

}  // namespace stoker::bench
