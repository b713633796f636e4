#include "program/service_metrics.hpp"

#include <stdexcept>

#include <CLI/CLI.hpp>

#include "http/metrics_endpoint.hpp"
#include "metrics/process_metrics.hpp"

namespace stoker::program {

void add_metrics_option(CLI::App& app, std::optional<uint16_t>& port) {
    app.add_option("--metrics-port", port,
                   "Serve Prometheus what the clients do at http://127.0.0.1:PORT/metrics; 0: any "
                   "port");
}

ServiceMetrics::ServiceMetrics(const Clock& clock) : registry_(clock) {
    registry_.collect(metrics::write_process_metrics);
}

void ServiceMetrics::serve(const std::optional<uint16_t>& port, Journal& journal) {
    if (!port) return;
    auto server = http::serve_metrics({.port = *port, .option = "--metrics-port"}, [this] {
        return std::make_shared<const std::string>(registry_.text());
    });
    if (!server) throw std::runtime_error(server.error());
    server_ = std::move(*server);
    for (const std::string& address : http::metrics_addresses(*server_))
        journal.say("metrics at " + address);
}

}  // namespace stoker::program
