// ConfigStore's DescribeConfigs: entries with the places where their values were found, in the
// order and with the peculiarities of Apache Kafka.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/check.hpp"
#include "broker/config/broker_configs.hpp"
#include "broker/config/config_store.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

bool wanted(const std::vector<std::string>& names, std::string_view name) {
    return names.empty() || std::ranges::find(names, name) != names.end();
}

constexpr std::string_view doc_without_effect =
    "Known from Apache Kafka, checked and kept; nothing in this broker depends on it.";

std::optional<std::string> shown(bool sensitive, std::optional<std::string> value) {
    return sensitive ? std::nullopt : std::move(value);
}

ConfigEntry entry_of(const ConfigDeclaration& config, std::optional<std::string> value) {
    return {.name = std::string(config.name),
            .value = shown(config.sensitive(), std::move(value)),
            .sensitive = config.sensitive(),
            .type = config.type,
            .synonyms = {},
            .documentation = config.doc.empty() ? doc_without_effect : config.doc};
}

void name_source(ConfigEntry& entry) {
    if (!entry.synonyms.empty()) entry.source = entry.synonyms.front().source;
}

// What a resource sets itself comes before everything else, in its canonical form.
void put_own_first(ConfigEntry& entry, ConfigSource source) {
    entry.synonyms.insert(entry.synonyms.begin(),
                          {.name = entry.name, .value = entry.value, .source = source});
}

// In which order Apache Kafka answers them, whatever is set. Clients see it: Java's tools keep
// configs in a hash map, where those that share a bucket stay in the order of the answer.
constexpr auto topic_answer_order = std::to_array<std::string_view>({
    "compression.type", "remote.log.delete.on.disable", "leader.replication.throttled.replicas",
    "remote.storage.enable", "min.insync.replicas", "segment.jitter.ms", "remote.log.copy.disable",
    "local.retention.ms", "cleanup.policy", "flush.ms", "follower.replication.throttled.replicas",
    "compression.lz4.level", "segment.bytes", "retention.ms", "compression.gzip.level",
    "flush.messages", "compression.zstd.level", "max.compaction.lag.ms", "file.delete.delay.ms",
    "max.message.bytes", "min.compaction.lag.ms", "message.timestamp.type", "local.retention.bytes",
    "preallocate", "index.interval.bytes", "min.cleanable.dirty.ratio",
    "unclean.leader.election.enable", "retention.bytes", "delete.retention.ms",
    "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "segment.ms",
    "segment.index.bytes"});

// The names that a resource shows: all that are declared, and the hidden ones that are set.
std::vector<const ConfigDeclaration*> shown_configs(const ConfigTable& table, const ConfigMap& set,
                                                    const std::vector<std::string>& names) {
    std::vector<const ConfigDeclaration*> configs;
    for (const ConfigDeclaration* config : table.all())
        if (wanted(names, config->name) &&
            (!config->hidden || set.contains(std::string(config->name))))
            configs.push_back(config);
    return configs;
}

}  // namespace

// Every place of every stand-in, most telling place first; but what stands before the name itself
// is not told (a retention in hours is a synonym of the one in ms only where that is set, too).
std::vector<ConfigSynonym> ConfigStore::synonyms(const std::string& name, bool sensitive) const {
    std::vector<std::string> names = broker_synonyms(name);
    std::vector<ConfigSynonym> found;
    auto look_in = [&](const ConfigMap& values, ConfigSource source) {
        for (const std::string& synonym : names)
            if (auto value = values.find(synonym); value != values.end())
                found.push_back({synonym, shown(sensitive, value->second), source});
    };
    {
        auto dynamic = dynamic_->lock();
        look_in(dynamic->of_this_broker, ConfigSource::dynamic_broker);
        look_in(dynamic->of_all_brokers, ConfigSource::dynamic_default_broker);
    }
    look_in(properties_, ConfigSource::static_broker);
    for (const std::string& synonym : names) {
        const ConfigDeclaration* config = broker_configs().find(synonym);
        if (auto value = config ? default_of(*config) : std::nullopt)
            found.push_back({synonym, shown(sensitive, value), ConfigSource::default_config});
    }
    auto own = std::ranges::find(found, name, &ConfigSynonym::name);
    found.erase(found.begin(), own);
    return found;
}

