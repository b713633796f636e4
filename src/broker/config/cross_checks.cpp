#include "broker/config/cross_checks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "broker/config/broker_configs.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

using Checked = std::expected<void, std::string>;

constexpr int64_t dedupe_buffer_per_thread_min = 1 << 20;
constexpr int64_t push_interval_min_ms = 100;
constexpr int64_t push_interval_max_ms = 3'600'000;

constexpr auto thread_pools = std::to_array<std::string_view>({
    "background.threads",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
});
constexpr auto client_selectors = std::to_array<std::string_view>({
    "client_id",
    "client_instance_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
});

std::unexpected<std::string> required(std::string_view why) {
    return std::unexpected("requirement failed: " + std::string(why));
}

// The integer that counts: what is set, or else the declared default. Nothing for null.
std::optional<int64_t> integer(const ConfigMap& set, std::string_view name) {
    auto found = set.find(std::string(name));
    if (found != set.end()) return parse_integer<int64_t>(trimmed(found->second));
    const ConfigDeclaration* config = broker_configs().find(name);
    return config->default_value ? parse_integer<int64_t>(*config->default_value) : std::nullopt;
}

std::string text(const ConfigMap& set, const std::string& name) {
    auto found = set.find(name);
    return found == set.end() ? "" : std::string(trimmed(found->second));
}

Checked check_log(const ConfigMap& set) {
    if (integer(set, "log.roll.ms").value_or(1) < 1)
        return required("log.roll.ms must be greater than or equal to 1");
    if (integer(set, "log.roll.jitter.ms").value_or(0) < 0)
        return required("log.roll.jitter.ms must be greater than or equal to 0");
    std::optional<int64_t> retention;
    for (const std::string& name : broker_synonyms("log.retention.ms"))
        if (!retention) retention = integer(set, name);
    if (retention == 0)
        return required(
            "log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
    int64_t threads = integer(set, "log.cleaner.threads").value_or(1);
    int64_t buffer = integer(set, "log.cleaner.dedupe.buffer.size").value_or(0);
    if (threads > 0 && buffer / threads <= dedupe_buffer_per_thread_min)
        return required("log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
    return {};
}

Checked check_connections(const ConfigMap& set) {
    const std::string overrides = "max.connections.per.ip.overrides";
    for (const std::string& entry : split_list(text(set, overrides))) {
        size_t colon = entry.rfind(':');
        std::string why;
        if (colon == std::string::npos)
            why = "begin 0, end -1, length " + std::to_string(entry.size());
        else if (!parse_integer<int32_t>(std::string_view(entry).substr(colon + 1)))
            return std::unexpected("For input string: \"" + entry.substr(colon + 1) + "\"");
        if (!why.empty())
            return std::unexpected("Error parsing configuration property '" + overrides +
                                   "': " + why);
    }
    if (integer(set, "max.connections.per.ip") == 0 && text(set, overrides).empty())
        return required("max.connections.per.ip can be set to zero only if " + overrides +
                        " property is set.");
    int64_t queued = integer(set, "queued.max.request.bytes").value_or(-1);
    if (queued > 0 && queued < integer(set, "socket.request.max.bytes").value_or(0))
        return required("queued.max.request.bytes must be larger or equal to "
                        "socket.request.max.bytes");
    return {};
}

// "group.consumer.min.session.timeout.ms" bounds "consumer.session.timeout.ms"; not all have both.
std::optional<std::string> bound_of(std::string_view group_config, std::string_view bound) {
    size_t dot = group_config.find('.');
    std::string_view rest = group_config.substr(dot + 1);
    if (group_config == "streams.num.standby.replicas") rest = "standby.replicas";
    std::string name = "group." + std::string(group_config.substr(0, dot)) + "." +
                       std::string(bound) + "." + std::string(rest);
    return broker_configs().find(name) ? std::optional(name) : std::nullopt;
}

// `value_of` reads a group config, `bound_value` a broker config; `shown` names the former.
template <class ValueOf, class BoundValue, class Shown>
Checked check_bounds(ValueOf value_of, BoundValue bound_value, Shown shown) {
    for (const ConfigDeclaration* config : group_resource_configs().all()) {
        if (config->type != ConfigType::int32) continue;
        int64_t value = value_of(config->name);
        if (auto min = bound_of(config->name, "min"); min && value < bound_value(*min))
            return std::unexpected(shown(config->name) + " must be greater than or equal to " +
                                   *min);
        if (auto max = bound_of(config->name, "max"); max && value > bound_value(*max))
            return std::unexpected(shown(config->name) + " must be less than or equal to " + *max);
    }
    return {};
}

// Good enough to refuse what no regular expression is; the rest shows when it is used.
bool closes_its_brackets(std::string_view pattern) {
    int round = 0;
    bool square = false;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && ++i == pattern.size()) return false;
        else if (pattern[i] == '[') square = true;
        else if (pattern[i] == ']') square = false;
        else if (!square && pattern[i] == '(') ++round;
        else if (!square && pattern[i] == ')' && --round < 0) return false;
    }
    return round == 0 && !square;
}

}  // namespace

