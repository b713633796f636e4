#include "broker/config/server_properties.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "broker/config/broker_configs.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/cross_checks.hpp"
#include "broker/config/nearest_name.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

struct Reason {
    std::string_view name;  // a prefix when it ends in '.'
    std::string_view why;
};

// Refused unless the value is the default.
constexpr std::string_view no_java = "Stoker cannot load Java classes";
constexpr std::string_view at_start = "SASL is set up at start";
constexpr std::string_view no_tiers = "Stoker has no tiered storage";
constexpr auto refused = std::to_array<Reason>({
    {"alter.config.policy.class.name", no_java},
    {"client.quota.callback.class", no_java},
    {"config.providers", "values are not looked up elsewhere: write them into the file"},
    {"create.topic.policy.class.name", no_java},
    {"delegation.token.secret.key", "delegation tokens are not supported"},
    {"kafka.metrics.reporters", no_java},
    {"metric.reporters", no_java},
    {"principal.builder.class", no_java},
    {"remote.log.storage.system.enable", no_tiers},
    {"replica.selector.class", no_java},
    {"sasl.client.callback.handler.class", no_java},
    {"sasl.login.callback.handler.class", no_java},
    {"sasl.login.class", no_java},
    {"sasl.oauthbearer.jwt.retriever.class", no_java},
    {"security.providers", no_java},
    {"ssl.engine.factory.class", no_java},
    {"transaction.two.phase.commit.enable", "two-phase commit is not supported"},
});

// Apache Kafka changes these while it runs.
constexpr auto fixed_at_start = std::to_array<Reason>({
    {"cordoned.log.dirs", "new partitions go to every log directory"},
    {"listener.security.protocol.map", "listeners are opened at start"},
    {"listeners", "listeners are opened at start"},
    {"max.connections", "the server takes its limits at start"},
    {"max.connections.per.ip", "the server takes its limits at start"},
    {"max.connections.per.ip.overrides", "the server takes its limits at start"},
    {"num.network.threads", "io threads are started once"},
    {"num.recovery.threads.per.data.dir", "logs are recovered at start"},
    {"producer.id.expiration.ms", "logs take it at start"},
    {"sasl.enabled.mechanisms", at_start},
    {"sasl.jaas.config", at_start},
    {"sasl.server.callback.handler.class", at_start},
});

// Known to Apache Kafka before 4.0, or to its plug-ins: passed over with a warning, as there.
constexpr auto without_effect = std::to_array<Reason>({
    {"broker.id.generation.enable", "it was removed in Apache Kafka 4.0"},
    {"control.plane.listener.name", "it was removed in Apache Kafka 4.0"},
    {"inter.broker.protocol.version", "it was removed in Apache Kafka 4.0"},
    {"log.message.downconversion.enable", "it was removed in Apache Kafka 4.0"},
    {"log.message.format.version", "it was removed in Apache Kafka 4.0"},
    {"log.message.timestamp.difference.max.ms", "it was removed in Apache Kafka 4.0"},
    {"offsets.commit.required.acks", "it was removed in Apache Kafka 4.0"},
    {"password.encoder.", "it was removed in Apache Kafka 4.0"},
    {"reserved.broker.max.id", "it was removed in Apache Kafka 4.0"},
    {"rlmm.config.", no_tiers},
    {"rsm.config.", no_tiers},
    {"zookeeper.", "Stoker, as Apache Kafka since 4.0, needs no ZooKeeper"},
});

// The authorizer's own properties; Apache Kafka declares them nowhere either.
constexpr auto of_authorizer =
    std::to_array<std::string_view>({"allow.everyone.if.no.acl.found", "super.users"});
constexpr std::string_view authorizer_class =
    "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

template <size_t size>
std::optional<std::string_view> reason_for(const std::array<Reason, size>& reasons,
                                           std::string_view name) {
    auto concerns = [name](const Reason& reason) {
        return reason.name.ends_with('.') ? name.starts_with(reason.name) : name == reason.name;
    };
    auto found = std::ranges::find_if(reasons, concerns);
    return found == reasons.end() ? std::nullopt : std::optional(found->why);
}

// The declaration that checks a property's value; null when the name is not known.
const ConfigDeclaration* declaration_of(std::string_view name) {
    const ConfigDeclaration* config = broker_configs().find(name);
    return config != nullptr ? config : listener_config(name);
}

