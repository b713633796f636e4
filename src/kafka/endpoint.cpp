#include "kafka/endpoint.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

namespace stoker::kafka {
namespace {

constexpr std::string_view utils_logger = "org.apache.kafka.clients.ClientUtils";

bool is_of_host(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '%' || c == '.' || c == '_' || c == ':';
}

/// ^(?:[0-9a-zA-Z\-%._]*://)?\[?([0-9a-zA-Z\-%._:]*)]?:([0-9]+) over the whole text.
std::optional<std::pair<std::string, std::string>> split(std::string_view text) {
    if (size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        std::string_view name = text.substr(0, scheme);
        if (std::ranges::all_of(name, [](char c) { return is_of_host(c) && c != ':'; })) {
            text.remove_prefix(scheme + 3);
        }
    }
    size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    std::string_view port = text.substr(colon + 1);
    bool digits = !port.empty() && std::ranges::all_of(port, [](char c) {
        return c >= '0' && c <= '9';
    });
    if (host.starts_with('[')) host.remove_prefix(1);
    if (host.ends_with(']')) host.remove_suffix(1);
    if (!digits || !std::ranges::all_of(host, is_of_host)) return std::nullopt;
    return std::pair{std::string(host), std::string(port)};
}

std::string numeric(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        return text;
    }
    // Java writes all eight groups.
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::string all;
    for (size_t i = 0; i < 16; i += 2) {
        char group[8];
        unsigned value = unsigned(v6->sin6_addr.s6_addr[i]) << 8 | v6->sin6_addr.s6_addr[i + 1];
        auto [end, error] = std::to_chars(group, group + sizeof group, value, 16);
        if (i > 0) all += ':';
        all.append(group, end);
    }
    return all;
}

constexpr std::string_view no_resolvable =
    "No resolvable bootstrap urls given in bootstrap.servers";

}  // namespace

Outcome<HostPort> parse_host_port(std::string_view text) {
    auto parts = split(text);
    if (!parts || parts->first.empty()) {
        return failed(config_failure("Invalid url in bootstrap.servers: " + std::string(text)));
    }
    const std::string& digits = parts->second;
    uint16_t port = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc()) {
        return failed(config_failure("Invalid port in bootstrap.servers: " + std::string(text)));
    }
    return HostPort{.host = parts->first, .port = port};
}

std::vector<Address> resolve(const HostPort& where) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* first = nullptr;
    std::string service = std::to_string(where.port);
    if (::getaddrinfo(where.host.c_str(), service.c_str(), &hints, &first) != 0) return {};
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(first, ::freeaddrinfo);
    std::vector<Address> found;
    for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
        Address address;
        std::copy_n(reinterpret_cast<const char*>(each->ai_addr), each->ai_addrlen,
                    reinterpret_cast<char*>(&address.bytes));
        address.size = each->ai_addrlen;
        std::string number = numeric(each->ai_addr);
        address.text = (number == where.host ? "" : where.host) + "/" + number;
        found.push_back(std::move(address));
    }
    std::ranges::stable_partition(found, [](const Address& address) {
        return address.bytes.ss_family == AF_INET;
    });
    return found;
}

Outcome<std::vector<HostPort>> parse_bootstrap(const std::vector<std::string>& servers,
                                               const Log& log) {
    std::vector<HostPort> usable;
    for (const std::string& server : servers) {
        if (server.empty()) continue;
        Outcome<HostPort> where = parse_host_port(server);
        if (!where) return failed(where.error());
        if (resolve(*where).empty()) {
            log.warn("Couldn't resolve server " + server +
                         " from bootstrap.servers as DNS resolution failed for " + where->host,
                     utils_logger);
            continue;
        }
        usable.push_back(std::move(*where));
    }
    if (usable.empty()) {
        return failed(config_failure(std::string(no_resolvable)));
    }
    return usable;
}

bool is_unresolved(const Failure& failure) {
    return failure.message == no_resolvable || (failure.cause && is_unresolved(*failure.cause));
}

}  // namespace stoker::kafka
