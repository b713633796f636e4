// The levels of the program's loggers (storage/loggers.hpp) as config resources of type
// BROKER_LOGGER: with log4j's names, as kafka-configs --entity-type broker-loggers shows them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "broker/config/config_entry.hpp"

namespace stoker::broker {

std::vector<ConfigEntry> describe_loggers(const std::vector<std::string>& names);

/// Checks the alterations, and applies them unless only that was asked. They last until the
/// process ends.
std::expected<void, ConfigRefusal> alter_loggers(const std::vector<ConfigAlteration>& alterations,
                                                 bool validate_only);

}  // namespace stoker::broker
