#include "broker/config/broker_configs.hpp"

#include <algorithm>
#include <array>

namespace stoker::broker {
namespace {

constexpr std::string_view listener_prefix = "listener.name.";

// Names that stand for the same in other units, or in another's stead, in their precedence.
using Chain = std::array<std::string_view, 3>;
constexpr auto chains = std::to_array<Chain>({
    {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
    {"log.roll.ms", "log.roll.hours", ""},
    {"log.roll.jitter.ms", "log.roll.jitter.hours", ""},
});

constexpr auto only_per_listener = std::to_array<std::string_view>({
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
});

// What follows "listener.name.NAME."; empty when the name is not of that form.
std::string_view base_of(std::string_view name) {
    if (!name.starts_with(listener_prefix)) return {};
    name.remove_prefix(listener_prefix.size());
    size_t dot = name.find('.');
    return dot == 0 || dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

}  // namespace

const ConfigTable& broker_configs() {
    static const ConfigTable configs({group_configs(), log_configs(), metrics_configs(),
                                      network_configs(), node_configs(), remote_configs(),
                                      security_configs(), transaction_configs()});
    return configs;
}

const ConfigDeclaration* listener_config(std::string_view name) {
    std::string_view base = base_of(name);
    if (base.empty()) return nullptr;
    if (const ConfigDeclaration* config = broker_configs().find(base)) return config;
    // Of one SASL mechanism of the listener.
    std::string_view of_mechanism = base.substr(std::min(base.find('.') + 1, base.size()));
    bool known = of_mechanism.starts_with("sasl.") || of_mechanism == "connections.max.reauth.ms";
    return known ? broker_configs().find(of_mechanism) : nullptr;
}

std::vector<std::string> broker_synonyms(std::string_view name) {
    for (const Chain& chain : chains) {
        if (std::ranges::find(chain, name) == chain.end()) continue;
        std::vector<std::string> names;
        for (std::string_view synonym : chain)
            if (!synonym.empty()) names.emplace_back(synonym);
        return names;
    }
    if (name == "log.flush.interval.ms")  // a chain in one direction only
        return {std::string(name), "log.flush.scheduler.interval.ms"};
    if (const ConfigDeclaration* base = listener_config(name))
        return {std::string(name), std::string(base->name)};
    return {std::string(name)};
}

bool per_listener_only(std::string_view name) {
    return std::ranges::find(only_per_listener, name) != only_per_listener.end();
}

}  // namespace stoker::broker
