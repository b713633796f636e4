// A running node: disk, logs, storage threads, broker, server and tick, started in the order in
// which they need each other and stopped in the reverse.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "broker/config/config_store.hpp"

namespace stoker::node {

struct NodeOptions {
    broker::ConfigStore configs;
    /// Lets it listen beyond the loopback without TLS and authentication.
    bool insecure = false;
};

class Node {
public:
    /// Ready to answer when it returns. The error is a sentence that says what to do; nothing runs
    /// then, and nothing was overwritten.
    static std::expected<std::unique_ptr<Node>, std::string> start(NodeOptions options);
    /// stop()
    ~Node();

    /// "PLAINTEXT://127.0.0.1:9092", one a listener.
    std::vector<std::string> addresses() const;
    /// "http://127.0.0.1:9404/metrics", one a socket; none without metrics.port.
    std::vector<std::string> metrics_addresses() const;
    /// A clean stop: no more requests, everything synced, the marker written. False when the data
    /// directory did not let it. Idempotent.
    bool stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace stoker::node
