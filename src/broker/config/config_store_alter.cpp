// ConfigStore's IncrementalAlterConfigs: what a list of alterations comes to, or why it is refused,
// in the order of Apache Kafka's checks and in its words.
//
// Broker configs are refused with INVALID_REQUEST where the others are with INVALID_CONFIG, as
// there. Only what is set now is checked: a value that another program left in the journal does not
// stand in the way of a later change.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "broker/config/broker_configs.hpp"
#include "broker/config/config_store.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/cross_checks.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/server_properties.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

using Alterations = ConfigStore::Alterations;
using Altered = ConfigStore::Altered;
using Checked = std::expected<void, ConfigRefusal>;

const std::string min_insync = "min.insync.replicas";

// As the controller says it, and as a broker does of its own configs.
constexpr std::string_view unknown_operation = "Unknown operation type ";
constexpr std::string_view unknown_broker_operation = "Unknown operations type ";

std::unexpected<ConfigRefusal> refuse(ErrorCode code, std::string message) {
    return std::unexpected(ConfigRefusal{code, std::move(message)});
}

Checked known_operations(const Alterations& alterations, std::string_view what) {
    for (const ConfigAlteration& alteration : alterations)
        if (alteration.operation < AlterOperation::set ||
            alteration.operation > AlterOperation::subtract)
            return refuse(ErrorCode::invalid_request,
                          std::string(what) + std::to_string(int(alteration.operation)));
    return {};
}

// The words of a list as they were written, blanks and all.
std::vector<std::string> raw_words(std::string_view text, bool with_empty) {
    std::vector<std::string> words;
    while (true) {
        size_t comma = text.find(',');
        std::string word(text.substr(0, comma));
        if (with_empty || !word.empty()) words.push_back(std::move(word));
        if (comma == std::string_view::npos) return words;
        text.remove_prefix(comma + 1);
    }
}

std::string with_words(const ConfigAlteration& alteration, std::string_view current) {
    std::vector<std::string> words = raw_words(current, false);
    for (std::string& word : raw_words(*alteration.value, true)) {
        auto found = std::ranges::find(words, word);
        if (alteration.operation == AlterOperation::subtract) {
            if (found != words.end()) words.erase(found);
        } else if (found == words.end()) {
            words.push_back(std::move(word));
        }
    }
    return join(words, ",");
}

// What the alterations come to, before the values are checked. No table: Kafka knows no lists among
// the configs of groups and client metrics, though their declarations have some.
Altered apply(const ConfigMap& current, const Alterations& alterations, const ConfigTable* table) {
    ConfigChanges changes;
    for (const ConfigAlteration& alteration : alterations) {
        auto found = current.find(alteration.name);
        std::optional<std::string> before =
            found == current.end() ? std::nullopt : std::optional(found->second);
        std::optional<std::string> after = alteration.value;
        bool append = alteration.operation == AlterOperation::append;
        if (alteration.operation == AlterOperation::remove) {
            after = std::nullopt;
        } else if (append || alteration.operation == AlterOperation::subtract) {
            const ConfigDeclaration* config =
                table == nullptr ? nullptr : table->find(alteration.name);
            if (config == nullptr || config->type != ConfigType::list)
                return refuse(ErrorCode::invalid_config,
                              std::string("Can't ") + (append ? "APPEND" : "SUBTRACT") +
                                  " to key " + alteration.name +
                                  " because its type is not LIST.");
            after = with_words(alteration, before ? std::string_view(*before)
                                                  : config->default_value.value_or(""));
        }
        if (after != before) changes[alteration.name] = after;
    }
    return changes;
}

ConfigMap set_by(const ConfigChanges& changes) {
    ConfigMap set;
    for (const auto& [name, value] : changes)
        if (value) set[name] = *value;
    return set;
}

// In which order Kafka reads a topic's values: of several wrong ones the first is told.
constexpr auto topic_order = std::to_array<std::string_view>({
    "segment.bytes", "segment.ms", "segment.jitter.ms", "segment.index.bytes", "flush.messages",
    "flush.ms", "retention.bytes", "retention.ms", "max.message.bytes", "index.interval.bytes",
    "delete.retention.ms", "min.compaction.lag.ms", "max.compaction.lag.ms",
    "file.delete.delay.ms", "min.cleanable.dirty.ratio", "cleanup.policy",
    "unclean.leader.election.enable", "min.insync.replicas", "compression.type",
    "compression.gzip.level", "compression.lz4.level", "compression.zstd.level", "preallocate",
    "message.timestamp.type", "message.timestamp.before.max.ms", "message.timestamp.after.max.ms",
    "leader.replication.throttled.replicas", "follower.replication.throttled.replicas",
    "remote.storage.enable", "local.retention.ms", "local.retention.bytes",
    "remote.log.copy.disable", "remote.log.delete.on.disable", "internal.segment.bytes"});

size_t place_of(const std::string& name) {
    return size_t(std::ranges::find(topic_order, name) - topic_order.begin());
}

