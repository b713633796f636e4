// RdKafkaEngine: librdkafka (client/), with its threads and queues: what its users get.
#pragma once

#include <string>

#include "client/producer.hpp"
#include "workload/engine/engine.hpp"

namespace stoker::workload {

class RdKafkaEngine final : public Engine {
public:
    static std::expected<std::unique_ptr<Engine>, std::string> create(const EngineOptions& options,
                                                                      const Clock& clock,
                                                                      OnDelivered on_delivered);

    std::expected<void, std::string> connect() override;
    Taken send(const Outgoing& message) override;
    void poll(int64_t until_ns) override;
    size_t window() const override;
    const std::string& refusal() const override { return refusal_; }
    std::optional<std::string> fatal() const override { return fatal_; }
    std::expected<void, std::string> begin() override;
    std::expected<void, std::string> commit() override;
    std::expected<void, std::string> abort() override;

private:
    RdKafkaEngine(const EngineOptions& options, const Clock& clock, OnDelivered on_delivered)
        : options_(options), clock_(clock), on_delivered_(std::move(on_delivered)) {}

    void gather(const client::Delivery& delivery);
    void hand_on();
    void wait(int64_t until_ns);

    EngineOptions options_;
    const Clock& clock_;
    OnDelivered on_delivered_;
    std::string refusal_;
    std::optional<std::string> fatal_;
    std::vector<size_t> topics_;
    std::vector<client::Header> headers_;
    /// Answers of one partition at offsets one behind the other, which nobody was told of yet.
    std::vector<int64_t> gathered_;
    int64_t gathered_base_ = -1;
    int32_t gathered_partition_ = -1;
    std::unique_ptr<client::Producer> producer_;
};

/// The properties of a client of Java's as librdkafka's, sasl.jaas.config included. The error is a
/// sentence without values.
std::expected<client::Config, std::string> rdkafka_config(
    const kafka::ClientProperties& properties);

}  // namespace stoker::workload
