// RawEngine: our own client (kafka/), whose batches are built and sent by the very thread that
// calls: nothing between the message and the socket.
#pragma once

#include <string>

#include "kafka/producer.hpp"
#include "workload/engine/engine.hpp"

namespace stoker::workload {

class RawEngine final : public Engine {
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
    RawEngine(const EngineOptions& options, const Clock& clock, OnDelivered on_delivered)
        : options_(options), clock_(clock), on_delivered_(std::move(on_delivered)) {}
    void delivered(const kafka::Delivery& delivery);

    EngineOptions options_;
    const Clock& clock_;
    OnDelivered on_delivered_;
    std::string refusal_;
    std::optional<std::string> fatal_;
    std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace stoker::workload