// Names first, as Kafka does, then values.
std::expected<void, std::string> check_values(const ConfigTable& table, const ConfigMap& set,
                                              std::string_view unknown) {
    std::vector<std::string> names;
    for (const auto& [name, value] : set) {
        if (table.find(name) == nullptr) return std::unexpected(std::string(unknown) + name);
        names.push_back(name);
    }
    std::ranges::stable_sort(names, {}, place_of);
    for (const std::string& name : names)
        if (auto valid = canonical_value(*table.find(name), set.at(name)); !valid)
            return std::unexpected(valid.error());
    return {};
}

const ConfigDeclaration* declaration_of(const std::string& name) {
    const ConfigDeclaration* config = broker_configs().find(name);
    return config != nullptr ? config : listener_config(name);
}

// Refuses the names that `concerned` picks out of those that are set.
template <class Concerned>
Checked refuse_names(const ConfigMap& set, const std::string& why, Concerned concerned) {
    std::vector<std::string> names;
    for (const auto& [name, value] : set)
        if (concerned(name)) names.push_back(name);
    if (names.empty()) return {};
    return refuse(ErrorCode::invalid_request, why + ": [" + join(names, ", ") + "]");
}

Checked check_broker_names(const ConfigMap& set, bool default_of_all) {
    auto read_only = [](const std::string& name) {
        const ConfigDeclaration* config = broker_configs().find(name);
        return config != nullptr && config->mutability == Mutability::read_only;
    };
    auto per_broker = [](const std::string& name) {
        const ConfigDeclaration* config = declaration_of(name);
        return config != nullptr && config->mutability == Mutability::per_broker;
    };
    auto fine = refuse_names(set, "Cannot update these configs dynamically", read_only);
    if (fine)
        fine = refuse_names(set,
                            "These security configs can be dynamically updated only per-listener "
                            "using the listener prefix",
                            per_listener_only);
    if (!fine) return fine;
    for (const auto& [name, value] : set)
        if (const ConfigDeclaration* config = declaration_of(name))
            if (auto valid = canonical_value(*config, value); !valid)
                return refuse(ErrorCode::invalid_request, valid.error());
    if (!default_of_all) return {};
    return refuse_names(set,
                        "Cannot update these configs at default cluster level, broker id must be "
                        "specified",
                        per_broker);
}

// Not among the broker's configs upstream: they can be set only while it runs.
bool is_quota(std::string_view name) {
    return name.ends_with(".replication.throttled.rate") ||
           name == "replica.alter.log.dirs.io.max.bytes.per.second";
}

// The broker's own checks of a list operation; the controller's follow in apply().
Checked check_list_operations(const Alterations& alterations) {
    for (const ConfigAlteration& alteration : alterations) {
        bool append = alteration.operation == AlterOperation::append;
        if (!append && alteration.operation != AlterOperation::subtract) continue;
        const ConfigDeclaration* config = broker_configs().find(alteration.name);
        if (config == nullptr || is_quota(alteration.name))
            return refuse(ErrorCode::invalid_config, "Unknown config name: " + alteration.name);
        if (config->type != ConfigType::list)
            return refuse(ErrorCode::invalid_config,
                          std::string("Config value ") + (append ? "append" : "subtract") +
                              " is not allowed for config key: " + alteration.name);
    }
    return {};
}

