#include "workload/engine/rdkafka_engine.hpp"

#include <time.h>

#include <algorithm>
#include <map>
#include <utility>

#include "client/java_properties.hpp"

namespace stoker::workload {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds connect_max{15'000};
constexpr size_t window_bytes = 32 << 20;
constexpr const char* window_kbytes = "65536";
constexpr const char* window_messages = "10000000";
constexpr int64_t millisecond_ns = 1'000'000;
/// librdkafka waits in whole milliseconds; the rest is slept away in steps between which answers
/// are looked for.
constexpr int64_t step_ns = 100'000;
/// Answers that are handed on together: their times differ by less than a timer's slack.
constexpr size_t gathered_max = 64;

bool never() { return false; }

void sleep_ns(int64_t ns) {
    const timespec time{.tv_sec = 0, .tv_nsec = ns};
    ::nanosleep(&time, nullptr);
}

std::string_view view(const std::optional<ByteView>& bytes) {
    return bytes ? text_of(*bytes) : std::string_view();
}

std::string_view view_of_value(const std::optional<ByteView>& bytes) {
    if (!bytes) return {};
    // A null pointer is a tombstone, an empty value is none.
    return bytes->empty() ? std::string_view("") : text_of(*bytes);
}

}  // namespace

std::expected<client::Config, std::string> rdkafka_config(
    const kafka::ClientProperties& properties) {
    std::map<std::string, std::string> plain(properties.values().begin(),
                                             properties.values().end());
    auto config = client::from_java(plain);
    if (!config) return std::unexpected(config.error().text);
    return std::move(*config);
}

std::expected<std::unique_ptr<Engine>, std::string> RdKafkaEngine::create(
    const EngineOptions& options, const Clock& clock, OnDelivered on_delivered) {
    auto config = rdkafka_config(options.properties);
    if (!config) return std::unexpected(config.error());
    config->emplace_back("queue.buffering.max.kbytes", window_kbytes);
    config->emplace_back("queue.buffering.max.messages", window_messages);
    std::unique_ptr<RdKafkaEngine> engine(
        new RdKafkaEngine(options, clock, std::move(on_delivered)));
    auto producer = client::Producer::create(
        *config, {.on_delivery =
                      [raw = engine.get()](const client::Delivery& delivery) {
                          raw->gather(delivery);
                      },
                  .on_error =
                      [raw = engine.get()](const client::Error& error) {
                          if (is_refusal(error) || error.code == RD_KAFKA_RESP_ERR__FATAL)
                              raw->fatal_ = error.text;
                      }});
    if (!producer) return std::unexpected(producer.error().text);
    engine->producer_ = std::move(*producer);
    return engine;
}

std::expected<void, std::string> RdKafkaEngine::connect() {
    for (const std::string& topic : options_.topics) topics_.push_back(producer_->topic(topic));
    auto done = producer_->connect(connect_max, never);
    if (done) done = producer_->await_topics(connect_max, never);
    if (!done) return std::unexpected(done.error().text);
    return {};
}

Engine::Taken RdKafkaEngine::send(const Outgoing& message) {
    headers_.clear();
    for (const record::HeaderView& header : message.headers)
        headers_.push_back({header.key.data(), header.value.value_or(ByteView())});
    const auto code = producer_->produce({.topic = topics_[message.topic],
                                          .key = view(message.key),
                                          .value = view_of_value(message.value),
                                          .headers = headers_,
                                          .tag = message.tag,
                                          .timestamp_ms = message.timestamp_ms,
                                          .partition = message.partition});
    if (!code) return Taken::yes;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Taken::no_room;
    refusal_ = rd_kafka_err2str(code);
    return Taken::refused;
}

/// librdkafka answers for every message by itself. Those that lie one behind the other are handed
/// on together, but no later than a few microseconds after they came.
void RdKafkaEngine::gather(const client::Delivery& delivery) {
    const bool follows = delivery.partition == gathered_partition_ && delivery.offset >= 0 &&
                         delivery.offset == gathered_base_ + std::ssize(gathered_);
    if (delivery.error || !follows || gathered_.size() >= gathered_max) hand_on();
    if (delivery.error) {
        const std::string why = rd_kafka_err2str(delivery.error);
        on_delivered_({.tags = {&delivery.tag, 1}, .base_offset = -1, .failure = &why});
        return;
    }
    if (gathered_.empty()) {
        gathered_base_ = delivery.offset;
        gathered_partition_ = delivery.partition;
    }
    gathered_.push_back(delivery.tag);
}

void RdKafkaEngine::hand_on() {
    if (gathered_.empty()) return;
    on_delivered_({.tags = gathered_, .base_offset = gathered_base_});
    gathered_.clear();
}

void RdKafkaEngine::poll(int64_t until_ns) {
    wait(until_ns);
    hand_on();
}

void RdKafkaEngine::wait(int64_t until_ns) {
    producer_->poll(milliseconds(0));
    for (;;) {
        const int64_t left_ns = until_ns - clock_.monotonic_ns();
        if (left_ns <= 0) return;
        if (left_ns > 2 * millisecond_ns) {
            // Comes back after the first answers, so that the caller can use the room.
            producer_->poll(milliseconds(left_ns / millisecond_ns - 1));
            return;
        }
        hand_on();
        sleep_ns(std::min(left_ns, step_ns));
        producer_->poll(milliseconds(0));
    }
}

size_t RdKafkaEngine::window() const { return window_bytes; }

std::expected<void, std::string> RdKafkaEngine::begin() {
    return std::unexpected("transactions need the engine raw");
}
std::expected<void, std::string> RdKafkaEngine::commit() { return begin(); }
std::expected<void, std::string> RdKafkaEngine::abort() { return begin(); }

}  // namespace stoker::workload
