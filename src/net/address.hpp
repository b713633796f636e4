// Host names and addresses: what a listener binds to, and how a peer is written.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "net/server.hpp"

namespace stoker::net {

/// "127.0.0.1" and the port; an IPv4 address that came over an IPv6 socket is written as IPv4.
std::pair<std::string, uint16_t> numeric(const sockaddr_storage& address);

/// Whether only this machine reaches what is bound to that host.
bool is_loopback(const std::string& host);

struct OpenListener {
    int socket = -1;  // the caller's to close
    BoundListener bound;
};

/// Binds and listens; "localhost" gives two where there is IPv6, with one port. The error is a
/// sentence that says what to do; nothing stays open then.
std::expected<std::vector<OpenListener>, std::string> open_listener(const ListenerOptions& wanted,
                                                                    const ServerOptions& options);

}  // namespace stoker::net
