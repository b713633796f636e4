// What a server.properties and --override may say: every name that Apache Kafka knows, and only
// such. A name that nobody knows is an error that names the nearest known one; a setting that
// Stoker cannot honour, and that would be dangerous to pass over, is refused with the reason.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config_entry.hpp"

namespace stoker::broker {

struct CheckedProperties {
    std::vector<std::string> warnings;  // sentences: settings without effect
};

/// The error is a sentence.
std::expected<CheckedProperties, std::string> check_server_properties(const ConfigMap& properties);

/// Why Stoker does not take this value of a broker config, at start or later; nothing when it does.
/// The default is always taken.
std::optional<std::string> why_refused(std::string_view name, std::string_view value);

/// Why Stoker does not change this broker config while it runs although Apache Kafka does.
std::optional<std::string> why_not_dynamic(std::string_view name);

}  // namespace stoker::broker
