#include "broker/config/listeners.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/config/config_rules.hpp"
#include "broker/config/config_value.hpp"

namespace stoker::broker {
namespace {

using ProtocolMap = std::map<std::string, SecurityProtocol>;

std::unexpected<std::string> wrong(std::string_view property, const std::string& why) {
    return std::unexpected(std::string(property) + ": " + why + ".");
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    return result;
}

std::vector<std::string> names_in(const ConfigStore& configs, std::string_view property) {
    std::vector<std::string> names = configs.list(property);
    for (std::string& name : names) name = upper(name);
    return names;
}

const Listener* find(const std::vector<Listener>& listeners, std::string_view name) {
    auto found = std::ranges::find(listeners, name, &Listener::name);
    return found == listeners.end() ? nullptr : &*found;
}

std::expected<ProtocolMap, std::string> parse_protocols(const ConfigStore& configs) {
    constexpr std::string_view property = "listener.security.protocol.map";
    ProtocolMap protocols;
    for (const std::string& entry : split_list(configs.text(property))) {
        size_t colon = entry.find(':');
        std::string name = upper(trimmed(std::string_view(entry).substr(0, colon)));
        if (colon == std::string::npos || name.empty())
            return wrong(property, "'" + entry + "' is not of the form NAME:PROTOCOL");
        std::string wanted = upper(trimmed(std::string_view(entry).substr(colon + 1)));
        auto known = security::parse_security_protocol(wanted);
        if (!known)
            return wrong(property, "there is no protocol '" + wanted +
                                       "': PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL are known");
        if (!protocols.emplace(name, *known).second)
            return wrong(property, name + " is there twice");
    }
    return protocols;
}

// NAME://host:port
std::expected<Listener, std::string> parse_endpoint(std::string_view property,
                                                    const std::string& text) {
    size_t mark = text.find("://");
    auto parts = mark == std::string::npos
                     ? std::unexpected(std::string())
                     : split_host_port(std::string_view(text).substr(mark + 3));
    if (!parts || mark == 0)
        return wrong(property, "'" + text + "' is not of the form NAME://host:port");
    auto port = parse_integer<uint16_t>(parts->port);
    if (!port) return wrong(property, "the port of '" + text + "' is not between 0 and 65535");
    return Listener{.name = upper(trimmed(std::string_view(text).substr(0, mark))),
                    .host = parts->host,
                    .port = *port};
}

// All endpoints of a property but the controller's, each with its protocol.
std::expected<std::vector<Listener>, std::string> parse_endpoints(const ConfigStore& configs,
                                                                  std::string_view property,
                                                                  const ProtocolMap& protocols) {
    std::vector<std::string> controllers = names_in(configs, "controller.listener.names");
    std::vector<Listener> endpoints;
    for (const std::string& text : configs.list(property)) {
        auto endpoint = parse_endpoint(property, text);
        if (!endpoint) return std::unexpected(endpoint.error());
        if (std::ranges::find(controllers, endpoint->name) != controllers.end()) continue;
        if (find(endpoints, endpoint->name))
            return wrong(property, "each listener has a name of its own, and " + endpoint->name +
                                       " is there twice");
        auto protocol = protocols.find(endpoint->name);
        if (protocol == protocols.end())
            return wrong(property, endpoint->name + " has no security protocol: add " +
                                       endpoint->name +
                                       ":PLAINTEXT to listener.security.protocol.map");
        endpoint->protocol = protocol->second;
        endpoints.push_back(std::move(*endpoint));
    }
    return endpoints;
}

std::expected<void, std::string> check_opened(const std::vector<Listener>& listeners) {
    constexpr std::string_view property = "listeners";
    if (listeners.empty())
        return wrong(property, "there is none for clients, only for the controller");
    for (const Listener& listener : listeners) {
        for (const Listener& other : listeners)
            if (&other != &listener && other.port == listener.port && listener.port != 0 &&
                other.host == listener.host)
                return wrong(property, listener.name + " and " + other.name +
                                           " have the same host and port");
    }
    return {};
}

std::expected<void, std::string> check_advertised(const Listeners& listeners) {
    constexpr std::string_view property = "advertised.listeners";
    for (const Listener& advertised : listeners.advertised) {
        if (!find(listeners.opened, advertised.name))
            return wrong(property, "listeners has no " + advertised.name);
        if (advertised.host == "0.0.0.0" || advertised.host == "::")
            return wrong(property, "clients cannot connect to " + advertised.host +
                                       ": name an address that they can reach");
        if (advertised.host.empty() || advertised.port == 0)
            return wrong(property, advertised.name + " needs a host and a port to be told");
    }
    return {};
}

std::expected<void, std::string> check_inter_broker(const ConfigStore& configs,
                                                    const std::vector<Listener>& opened) {
    const std::string property = "inter.broker.listener.name";
    const std::string other = "security.inter.broker.protocol";
    auto name = configs.text_or_null(property);
    if (!name) return {};
    if (configs.given_at_start(other))
        return wrong(property, "only one of it and " + other + " can be set");
    if (!find(opened, upper(*name))) return wrong(property, "listeners has no " + upper(*name));
    return {};
}

}  // namespace

std::expected<Listeners, std::string> Listeners::parse(const ConfigStore& configs) {
    auto protocols = parse_protocols(configs);
    if (!protocols) return std::unexpected(protocols.error());
    auto opened = parse_endpoints(configs, "listeners", *protocols);
    if (!opened) return std::unexpected(opened.error());
    auto advertised = parse_endpoints(configs, "advertised.listeners", *protocols);
    if (!advertised) return std::unexpected(advertised.error());
    Listeners listeners{.opened = std::move(*opened), .advertised = std::move(*advertised)};
    auto fine = check_opened(listeners.opened);
    if (fine) fine = check_advertised(listeners);
    if (fine) fine = check_inter_broker(configs, listeners.opened);
    if (!fine) return std::unexpected(fine.error());
    return listeners;
}

}  // namespace stoker::broker
