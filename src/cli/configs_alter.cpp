#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "cli/admin_tool.hpp"
#include "cli/configs.hpp"
#include "cli/java_number.hpp"
#include "cli/scram_credential.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::array<std::string_view, 4> quota_names{
    "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"};
constexpr std::string_view ip_quota_name = "connection_creation_rate";
constexpr kafka::CallOptions alter_timeout{.timeout_ms = 30'000};

bool is_quota(const std::string& name) {
    return std::ranges::find(quota_names, name) != quota_names.end();
}

std::vector<std::string> names_of(const ConfigValues& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    return names;
}

template <class Keep>
std::vector<std::string> those(std::vector<std::string> names, Keep keep) {
    std::erase_if(names, [&](const std::string& name) { return !keep(name); });
    return names;
}

void alter_resource(kafka::Admin& admin, kafka::ConfigResourceType type, const std::string& name,
                    const ConfigChanges& changes) {
    std::vector<kafka::ConfigChange> all;
    for (const std::string& key : changes.deleted) {
        all.push_back({.name = key, .config_operation = kafka::config_delete, .value = ""});
    }
    for (const auto& [key, value] : changes.added) {
        all.push_back({.name = key, .config_operation = kafka::config_set, .value = value});
    }
    auto done = kafka::alter_config(admin, {type, name}, all, alter_timeout);
    if (!done && done.error().is("UnsupportedVersionException")) {
        throw kafka::KafkaException(kafka::failure_of(
            ErrorCode::unsupported_version,
            "The INCREMENTAL_ALTER_CONFIGS API is not supported by the cluster. The API is "
            "supported starting from version 2.3.0. You may want to use an older version of this "
            "tool to interact with your cluster, or upgrade your brokers to version 2.3.0 or newer "
            "to avoid this error."));
    }
    get_or_throw(std::move(done));
}

void alter_loggers(kafka::Admin& admin, const std::string& broker, const ConfigChanges& changes) {
    std::set<std::string> valid;
    for (const auto& entry :
         resource_configs(admin, std::string(entity::broker_loggers), broker, false, false)) {
        valid.insert(entry.name);
    }
    auto is_unknown = [&](const std::string& name) { return !valid.contains(name); };
    std::vector<std::string> unknown = those(changes.deleted, is_unknown);
    for (auto& name : those(names_of(changes.added), is_unknown)) unknown.push_back(name);
    if (!unknown.empty()) {
        throw kafka::KafkaException(
            kafka::failure_of(ErrorCode::invalid_config,
                              "Invalid broker logger(s): " + kafka::joined(unknown, ",")));
    }
    alter_resource(admin, kafka::ConfigResourceType::broker_logger, broker, changes);
}

double quota_or_throw(const std::string& name, const std::string& value) {
    const auto number = parse_java_double(value);
    if (!number) {
        throw_illegal_argument("Cannot parse quota configuration value for " + name + ": " +
                               value);
    }
    return *number;
}

void alter_quotas(kafka::Admin& admin, const Entities& entities, const ConfigChanges& changes) {
    if (entities.types.size() != entities.names.size()) {
        throw_illegal_argument("Exactly one entity name must be specified for every entity type");
    }
    kafka::QuotaFilter filter = quota_filter(entities);
    std::set<std::string> known;
    auto entries = get_or_throw(kafka::describe_client_quotas(admin, filter, alter_timeout));
    if (!entries.empty()) {
        for (const auto& [name, value] : entries.front().values) known.insert(name);
    }
    auto unknown = those(changes.deleted,
                         [&](const std::string& name) { return !known.contains(name); });
    if (!unknown.empty()) {
        throw kafka::KafkaException(kafka::failure_of(
            ErrorCode::invalid_config, "Invalid config(s): " + kafka::joined(unknown, ",")));
    }
    kafka::QuotaEntity quota_entity;
    for (size_t i = 0; i < entities.names.size(); ++i) {
        std::optional<std::string> name;
        if (!entities.names[i].empty()) name = entities.names[i];
        quota_entity[filter.components[i].entity_type] = name;
    }
    std::vector<kafka::QuotaOp> ops;
    for (const auto& [name, value] : changes.added) {
        ops.push_back({.key = name, .value = quota_or_throw(name, value)});
    }
    for (const std::string& name : changes.deleted) ops.push_back({.key = name, .remove = true});
    get_or_throw(kafka::alter_client_quotas(admin, quota_entity, ops));
}

/// "Set(a, b)", as Scala prints the names that do not belong there.
[[noreturn]] void refuse_names(const std::string& text, const char* collection,
                               const std::vector<std::string>& names) {
    throw_illegal_argument(text + " using --bootstrap-server. Unexpected config names: " +
                           collection + "(" + kafka::joined(names, ", ") + ")");
}

void check_client_configs(const ConfigChanges& changes) {
    auto no_quota = [](const std::string& name) { return !is_quota(name); };
    auto added = those(names_of(changes.added), no_quota);
    if (!added.empty()) {
        refuse_names("Only quota configs can be added for 'clients'", "Set", added);
    }
    auto deleted = those(changes.deleted, no_quota);
    if (!deleted.empty()) {
        refuse_names("Only quota configs can be deleted for 'clients'", "ArrayBuffer", deleted);
    }
}

void check_user_configs(const Entities& entities, const ConfigChanges& changes, bool has_quotas) {
    auto is_unknown = [](const std::string& name) {
        return !is_quota(name) && !is_scram_mechanism(name);
    };
    auto added = those(names_of(changes.added), is_unknown);
    if (!added.empty()) {
        refuse_names("Only quota and SCRAM credential configs can be added for 'users'", "Set",
                     added);
    }
    auto deleted = those(changes.deleted, is_unknown);
    if (!deleted.empty()) {
        refuse_names("Only quota and SCRAM credential configs can be deleted for 'users'",
                     "ArrayBuffer", deleted);
    }
    bool has_scram =
        !those(names_of(changes.added), is_scram_mechanism).empty() ||
        !those(changes.deleted, is_scram_mechanism).empty();
    if (!has_scram) return;
    auto is_empty = [](const std::string& name) { return name.empty(); };
    if (std::ranges::any_of(entities.names, is_empty)) {
        throw_illegal_argument("The use of --entity-default or --user-defaults is not allowed with "
                               "User SCRAM Credentials using --bootstrap-server.");
    }
    if (has_quotas) {
        throw_illegal_argument("Cannot alter both quota and SCRAM credential configs "
                               "simultaneously for 'users' using --bootstrap-server.");
    }
}

void alter_scram_credentials(kafka::Admin& admin, const std::string& user,
                             const ConfigChanges& changes) {
    protocol::AlterUserScramCredentialsRequest request;
    for (const std::string& name : changes.deleted) {
        request.deletions.push_back({.name = user, .mechanism = scram_mechanism(name)});
    }
    for (const auto& [name, value] : changes.added) {
        request.upsertions.push_back(make_scram_credential(user, name, value));
    }
    get_or_throw(kafka::alter_scram(admin, request));
}

void alter_users_or_clients(kafka::Admin& admin, const Entities& entities,
                            const ConfigChanges& changes) {
    bool has_quotas = !those(names_of(changes.added), is_quota).empty() ||
                      !those(changes.deleted, is_quota).empty();
    if (entities.types.front() == entity::clients || entities.types.size() == 2) {
        check_client_configs(changes);
    } else {
        check_user_configs(entities, changes, has_quotas);
    }
    if (has_quotas) alter_quotas(admin, entities, changes);
    else alter_scram_credentials(admin, entities.names.front(), changes);
}

void alter_ips(kafka::Admin& admin, const Entities& entities, const ConfigChanges& changes) {
    auto is_unknown = [](const std::string& name) { return name != ip_quota_name; };
    std::vector<std::string> unknown = those(names_of(changes.added), is_unknown);
    for (auto& name : those(changes.deleted, is_unknown)) unknown.push_back(name);
    if (!unknown.empty()) {
        throw_illegal_argument("Only connection quota configs can be added for 'ips' using "
                               "--bootstrap-server. Unexpected config names: " +
                               kafka::joined(unknown, ","));
    }
    alter_quotas(admin, entities, changes);
}

}  // namespace

void alter_configs(Streams& io, kafka::Admin& admin, const Entities& entities,
                   const ConfigChanges& changes) {
    const std::string& type = entities.types.front();
    const std::string& name = entities.names.front();
    using Type = kafka::ConfigResourceType;
    if (type == entity::topics) {
        alter_resource(admin, Type::topic, name, changes);
    } else if (type == entity::client_metrics) {
        alter_resource(admin, Type::client_metrics, name, changes);
    } else if (type == entity::brokers) {
        if (!name.empty()) broker_id_or_throw(name, type);
        alter_resource(admin, Type::broker, name, changes);
    } else if (type == entity::groups) {
        alter_resource(admin, Type::group, name, changes);
    } else if (type == entity::broker_loggers) {
        alter_loggers(admin, name, changes);
    } else if (type == entity::ips) {
        alter_ips(admin, entities, changes);
    } else {
        alter_users_or_clients(admin, entities, changes);
    }
    if (name.empty()) {
        io.out.line("Completed updating default config for " + type + " in the cluster.");
    } else {
        io.out.line("Completed updating config for " + singular(type) + " " + name + ".");
    }
}

}  // namespace stoker::cli