// The first host of "host:count,host:count" that is no address.
std::optional<std::string> name_in(std::string_view limits) {
    for (const std::string& entry : split_list(limits)) {
        std::string host(trimmed(std::string_view(entry).substr(0, entry.rfind(':'))));
        in6_addr address{};
        bool known = host == "localhost" || inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                     inet_pton(AF_INET6, host.c_str(), &address) == 1;
        if (!known) return host;
    }
    return std::nullopt;
}

std::string refusal(std::string_view name, std::string_view why) {
    return std::string(name) + " cannot be honoured: " + std::string(why) + ".";
}

std::string unknown_name(const std::string& name) {
    std::string sentence = "Unknown property " + name + ".";
    if (auto synonyms = topic_synonyms(name); !synonyms.empty())
        return sentence + " It is a topic's config; the broker's is " +
               std::string(synonyms[0].broker_config) + ".";
    if (auto nearest = nearest_name(name, broker_configs()))
        return sentence + " Did you mean " + std::string(*nearest) + "?";
    return sentence + " Apache Kafka has no such config, nor has Stoker.";
}

}  // namespace

std::optional<std::string> why_refused(std::string_view name, std::string_view value) {
    const ConfigDeclaration* config = declaration_of(name);
    if (config == nullptr) return std::nullopt;
    auto reason = reason_for(refused, config->name);
    if (reason && trimmed(value) != config->default_value.value_or(""))
        return refusal(name, *reason);
    if (config->name == "authorizer.class.name" && !trimmed(value).empty() &&
        trimmed(value) != authorizer_class)
        return refusal(name, "Stoker has one authorizer and loads no Java classes: set " +
                                 std::string(authorizer_class));
    if (config->name == "process.roles" && !trimmed(value).empty()) {
        std::vector<std::string> roles = split_list(value);
        if (std::ranges::find(roles, "broker") == roles.end())
            return refusal(name, "Stoker is a broker, and needs no controller of its own");
    }
    // The rules of this one are those of Stoker's own.
    if (config->name == "sasl.oauthbearer.jwt.validator.class" &&
        !trimmed(value).ends_with(".DefaultJwtValidator") &&
        !trimmed(value).ends_with(".BrokerJwtValidator"))
        return refusal(name, no_java);
    if (config->name == "sasl.server.callback.handler.class" && !trimmed(value).empty() &&
        !trimmed(value).ends_with(".OAuthBearerValidatorCallbackHandler"))
        return refusal(name, no_java);
    if (config->name == "max.connections.per.ip.overrides")
        if (auto host = name_in(value))
            return refusal(name, "names are not looked up: write the address of " + *host);
    bool names_nodes = config->name == "controller.quorum.voters" ||
                       config->name == "controller.quorum.bootstrap.servers";
    if (names_nodes && split_list(value).size() > 1)
        return refusal(name, "it names several nodes, and Stoker is a cluster of one");
    return std::nullopt;
}

std::optional<std::string> why_not_dynamic(std::string_view name) {
    const ConfigDeclaration* config = declaration_of(name);
    auto why = reason_for(fixed_at_start, config == nullptr ? name : config->name);
    if (!why) return std::nullopt;
    return std::string(name) + " cannot be changed while the broker runs: " + std::string(*why) +
           ".";
}

std::expected<CheckedProperties, std::string> check_server_properties(const ConfigMap& properties) {
    CheckedProperties checked;
    for (const auto& [name, value] : properties) {
        const ConfigDeclaration* config = declaration_of(name);
        if (config == nullptr) {
            if (std::ranges::find(of_authorizer, name) != of_authorizer.end()) {
                auto authorizer = properties.find("authorizer.class.name");
                if (authorizer == properties.end() || trimmed(authorizer->second).empty())
                    checked.warnings.push_back(name + " has no effect: there is no authorizer.");
                continue;
            }
            auto why = reason_for(without_effect, name);
            if (!why) return std::unexpected(unknown_name(name));
            checked.warnings.push_back(name + " has no effect: " + std::string(*why) + ".");
            continue;
        }
        if (auto why = why_refused(name, value)) return std::unexpected(*why);
        if (auto valid = canonical_value(*config, value); !valid)
            return std::unexpected(valid.error() + ".");
    }
    auto same_id = [&properties](const std::string& a, const std::string& b) {
        auto first = properties.find(a), second = properties.find(b);
        return first == properties.end() || second == properties.end() ||
               trimmed(first->second) == trimmed(second->second);
    };
    if (!same_id("node.id", "broker.id"))
        return std::unexpected("You must set `node.id` to the same value as `broker.id`.");
    if (auto fine = check_together(properties); !fine) return std::unexpected(fine.error() + ".");
    return checked;
}

}  // namespace stoker::broker
