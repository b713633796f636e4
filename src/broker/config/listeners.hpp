// Where the broker listens and what it tells clients: `listeners`, `advertised.listeners` and the
// names around them, parsed and checked against each other.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "broker/config/config_store.hpp"
#include "security/security_protocol.hpp"

namespace stoker::broker {

using security::SecurityProtocol;

struct Listener {
    std::string name;  // in capitals, as Kafka has it
    SecurityProtocol protocol = SecurityProtocol::plaintext;
    std::string host;  // empty: every interface; an IPv6 address without brackets
    uint16_t port = 0;  // 0: any that is free
    bool operator==(const Listener&) const = default;
};

struct Listeners {
    /// In the order of the file. Those of the KRaft controller are not among them.
    std::vector<Listener> opened;
    /// Told to clients of the listener of that name; a listener without one tells clients the
    /// address that they reached.
    std::vector<Listener> advertised;

    /// The error is a sentence that names the property.
    static std::expected<Listeners, std::string> parse(const ConfigStore& configs);
};

}  // namespace stoker::broker
