// What --metrics-port serves of a bomber: the figures of its Kafka clients under the names that
// Java's clients have in Prometheus (metrics/client_instruments.hpp). All its producers, or
// consumers, count as one client: they have one client.id.
//
// A scrape asks the bomber; nothing is counted twice and sending costs nothing more, but for the
// report that librdkafka makes of itself every second.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "http/server.hpp"
#include "load/consumer_bomber.hpp"
#include "load/producer_bomber.hpp"
#include "metrics/client_instruments.hpp"
#include "metrics/registry.hpp"

namespace stoker::load {

/// One thread.
class ProducerMetrics {
public:
    /// All outlive it.
    ProducerMetrics(const ProducerBomber& bomber, const ProducerOptions& options,
                    const Clock& clock);
    /// The answer to a scrape.
    std::string text();

private:
    const ProducerBomber& bomber_;
    metrics::Registry registry_;
    metrics::ProducerInstruments instruments_;
};

/// One thread.
class ConsumerMetrics {
public:
    /// All outlive it.
    ConsumerMetrics(const ConsumerBomber& bomber, const ConsumerOptions& options,
                    const Clock& clock);
    std::string text();

private:
    const ConsumerBomber& bomber_;
    const std::string client_id_;
    metrics::Registry registry_;
    metrics::ConsumerInstruments instruments_;
};

/// Null without --metrics-port. The error is a sentence that says what to do. `text` is called on
/// the server's thread.
std::expected<std::unique_ptr<http::Server>, std::string> serve_metrics(
    const BomberOptions& options, std::function<std::string()> text);

}  // namespace stoker::load
