// Where a broker listens: the bootstrap list as Java reads it, and names turned into addresses.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/failure.hpp"
#include "kafka/log.hpp"

namespace stoker::kafka {

struct HostPort {
    std::string host;
    uint16_t port = 0;

    bool operator==(const HostPort&) const = default;
    auto operator<=>(const HostPort&) const = default;
};

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
    /// As java.net.InetAddress writes itself: "localhost/127.0.0.1", "/127.0.0.1".
    std::string text;
};

/// "host:port", "[::1]:9092" or "PLAINTEXT://host:port" (Utils.getHost and getPort). Fails with
/// Java's ConfigException, which names the whole text.
Outcome<HostPort> parse_host_port(std::string_view text);

/// The addresses of a name, IPv4 first as Java prefers them; none where it does not resolve.
std::vector<Address> resolve(const HostPort& where);

/// The bootstrap list: names that do not resolve are logged and left out, and a list of which
/// nothing is left is a ConfigException.
Outcome<std::vector<HostPort>> parse_bootstrap(const std::vector<std::string>& servers,
                                               const Log& log);
/// Whether that is why, or what caused it: a name server may know better later.
bool is_unresolved(const Failure& failure);

}  // namespace stoker::kafka
