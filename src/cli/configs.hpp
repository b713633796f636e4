// kafka-configs in parts: the options and what they mean (configs.cpp), altering
// (configs_alter.cpp), describing (configs_describe.cpp), and the values of --add-config
// (configs_parse.cpp).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/listing.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_configs.hpp"

namespace stoker::cli {

namespace entity {
inline constexpr std::string_view topics = "topics";
inline constexpr std::string_view clients = "clients";
inline constexpr std::string_view users = "users";
inline constexpr std::string_view brokers = "brokers";
inline constexpr std::string_view ips = "ips";
inline constexpr std::string_view client_metrics = "client-metrics";
inline constexpr std::string_view groups = "groups";
inline constexpr std::string_view broker_loggers = "broker-loggers";
}  // namespace entity

/// What is described or altered. An empty name is the default entity.
struct Entities {
    std::vector<std::string> types;
    std::vector<std::string> names;
};

using ConfigValues = std::map<std::string, std::string>;

struct ConfigChanges {
    ConfigValues added;
    std::vector<std::string> deleted;
};

/// "k1=v1,k2=[v1,v2],k3=". Throws KafkaException.
ConfigValues parse_added_configs(const std::string& text);
/// Throws for a name with a character that no config has.
void check_config_names(const ConfigValues& configs);
/// Topic.validate, with Java's InvalidTopicException.
void check_topic_name(const std::string& name);

/// "topics" without its last letter.
std::string singular(const std::string& entity_type);
int32_t broker_id_or_throw(const std::string& name, const std::string& entity_type);
/// The default entity where the name is empty, any where there is none.
kafka::QuotaFilter quota_filter(const Entities& entities);

void alter_configs(Streams& io, kafka::Admin& admin, const Entities& entities,
                   const ConfigChanges& changes);
struct ConfigQuestion {
    Entities entities;
    /// Those that were not set as well.
    bool all = false;
    std::optional<OutputFormat> format{};
};
/// The status to exit with.
int describe_configs_of(Streams& io, kafka::Admin& admin, const ConfigQuestion& question);
/// The configs of one resource, sorted: those that were set, or all.
std::vector<kafka::ConfigEntry> resource_configs(kafka::Admin& admin, const std::string& type,
                                                 const std::string& name, bool with_synonyms,
                                                 bool describe_all);

}  // namespace stoker::cli
