#include "broker/config/config_store.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/check.hpp"
#include "broker/config/broker_configs.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/server_properties.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

const std::string node_id = "node.id";
const std::string broker_id = "broker.id";

// The value as Kafka shows it; nothing when it is none, as may stand in another program's journal.
std::optional<std::string> valid_in(const ConfigMap& values, const ConfigDeclaration& config,
                                    const std::string& name) {
    auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    auto value = canonical_value(config, found->second);
    return value ? std::optional(std::move(*value)) : std::nullopt;
}

std::optional<std::string> valid_in(const ConfigMap& values, const ConfigDeclaration& config) {
    return valid_in(values, config, std::string(config.name));
}

std::optional<std::string> declared_default(const ConfigDeclaration& config) {
    return config.default_value ? std::optional<std::string>(*config.default_value)
                                : std::nullopt;
}

// One number of the synonym in the topic config's unit. A negative retention is without limit.
std::string in_topic_unit(const TopicSynonym& synonym, std::string value) {
    if (synonym.topic_config == "retention.ms" && value.starts_with('-')) return "-1";
    if (synonym.unit == 1) return value;
    return std::to_string(parse_integer<int64_t>(value).value_or(0) * synonym.unit);
}

}  // namespace

std::expected<ConfigStore, std::string> ConfigStore::create(Options options) {
    auto checked = check_server_properties(options.properties);
    if (!checked) return std::unexpected(checked.error());
    ConfigStore store;
    store.warnings_ = std::move(checked->warnings);
    store.eligible_leader_replicas_ = options.eligible_leader_replicas;
    store.properties_ = std::move(options.properties);
    store.defaults_ = std::move(options.defaults);
    for (const auto& [name, value] : store.defaults_) {
        const ConfigDeclaration* config = broker_configs().find(name);
        STOKER_CHECK(config != nullptr && canonical_value(*config, value),
                     "a default is for no config, or no value of it");
    }
    unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    store.defaults_.try_emplace("num.network.threads", std::to_string(cores));
    // What Apache Kafka demands and a one-node broker can know.
    ConfigMap& given = store.properties_;
    if (!given.contains("process.roles"))
        store.defaults_.try_emplace("process.roles", "broker,controller");
    // Each of the two names gives the other its value.
    if (given.contains(node_id)) given.try_emplace(broker_id, given[node_id]);
    else if (given.contains(broker_id)) given.try_emplace(node_id, given[broker_id]);
    else
        for (const std::string& id : {node_id, broker_id}) store.defaults_.try_emplace(id, "1");
    return store;
}

void ConfigStore::set_dynamic(ConfigMap of_this_broker, ConfigMap of_all_brokers) {
    *dynamic_->lock() = {std::move(of_this_broker), std::move(of_all_brokers)};
}

ConfigStore ConfigStore::with_dynamic(ConfigMap of_this_broker) const {
    ConfigStore copy;
    copy.properties_ = properties_;
    copy.defaults_ = defaults_;
    copy.eligible_leader_replicas_ = eligible_leader_replicas_;
    copy.set_dynamic(std::move(of_this_broker), dynamic_->lock()->of_all_brokers);
    return copy;
}

std::optional<std::string> ConfigStore::default_of(const ConfigDeclaration& config) const {
    auto found = defaults_.find(std::string(config.name));
    return found == defaults_.end() ? declared_default(config) : std::optional(found->second);
}

std::optional<std::string> ConfigStore::broker_value(const ConfigDeclaration& config) const {
    {
        auto dynamic = dynamic_->lock();
        if (auto value = valid_in(dynamic->of_this_broker, config)) return value;
        if (auto value = valid_in(dynamic->of_all_brokers, config)) return value;
    }
    if (auto value = valid_in(properties_, config)) return value;
    return default_of(config);
}

