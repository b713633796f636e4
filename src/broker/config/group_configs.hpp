// All group and client-metrics configs of Apache Kafka 4.3. A group config takes its default from
// the broker config "group." + its name, where there is one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/config/config_table.hpp"

namespace stoker::broker {

const ConfigTable& group_resource_configs();
const ConfigTable& client_metrics_configs();

/// Nothing for share.auto.offset.reset and its like, which the broker has no default for.
std::optional<std::string> group_synonym(std::string_view group_config);

}  // namespace stoker::broker
