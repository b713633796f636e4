// GET /metrics of a program: what Prometheus scrapes.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/server.hpp"

namespace stoker::http {

/// `text` gives the exposition; it is called on the server's thread. The error is a sentence that
/// says what to do.
std::expected<std::unique_ptr<Server>, std::string> serve_metrics(
    ServerOptions options, std::function<std::shared_ptr<const std::string>()> text);

/// "http://127.0.0.1:9404/metrics", one a socket.
std::vector<std::string> metrics_addresses(const Server& server);

}  // namespace stoker::http
