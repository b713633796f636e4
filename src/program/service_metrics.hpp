// --metrics-port of a program that runs on: what its Kafka clients have done, for Prometheus, under
// the names of Java's clients.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "http/server.hpp"
#include "metrics/client_instruments.hpp"
#include "metrics/registry.hpp"
#include "program/program.hpp"

namespace stoker::program {

/// --metrics-port
void add_metrics_option(CLI::App& app, std::optional<uint16_t>& port);

/// Counts whether it is served or not. One that reads and sends has both kinds of instruments.
class ServiceMetrics {
public:
    explicit ServiceMetrics(const Clock& clock);
    metrics::Registry& registry() { return registry_; }

    /// Serves until the end, and says where; nothing without a port. Throws std::runtime_error.
    void serve(const std::optional<uint16_t>& port, Journal& journal);

private:
    metrics::Registry registry_;
    std::unique_ptr<http::Server> server_;  // last: it asks the registry
};

}  // namespace stoker::program
