#include "net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "net/transport.hpp"

namespace stoker::net {
namespace {

constexpr int same_port_attempts = 50;

/// Where to bind, in the order of trying.
struct Target {
    sockaddr_storage address{};
    socklen_t size = 0;
    bool optional = false;  // no harm when this machine does not have it
};

Target target_v4(in_addr address) {
    Target target{.size = sizeof(sockaddr_in)};
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr = address;
    std::memcpy(&target.address, &in, sizeof in);
    return target;
}

Target target_v6(in6_addr address) {
    Target target{.size = sizeof(sockaddr_in6)};
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_addr = address;
    std::memcpy(&target.address, &in, sizeof in);
    return target;
}

void set_port(Target& target, uint16_t port) {
    if (target.address.ss_family == AF_INET) {
        reinterpret_cast<sockaddr_in*>(&target.address)->sin_port = htons(port);
    } else {
        reinterpret_cast<sockaddr_in6*>(&target.address)->sin6_port = htons(port);
    }
}

/// The resolver is asked only for names: it costs a start milliseconds.
std::expected<std::vector<Target>, std::string> targets_of(const std::string& host) {
    if (host == "localhost") {
        std::vector both{target_v4({htonl(INADDR_LOOPBACK)}), target_v6(in6addr_loopback)};
        both[1].optional = true;
        return both;
    }
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return std::vector{target_v4(v4)};
    in6_addr v6{};
    if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return std::vector{target_v6(v6)};
    if (host.empty()) return std::vector{target_v6(in6addr_any)};

    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure != 0 || found == nullptr) {
        return std::unexpected(fmt::format("there is no address for the host {} ({})", host,
                                           ::gai_strerror(failure)));
    }
    Target target{.size = found->ai_addrlen};
    std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
    return std::vector{target};
}

/// A listening socket, or errno.
std::expected<int, int> listen_at(const Target& target, const ServerOptions& options) {
    Transport socket(
        ::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.socket() < 0) return std::unexpected(errno);
    const auto set = [&](int level, int name, int value) {
        ::setsockopt(socket.socket(), level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_REUSEADDR, 1);
    if (target.address.ss_family == AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    // Connections inherit these.
    if (options.send_buffer != 0) set(SOL_SOCKET, SO_SNDBUF, int(options.send_buffer));
    if (options.receive_buffer != 0) set(SOL_SOCKET, SO_RCVBUF, int(options.receive_buffer));
    const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
    if (::bind(socket.socket(), address, target.size) != 0) return std::unexpected(errno);
    if (::listen(socket.socket(), options.listen_backlog) != 0) return std::unexpected(errno);
    return socket.release();
}

uint16_t port_of(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return numeric(address).second;
}

std::string advice(int error, uint16_t port, const std::string& option) {
    switch (error) {
        case EADDRINUSE:
            return fmt::format(
                "the port is taken. `ss -ltnp 'sport = :{}'` shows by whom; choose another one "
                "with {}",
                port, option);
        case EACCES:
            return fmt::format(
                "ports below 1024 are for the administrator; choose another one with {}", option);
        case EADDRNOTAVAIL:
            return fmt::format(
                "this machine does not have that address. `ip address` shows which it has; choose "
                "one with {}",
                option);
        default: return fmt::format("{}; see {}", std::strerror(error), option);
    }
}

struct Attempt {
    std::vector<OpenListener> open;
    int error = 0;
};

void close_all(std::vector<OpenListener>& listeners) {
    for (const auto& listener : listeners) ::close(listener.socket);
    listeners.clear();
}

/// Binds all targets to one port: the wanted one, or the one that the first target was given.
Attempt open_all(std::vector<Target> targets, const ListenerOptions& wanted,
                 const ServerOptions& options) {
    Attempt attempt;
    uint16_t port = wanted.port;
    for (Target& target : targets) {
        set_port(target, port);
        const auto socket = listen_at(target, options);
        if (!socket) {
            const bool missing = socket.error() == EADDRNOTAVAIL || socket.error() == EAFNOSUPPORT;
            if (target.optional && missing) continue;
            close_all(attempt.open);
            attempt.error = socket.error();
            return attempt;
        }
        port = port_of(*socket);
        attempt.open.push_back({.socket = *socket,
                                .bound = {.name = wanted.name,
                                          .host = wanted.host,
                                          .address = numeric(target.address).first,
                                          .port = port,
                                          .protocol = wanted.protocol}});
    }
    return attempt;
}

}  // namespace

bool is_loopback(const std::string& host) {
    constexpr uint32_t loopback_net = 127;
    constexpr unsigned host_bits = 24;
    in_addr address{};
    // A name that only begins like such an address is anybody's.
    if (::inet_pton(AF_INET, host.c_str(), &address) == 1)
        return ntohl(address.s_addr) >> host_bits == loopback_net;
    return host == "localhost" || host == "::1";
}

std::pair<std::string, uint16_t> numeric(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        sockaddr_in in;
        std::memcpy(&in, &address, sizeof in);
        ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
        return {text.data(), ntohs(in.sin_port)};
    }
    sockaddr_in6 in;
    std::memcpy(&in, &address, sizeof in);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
        ::inet_ntop(AF_INET, &in.sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    }
    return {text.data(), ntohs(in.sin6_port)};
}

std::expected<std::vector<OpenListener>, std::string> open_listener(const ListenerOptions& wanted,
                                                                    const ServerOptions& options) {
    const auto sentence = [&](const std::string& why) {
        return std::unexpected(fmt::format("Cannot listen on {}://{}:{}: {}.", wanted.name,
                                           wanted.host, wanted.port, why));
    };
    const auto targets = targets_of(wanted.host);
    if (!targets) return sentence(targets.error());
    Attempt attempt = open_all(*targets, wanted, options);
    // The free port of one family can be taken in the other one.
    for (int i = 0; i < same_port_attempts; ++i) {
        if (wanted.port != 0 || attempt.error != EADDRINUSE) break;
        attempt = open_all(*targets, wanted, options);
    }
    if (attempt.error != 0) {
        return sentence(advice(attempt.error, wanted.port, options.listeners_option));
    }
    return std::move(attempt.open);
}

}  // namespace stoker::net
