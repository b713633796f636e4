// What DescribeConfigs tells of one config, and what IncrementalAlterConfigs asks of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error_code.hpp"
#include "broker/config/declaration.hpp"

namespace stoker::broker {

/// Values by config name, as they were set: in a file, or by a client.
using ConfigMap = std::map<std::string, std::string>;

/// DescribeConfigs' numbers (config_source).
enum class ConfigSource : int8_t {
    unknown = 0,
    topic = 1,
    dynamic_broker = 2,
    dynamic_default_broker = 3,
    static_broker = 4,
    default_config = 5,
    dynamic_broker_logger = 6,
    client_metrics = 7,
    group = 8,
};

/// A place where a value was found. The first of a config's synonyms is the one that counts.
struct ConfigSynonym {
    std::string name;
    std::optional<std::string> value;
    ConfigSource source = ConfigSource::unknown;
    bool operator==(const ConfigSynonym&) const = default;
};

struct ConfigEntry {
    std::string name;
    std::optional<std::string> value;  // none: Kafka's null, or a secret
    ConfigSource source = ConfigSource::default_config;
    bool read_only = false;
    bool sensitive = false;
    ConfigType type = ConfigType::unknown;
    std::vector<ConfigSynonym> synonyms;
    std::string_view documentation;

    bool is_default() const { return source == ConfigSource::default_config; }
};

/// IncrementalAlterConfigs' numbers (config_operation).
enum class AlterOperation : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigAlteration {
    std::string name;
    AlterOperation operation = AlterOperation::set;
    std::optional<std::string> value;
};

/// What an alteration comes to: the new value by name, nothing for a config that is taken back.
/// Configs that keep their value are not in it.
using ConfigChanges = std::map<std::string, std::optional<std::string>>;

/// An error with Kafka's sentence for the client.
struct ConfigRefusal {
    ErrorCode code = ErrorCode::invalid_config;
    std::string message;
    bool operator==(const ConfigRefusal&) const = default;
};

/// `values` after the changes.
ConfigMap with_changes(ConfigMap values, const ConfigChanges& changes);

/// AlterConfigs (33) as alterations: what is wanted is set, what else was set is taken back.
std::vector<ConfigAlteration> replacing(const ConfigMap& current, const ConfigMap& wanted);

}  // namespace stoker::broker