std::optional<std::string> ConfigStore::only_listener_text(std::string_view listener,
                                                           std::string_view name) const {
    std::string full = "listener.name.";
    for (char c : listener) full += char(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    full.append(".").append(name);
    const ConfigDeclaration* config = listener_config(full);
    STOKER_CHECK(config != nullptr, "no config of listeners has this name");
    if (auto value = valid_in(dynamic_->lock()->of_this_broker, *config, full)) return value;
    return valid_in(properties_, *config, full);
}

std::optional<std::string> ConfigStore::listener_text(std::string_view listener,
                                                      std::string_view name) const {
    if (auto value = only_listener_text(listener, name)) return value;
    const ConfigDeclaration* own = broker_configs().find(name);
    return own == nullptr ? std::nullopt : broker_value(*own);
}

std::optional<std::string> ConfigStore::topic_value(const ConfigDeclaration& config,
                                                    const ConfigMap& set) const {
    if (auto value = valid_in(set, config)) return value;
    for (const TopicSynonym& synonym : topic_synonyms(config.name))
        if (auto value = broker_value(*broker_configs().find(synonym.broker_config)))
            return in_topic_unit(synonym, std::move(*value));
    return declared_default(config);
}

std::optional<std::string> ConfigStore::group_value(const ConfigDeclaration& config,
                                                    const ConfigMap& set) const {
    if (auto value = valid_in(set, config)) return value;
    if (auto synonym = group_synonym(config.name))
        return broker_value(*broker_configs().find(*synonym));
    return declared_default(config);
}

const ConfigDeclaration& ConfigView::declaration(std::string_view name) const {
    const ConfigDeclaration* config = nullptr;
    switch (of_) {
        case Of::broker: config = broker_configs().find(name); break;
        case Of::topic: config = topic_configs().find(name); break;
        case Of::group: config = group_resource_configs().find(name); break;
        case Of::client_metrics: config = client_metrics_configs().find(name); break;
    }
    STOKER_CHECK(config != nullptr, "no config has this name");
    return *config;
}

std::optional<std::string> ConfigView::text_or_null(std::string_view name) const {
    const ConfigDeclaration& config = declaration(name);
    switch (of_) {
        case Of::broker: return store_.broker_value(config);
        case Of::topic: return store_.topic_value(config, *values_);
        case Of::group: return store_.group_value(config, *values_);
        case Of::client_metrics: break;
    }
    auto set = valid_in(*values_, config);
    return set ? set : declared_default(config);
}

std::string ConfigView::text(std::string_view name) const {
    auto value = text_or_null(name);
    STOKER_CHECK(value.has_value(), "the config may be null");
    return *value;
}

bool ConfigView::boolean(std::string_view name) const {
    STOKER_CHECK(declaration(name).type == ConfigType::boolean, "the config is no boolean");
    return text(name) == "true";
}

int64_t ConfigView::int64(std::string_view name) const {
    ConfigType type = declaration(name).type;
    STOKER_CHECK(type == ConfigType::int64 || type == ConfigType::int32 ||
                     type == ConfigType::int16,
                 "the config is no integer");
    auto value = parse_integer<int64_t>(text(name));
    STOKER_CHECK(value.has_value(), "a valid integer is one");
    return *value;
}

int32_t ConfigView::int32(std::string_view name) const {
    STOKER_CHECK(declaration(name).type != ConfigType::int64, "the config needs 64 bits");
    return int32_t(int64(name));
}

double ConfigView::real(std::string_view name) const {
    STOKER_CHECK(declaration(name).type == ConfigType::real, "the config is no real number");
    auto value = parse_real(text(name));
    STOKER_CHECK(value.has_value(), "a valid number is one");
    return *value;
}

std::vector<std::string> ConfigView::list(std::string_view name) const {
    STOKER_CHECK(declaration(name).type == ConfigType::list, "the config is no list");
    return split_list(text_or_null(name).value_or(""));
}

ConfigMap with_changes(ConfigMap values, const ConfigChanges& changes) {
    for (const auto& [name, value] : changes)
        if (value) values[name] = *value;
        else values.erase(name);
    return values;
}

std::vector<ConfigAlteration> replacing(const ConfigMap& current, const ConfigMap& wanted) {
    std::vector<ConfigAlteration> alterations;
    for (const auto& [name, value] : wanted)
        alterations.push_back({.name = name, .operation = AlterOperation::set, .value = value});
    for (const auto& [name, value] : current)
        if (!wanted.contains(name))
            alterations.push_back(
                {.name = name, .operation = AlterOperation::remove, .value = std::nullopt});
    return alterations;
}

}  // namespace stoker::broker