Checked check_together(const ConfigMap& set) {
    if (auto fine = check_log(set); !fine) return fine;
    if (auto fine = check_connections(set); !fine) return fine;
    auto own_name = [](std::string_view group_config) {
        return "group." + std::string(group_config);
    };
    return check_bounds(
        [&](std::string_view name) { return integer(set, own_name(name)).value_or(0); },
        [&](std::string_view name) { return integer(set, name).value_or(0); }, own_name);
}

Checked check_topic_together(const ConfigMap& set) {
    auto own = [&set](const std::string& name) {
        auto found = set.find(name);
        std::string_view value = found != set.end() ? trimmed(found->second)
                                                    : *topic_configs().find(name)->default_value;
        return parse_integer<int64_t>(value).value_or(0);
    };
    int64_t min = own("min.compaction.lag.ms"), max = own("max.compaction.lag.ms");
    if (min > max)
        return std::unexpected("conflict topic config setting min.compaction.lag.ms (" +
                               std::to_string(min) + ") > max.compaction.lag.ms (" +
                               std::to_string(max) + ")");
    auto tiered = set.find("remote.storage.enable");
    const ConfigDeclaration* config = topic_configs().find("remote.storage.enable");
    if (tiered != set.end() && canonical_value(*config, tiered->second) == "true")
        return std::unexpected("Tiered Storage functionality is disabled in the broker. "
                               "Topic cannot be configured with remote log storage.");
    return {};
}

Checked check_group_together(const ConfigStore& store, const ConfigMap& set) {
    ConfigView group = store.group(set);
    auto bounded = check_bounds(
        [&](std::string_view name) { return int64_t{group.int32(name)}; },
        [&](std::string_view name) { return int64_t{store.int32(name)}; },
        [](std::string_view name) { return std::string(name); });
    if (!bounded) return bounded;
    for (std::string kind : {"consumer", "share", "streams"}) {
        std::string session = kind + ".session.timeout.ms";
        std::string heartbeat = kind + ".heartbeat.interval.ms";
        if (group.int32(session) <= group.int32(heartbeat))
            return std::unexpected(session + " must be greater than " + heartbeat);
    }
    return {};
}

std::expected<void, ConfigRefusal> check_client_metrics(const ConfigMap& set) {
    auto refused = [](ErrorCode code, std::string message) {
        return std::unexpected(ConfigRefusal{code, std::move(message)});
    };
    if (auto found = set.find("interval.ms"); found != set.end()) {
        auto value = parse_integer<int64_t>(trimmed(found->second)).value_or(0);
        if (value < push_interval_min_ms || value > push_interval_max_ms)
            return refused(ErrorCode::invalid_request,
                           "Invalid value " + found->second + " for interval.ms, interval must be "
                           "between 100 and 3600000 (1 hour)");
    }
    auto match = set.find("match");
    if (match == set.end()) return {};
    for (const std::string& selector : split_list(match->second)) {
        size_t equals = selector.find('=');
        std::string name(trimmed(std::string_view(selector).substr(0, equals)));
        bool fine = equals != std::string::npos &&
                    std::ranges::find(client_selectors, name) != client_selectors.end() &&
                    closes_its_brackets(std::string_view(selector).substr(equals + 1));
        if (!fine)
            return refused(ErrorCode::invalid_config,
                           "Illegal client matching pattern: " + selector);
    }
    return {};
}

Checked check_thread_count(const ConfigStore& store, const std::string& name,
                           const std::string& value) {
    bool cleaner = name == "log.cleaner.threads";
    if (!cleaner && std::ranges::find(thread_pools, name) == thread_pools.end()) return {};
    int64_t wanted = parse_integer<int64_t>(trimmed(value)).value_or(0);
    int64_t current = store.int32(name);
    auto wrapped = [](const std::string& why) {
        return std::unexpected("Invalid value org.apache.kafka.common.config.ConfigException: " +
                               why + " for configuration Invalid dynamic configuration");
    };
    if (wanted >= current / 2 && wanted <= current * 2) return {};
    bool more = wanted > current * 2;
    if (cleaner)
        return wrapped("Log cleaner threads cannot be " +
                       std::string(more ? "increased to more than double"
                                        : "reduced to less than half") +
                       " the current value " + std::to_string(current));
    return wrapped("Dynamic thread count update validation failed for " + name + "=" +
                   std::to_string(wanted) + ", value should " +
                   (more ? "not be greater than double" : "be at least half") +
                   " the current value " + std::to_string(current));
}

}  // namespace stoker::broker