ConfigEntry ConfigStore::broker_entry(const std::string& name) const {
    if (const ConfigDeclaration* config = broker_configs().find(name)) {
        ConfigEntry entry = entry_of(*config, broker_value(*config));
        entry.read_only = config->mutability == Mutability::read_only;
        entry.synonyms = synonyms(name, config->sensitive());
        name_source(entry);
        return entry;
    }
    // Another's name may carry a secret. An override for a listener is its base's kind.
    const ConfigDeclaration* base = listener_config(name);
    ConfigEntry entry{.name = name, .value = {}, .read_only = true, .synonyms = {}};
    entry.sensitive = base == nullptr || base->sensitive();
    if (base != nullptr) entry.type = base->type;
    entry.synonyms = synonyms(name, entry.sensitive);
    name_source(entry);
    if (!entry.synonyms.empty()) entry.value = entry.synonyms.front().value;
    return entry;
}

std::vector<ConfigEntry> ConfigStore::describe_broker(const Names& names) const {
    std::set<std::string> known;
    auto add_all = [&known](const ConfigMap& values) {
        for (const auto& [name, value] : values) known.insert(name);
    };
    for (const ConfigDeclaration* config : broker_configs().all())
        if (!config->hidden) known.insert(std::string(config->name));
    add_all(properties_);
    {
        auto dynamic = dynamic_->lock();
        add_all(dynamic->of_this_broker);
        add_all(dynamic->of_all_brokers);
    }
    std::vector<ConfigEntry> entries;
    for (const std::string& name : known)
        if (wanted(names, name)) entries.push_back(broker_entry(name));
    return entries;
}

std::vector<ConfigEntry> ConfigStore::describe_broker_defaults(const Names& names) const {
    ConfigMap set = dynamic_->lock()->of_all_brokers;
    std::vector<ConfigEntry> entries;
    for (const auto& [name, value] : set) {
        if (!wanted(names, name)) continue;
        ConfigEntry entry = broker_entry(name);
        entry.value = shown(entry.sensitive, value);
        std::erase_if(entry.synonyms, [](const ConfigSynonym& synonym) {
            return synonym.source != ConfigSource::dynamic_default_broker;
        });
        name_source(entry);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<ConfigEntry> ConfigStore::describe_topic(const ConfigMap& set,
                                                     const Names& names) const {
    std::vector<ConfigEntry> entries;
    auto configs = shown_configs(topic_configs(), set, names);
    std::ranges::stable_sort(configs, {}, [](const ConfigDeclaration* config) {
        return std::ranges::find(topic_answer_order, config->name) - topic_answer_order.begin();
    });
    for (const ConfigDeclaration* config : configs) {
        ConfigEntry entry = entry_of(*config, topic_value(*config, set));
        if (auto first = topic_synonyms(config->name); !first.empty())
            entry.synonyms = synonyms(std::string(first[0].broker_config), config->sensitive());
        if (set.contains(entry.name)) put_own_first(entry, ConfigSource::topic);
        name_source(entry);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<ConfigEntry> ConfigStore::describe_group(const ConfigMap& set,
                                                     const Names& names) const {
    std::vector<ConfigEntry> entries;
    for (const ConfigDeclaration* config : shown_configs(group_resource_configs(), set, names)) {
        ConfigEntry entry = entry_of(*config, group_value(*config, set));
        if (auto synonym = group_synonym(config->name))
            entry.synonyms = synonyms(*synonym, config->sensitive());
        else
            entry.synonyms = {{entry.name, std::string(config->default_value.value_or("")),
                               ConfigSource::default_config}};
        if (set.contains(entry.name)) put_own_first(entry, ConfigSource::group);
        name_source(entry);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<ConfigEntry> ConfigStore::describe_client_metrics(const ConfigMap& set,
                                                              const Names& names) {
    std::vector<ConfigEntry> entries;
    for (const ConfigDeclaration* config : shown_configs(client_metrics_configs(), set, names)) {
        auto found = set.find(std::string(config->name));
        std::string_view text = found != set.end() ? std::string_view(found->second)
                                                   : config->default_value.value_or("");
        ConfigEntry entry = entry_of(*config, canonical_value(*config, text).value_or(""));
        if (found != set.end()) put_own_first(entry, ConfigSource::client_metrics);
        name_source(entry);
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace stoker::broker
