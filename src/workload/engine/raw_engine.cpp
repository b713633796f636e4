#include "workload/engine/raw_engine.hpp"

#include <poll.h>
#include <time.h>

#include <algorithm>

#include "kafka/cluster.hpp"

namespace stoker::workload {
namespace {

/// Below what makes kafka::Producer::send wait for room (its own limit counts a little less).
constexpr size_t window_min = 3 << 20;
constexpr size_t window_batches = 6;
constexpr int64_t millisecond_ns = 1'000'000;
constexpr int64_t second_ns = 1'000'000'000;

std::expected<void, std::string> sentence(const kafka::Outcome<void>& outcome) {
    if (outcome) return {};
    return std::unexpected(outcome.error().text());
}

}  // namespace

std::expected<std::unique_ptr<Engine>, std::string> RawEngine::create(const EngineOptions& options,
                                                                      const Clock& clock,
                                                                      OnDelivered on_delivered) {
    std::unique_ptr<RawEngine> engine(new RawEngine(options, clock, std::move(on_delivered)));
    // What its log would say comes back as failures, too.
    kafka::Log log(clock, [](std::string_view) {});
    auto producer =
        kafka::Producer::create(options.properties, log, clock,
                                [raw = engine.get()](const kafka::Delivery& delivery) {
                                    raw->delivered(delivery);
                                });
    if (!producer) return std::unexpected(producer.error().text());
    engine->producer_ = std::move(*producer);
    return engine;
}

std::expected<void, std::string> RawEngine::connect() {
    if (!options_.transactional) return {};
    return sentence(producer_->init_transactions());
}

Engine::Taken RawEngine::send(const Outgoing& message) {
    const auto sent = producer_->send({.topic = options_.topics[message.topic],
                                       .partition = message.partition,
                                       .timestamp_ms = message.timestamp_ms,
                                       .key = message.key,
                                       .value = message.value,
                                       .headers = message.headers},
                                      message.tag);
    if (sent) return Taken::yes;
    refusal_ = sent.error().text();
    if (kafka::is_authentication_failure(sent.error())) fatal_ = refusal_;
    return Taken::refused;
}

void RawEngine::poll(int64_t until_ns) {
    producer_->poll(0);
    const int64_t now_ns = clock_.monotonic_ns();
    const int64_t due_ns = producer_->due_in_ms() * millisecond_ns;
    const int64_t wait_ns = std::min(until_ns - now_ns, due_ns);
    if (wait_ns <= 0) return;
    std::vector<pollfd> waits;
    for (int socket : producer_->sockets()) waits.push_back({.fd = socket, .events = POLLIN});
    const timespec time{.tv_sec = wait_ns / second_ns, .tv_nsec = wait_ns % second_ns};
    if (::ppoll(waits.data(), waits.size(), &time, nullptr) > 0) producer_->poll(0);
}

size_t RawEngine::window() const {
    return std::min(std::max(window_min, window_batches * producer_->settings().batch_size),
                    producer_->settings().buffer_memory * 3 / 4);
}

std::expected<void, std::string> RawEngine::begin() {
    return sentence(producer_->begin_transaction());
}
std::expected<void, std::string> RawEngine::commit() {
    return sentence(producer_->commit_transaction());
}
std::expected<void, std::string> RawEngine::abort() {
    return sentence(producer_->abort_transaction());
}

void RawEngine::delivered(const kafka::Delivery& delivery) {
    std::string why;
    if (delivery.failure != nullptr) {
        why = delivery.failure->text();
        if (kafka::is_authentication_failure(*delivery.failure)) fatal_ = why;
    }
    on_delivered_({.tags = delivery.tags,
                   .base_offset = raw(delivery.base_offset),
                   .failure = delivery.failure != nullptr ? &why : nullptr});
}

}  // namespace stoker::workload