Checked check_eligible_replicas(const ConfigChanges& changes, bool default_of_all) {
    auto change = changes.find(min_insync);
    if (change == changes.end()) return {};
    if (!default_of_all)
        return refuse(ErrorCode::invalid_config,
                      "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    if (change->second) return {};
    return refuse(ErrorCode::invalid_config,
                  "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
}

}  // namespace

std::expected<void, ConfigRefusal> ConfigStore::check_form(const Alterations& alterations) {
    std::set<std::string_view> names;
    for (const ConfigAlteration& alteration : alterations)
        if (!names.insert(alteration.name).second)
            return refuse(ErrorCode::invalid_request, "Error due to duplicate config keys");
    std::vector<std::string> nulls;
    for (const ConfigAlteration& alteration : alterations)
        if (alteration.operation != AlterOperation::remove && !alteration.value)
            nulls.push_back(alteration.name);
    if (nulls.empty()) return {};
    return refuse(ErrorCode::invalid_request,
                  "Null value not supported for : " + join(nulls, ", "));
}

std::expected<void, ConfigRefusal> ConfigStore::check_operations(const Alterations& alterations,
                                                                 const ConfigTable* lists) {
    if (auto fine = known_operations(alterations, unknown_operation); !fine) return fine;
    if (auto applied = apply({}, alterations, lists); !applied)
        return std::unexpected(applied.error());
    return {};
}

ConfigStore::Altered ConfigStore::alter_broker(const Alterations& alterations) const {
    return alter_broker_layer(alterations, false);
}

ConfigStore::Altered ConfigStore::alter_broker_defaults(const Alterations& alterations) const {
    return alter_broker_layer(alterations, true);
}

ConfigStore::Altered ConfigStore::alter_broker_layer(const Alterations& alterations,
                                                     bool default_of_all) const {
    if (auto fine = check_form(alterations); !fine) return std::unexpected(fine.error());
    if (auto fine = known_operations(alterations, unknown_broker_operation); !fine)
        return std::unexpected(fine.error());
    if (auto fine = check_list_operations(alterations); !fine)
        return std::unexpected(fine.error());
    Dynamic dynamic = *dynamic_->lock();
    ConfigMap& layer = default_of_all ? dynamic.of_all_brokers : dynamic.of_this_broker;
    Altered changes = apply(layer, alterations, &broker_configs());
    if (!changes) return changes;
    if (auto fine = check_broker_names(set_by(*changes), default_of_all); !fine)
        return std::unexpected(fine.error());
    layer = with_changes(std::move(layer), *changes);
    ConfigMap together = std::move(dynamic.of_this_broker);
    together.merge(dynamic.of_all_brokers);
    together.insert(properties_.begin(), properties_.end());
    if (auto fine = check_broker_changes(together, *changes, default_of_all); !fine)
        return std::unexpected(fine.error());
    return changes;
}

std::expected<void, ConfigRefusal> ConfigStore::check_broker_changes(
    const ConfigMap& together, const ConfigChanges& changes, bool default_of_all) const {
    if (auto fine = check_together(together); !fine)
        return refuse(ErrorCode::invalid_request, fine.error());
    for (const auto& [name, value] : set_by(changes)) {
        auto why = why_refused(name, value);
        if (!why) why = why_not_dynamic(name);
        if (why) return refuse(ErrorCode::invalid_request, *why);
        if (auto fine = check_thread_count(*this, name, value); !fine)
            return refuse(ErrorCode::invalid_request, fine.error());
    }
    if (!eligible_leader_replicas_) return {};
    return check_eligible_replicas(changes, default_of_all);
}

ConfigStore::Altered ConfigStore::alter_topic(const ConfigMap& current,
                                              const Alterations& alterations) const {
    if (auto fine = check_form(alterations); !fine) return std::unexpected(fine.error());
    if (auto fine = known_operations(alterations, unknown_operation); !fine)
        return std::unexpected(fine.error());
    Altered changes = apply(current, alterations, &topic_configs());
    if (!changes) return changes;
    auto fine = check_values(topic_configs(), set_by(*changes), "Unknown topic config name: ");
    if (fine) fine = check_topic_together(with_changes(current, *changes));
    if (!fine) return refuse(ErrorCode::invalid_config, fine.error());
    return changes;
}

ConfigStore::Altered ConfigStore::alter_group(const ConfigMap& current,
                                              const Alterations& alterations) const {
    if (auto fine = check_form(alterations); !fine) return std::unexpected(fine.error());
    if (auto fine = known_operations(alterations, unknown_operation); !fine)
        return std::unexpected(fine.error());
    Altered changes = apply(current, alterations, nullptr);
    if (!changes) return changes;
    auto fine =
        check_values(group_resource_configs(), set_by(*changes), "Unknown group config name: ");
    if (fine) fine = check_group_together(*this, with_changes(current, *changes));
    if (!fine) return refuse(ErrorCode::invalid_config, fine.error());
    return changes;
}

ConfigStore::Altered ConfigStore::alter_client_metrics(const ConfigMap& current,
                                                       const Alterations& alterations) {
    if (auto fine = check_form(alterations); !fine) return std::unexpected(fine.error());
    if (auto fine = known_operations(alterations, unknown_operation); !fine)
        return std::unexpected(fine.error());
    Altered changes = apply(current, alterations, nullptr);
    if (!changes) return changes;
    for (const auto& [name, value] : set_by(*changes))
        if (client_metrics_configs().find(name) == nullptr)
            return refuse(ErrorCode::invalid_request,
                          "Unknown client metrics configuration: " + name);
    auto fine = check_values(client_metrics_configs(), set_by(*changes), "");
    if (!fine) return refuse(ErrorCode::invalid_config, fine.error());
    if (auto good = check_client_metrics(with_changes(current, *changes)); !good)
        return std::unexpected(good.error());
    return changes;
}

std::expected<void, ConfigRefusal> ConfigStore::check_topic(const ConfigMap& set) const {
    auto fine = check_values(topic_configs(), set, "Unknown topic config name: ");
    if (fine) fine = check_topic_together(set);
    if (!fine) return refuse(ErrorCode::invalid_config, fine.error());
    return {};
}

std::expected<void, std::string> ConfigStore::validate_topic(std::string_view name,
                                                             std::string_view value) {
    ConfigMap one{{std::string(name), std::string(value)}};
    auto fine = check_values(topic_configs(), one, "Unknown topic config name: ");
    return fine ? check_topic_together(one) : fine;
}

}  // namespace stoker::broker
