#include <algorithm>
#include <set>
#include <string>

#include "cli/admin_tool.hpp"
#include "cli/configs.hpp"
#include "cli/scram_credential.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::ConfigSource;
using Type = kafka::ConfigResourceType;

constexpr kafka::CallOptions describe_timeout{.timeout_ms = 30'000};

std::vector<std::string> topic_names(kafka::Admin& admin) {
    std::vector<std::string> names;
    for (auto& topic : get_or_throw(kafka::list_topics(admin, true))) {
        names.push_back(std::move(topic.name));
    }
    return in_grown_map_order(std::move(names));
}

std::vector<std::string> broker_ids(kafka::Admin& admin) {
    std::vector<std::string> ids;
    for (const auto& node : get_or_throw(kafka::describe_cluster(admin)).nodes) {
        ids.push_back(std::to_string(node.id));
    }
    return ids;
}

std::vector<std::string> resource_names(kafka::Admin& admin, Type type) {
    auto listed = kafka::list_config_resources(admin, {type});
    // Brokers before 4.1 do not tell of groups, and not everybody may ask.
    if (!listed && type == Type::group &&
        (listed.error().is("UnsupportedVersionException") ||
         listed.error().is("ClusterAuthorizationException"))) {
        return {};
    }
    std::vector<std::string> names;
    for (auto& resource : get_or_throw(std::move(listed))) {
        names.push_back(std::move(resource.name));
    }
    return names;
}

std::vector<std::string> group_names(kafka::Admin& admin) {
    std::vector<std::string> names;
    for (auto& group : get_or_throw(kafka::find_groups(admin, {}))) {
        names.push_back(std::move(group.group_id));
    }
    for (auto& name : resource_names(admin, Type::group)) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> all_names(kafka::Admin& admin, const std::string& type) {
    if (type == entity::topics) return topic_names(admin);
    if (type == entity::client_metrics) return resource_names(admin, Type::client_metrics);
    if (type == entity::groups) return group_names(admin);
    std::vector<std::string> ids = broker_ids(admin);
    ids.emplace_back();  // the default of all brokers
    return ids;
}

bool is_known(kafka::Admin& admin, const std::string& type, const std::string& name) {
    if (type == entity::topics) check_topic_name(name);
    std::vector<std::string> names = all_names(admin, type);
    return std::ranges::find(names, name) != names.end();
}

/// The kind of resource, and where a config stands that was set for it alone.
std::pair<Type, std::optional<ConfigSource>> kind_of(const std::string& type,
                                                     const std::string& name) {
    if (type == entity::topics) return {Type::topic, ConfigSource::dynamic_topic};
    if (type == entity::client_metrics) {
        return {Type::client_metrics, ConfigSource::client_metrics};
    }
    if (type == entity::groups) return {Type::group, ConfigSource::group};
    if (!name.empty()) broker_id_or_throw(name, type);
    if (type == entity::broker_loggers) return {Type::broker_logger, std::nullopt};
    return {Type::broker,
            name.empty() ? ConfigSource::dynamic_default_broker : ConfigSource::dynamic_broker};
}

void print_entry(Streams& io, const kafka::ConfigEntry& entry) {
    std::string synonyms;
    for (const auto& synonym : entry.synonyms) {
        synonyms += (synonyms.empty() ? "" : ", ") +
                    std::string(to_string(ConfigSource(synonym.source))) + ":" + synonym.name +
                    "=" + synonym.value.value_or("null");
    }
    io.out.line("  " + entry.name + "=" + entry.value.value_or("null") +
                " sensitive=" + (entry.is_sensitive ? "true" : "false") + " synonyms={" +
                synonyms + "}");
}

void list_resources(Streams& io, kafka::Admin& admin, const ConfigQuestion& question,
                    const std::vector<std::string>& names) {
    const std::string& type = question.entities.types.front();
    Listing listing{.columns = {"entity_type", "entity_name", "config", "value", "source",
                                "sensitive"},
                    .rows = {}};
    for (const std::string& name : names) {
        for (const auto& entry : resource_configs(admin, type, name, false, question.all)) {
            listing.rows.push_back({type, name, entry.name, cell_of(entry.value),
                                    std::string(to_string(ConfigSource(entry.config_source))),
                                    entry.is_sensitive});
        }
    }
    print_listing(io.out, *question.format, listing);
}

int describe_resources(Streams& io, kafka::Admin& admin, const ConfigQuestion& question) {
    const Entities& entities = question.entities;
    bool describe_all = question.all;
    const std::string& type = entities.types.front();
    std::vector<std::string> names;
    if (!entities.names.empty()) {
        const std::string& name = entities.names.front();
        if (!describe_all && !is_known(admin, type, name)) {
            io.out.line("The " + singular(type) + " '" + name +
                        "' doesn't exist and doesn't have dynamic config.");
            return lenient_exit();
        }
        names = {name};
    } else {
        names = all_names(admin, type);
    }
    if (question.format) {
        list_resources(io, admin, question, names);
        return 0;
    }
    for (const std::string& name : names) {
        if (name.empty()) {
            io.out.line("Default configs for " + type + " in the cluster are:");
        } else {
            io.out.line((describe_all ? "All configs for " : "Dynamic configs for ") +
                        singular(type) + " " + name + " are:");
        }
        for (const auto& entry : resource_configs(admin, type, name, true, describe_all)) {
            print_entry(io, entry);
        }
    }
    return 0;
}

/// ClientQuotaEntity.hashCode().
int32_t hash_of(const kafka::QuotaEntity& quota_entity) {
    uint32_t hash = 31;
    for (const auto& [type, name] : quota_entity) {
        hash += uint32_t(kafka::java_hash(type)) ^ uint32_t(name ? kafka::java_hash(*name) : 0);
    }
    return int32_t(hash);
}

void describe_quotas(Streams& io, kafka::Admin& admin, const Entities& entities) {
    auto entries = get_or_throw(
        kafka::describe_client_quotas(admin, quota_filter(entities), describe_timeout));
    size_t table = map_table(entries.size());
    entries = kafka::in_hash_order(
        std::move(entries), [](const kafka::QuotaEntry& entry) { return hash_of(entry.entity); },
        table);
    for (const kafka::QuotaEntry& entry : entries) {
        std::string who;
        for (auto [type, shown] : {std::pair{"user", "user-principal"},
                                   std::pair{"client-id", "client-id"}, std::pair{"ip", "ip"}}) {
            auto part = entry.entity.find(type);
            if (part == entry.entity.end()) continue;
            who += who.empty() ? "" : ", ";
            who += part->second ? std::string(shown) + " '" + *part->second + "'"
                                : "the default " + std::string(shown);
        }
        std::vector<std::string> names;
        std::map<std::string, double> values;
        for (const auto& [name, value] : entry.values) {
            names.push_back(name);
            values[name] = value;
        }
        std::string text;
        for (const std::string& name : in_map_order(std::move(names))) {
            text += (text.empty() ? "" : ", ") + name + "=" + kafka::java_text(values[name]);
        }
        io.out.line("Quota configs for " + who + " are " + text);
    }
}

void describe_scram_credentials(Streams& io, kafka::Admin& admin, const Entities& entities) {
    auto users = get_or_throw(kafka::describe_scram(admin, entities.names, describe_timeout));
    const size_t table = kafka::grown_table(users.size());
    users = kafka::in_hash_order(
        std::move(users),
        [](const kafka::ScramDescription& user) { return kafka::java_hash(user.user); }, table);
    for (const kafka::ScramDescription& user : users) {
        if (user.error_code == ErrorCode::resource_not_found) continue;
        if (user.error_code != ErrorCode::none) {
            kafka::Failure why = kafka::failure_of(user.error_code, user.error_message);
            io.out.line("Error retrieving SCRAM credential configs for user-principal '" +
                        user.user + "': ExecutionException: " + why.to_string());
            continue;
        }
        std::string text;
        for (const auto& info : user.credential_infos) {
            text += (text.empty() ? "" : ", ") + std::string(scram_name(info.mechanism)) +
                    "=iterations=" + std::to_string(info.iterations);
        }
        io.out.line("SCRAM credential configs for user-principal '" + user.user + "' are " + text);
    }
}

}  // namespace

std::vector<kafka::ConfigEntry> resource_configs(kafka::Admin& admin, const std::string& type,
                                                 const std::string& name, bool with_synonyms,
                                                 bool describe_all) {
    if (type == entity::topics && !name.empty()) check_topic_name(name);
    auto [resource, source] = kind_of(type, name);
    auto described = get_or_throw(kafka::describe_configs(admin, {{resource, name}},
                                                          with_synonyms, describe_timeout));
    std::vector<kafka::ConfigEntry> entries = get_or_throw(std::move(described.front()));
    if (!describe_all && source) {
        std::erase_if(entries, [&](const kafka::ConfigEntry& entry) {
            return ConfigSource(entry.config_source) != *source;
        });
    }
    std::ranges::sort(entries, {}, &kafka::ConfigEntry::name);
    return entries;
}

kafka::QuotaFilter quota_filter(const Entities& entities) {
    if (entities.names.size() > entities.types.size()) {
        throw_illegal_argument("More entity names specified than entity types");
    }
    constexpr int8_t by_name = 0;
    constexpr int8_t the_default = 1;
    constexpr int8_t any_named = 2;
    kafka::QuotaFilter filter{.strict = true};
    for (size_t i = 0; i < entities.types.size(); ++i) {
        auto& component = filter.components.emplace_back();
        const std::string& type = entities.types[i];
        if (type == entity::users) component.entity_type = "user";
        else if (type == entity::clients) component.entity_type = "client-id";
        else component.entity_type = "ip";
        component.match = std::nullopt;
        component.match_type = any_named;
        if (i >= entities.names.size()) continue;
        component.match_type = entities.names[i].empty() ? the_default : by_name;
        if (!entities.names[i].empty()) component.match = entities.names[i];
    }
    return filter;
}

int describe_configs_of(Streams& io, kafka::Admin& admin, const ConfigQuestion& question) {
    const Entities& entities = question.entities;
    const std::string& type = entities.types.front();
    if (type == entity::ips) {
        describe_quotas(io, admin, entities);
        return 0;
    }
    if (type != entity::users && type != entity::clients) {
        return describe_resources(io, admin, question);
    }
    describe_quotas(io, admin, entities);
    auto has = [](const std::vector<std::string>& words, std::string_view word) {
        return std::ranges::find(words, word) != words.end();
    };
    if (!has(entities.types, entity::clients) && !has(entities.names, "")) {
        describe_scram_credentials(io, admin, entities);
    }
    return 0;
}

}  // namespace stoker::cli
