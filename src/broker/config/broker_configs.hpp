// All broker configs of Apache Kafka 4.3, by subject. Defaults are Kafka's but for those of a
// one-node broker on a developer's machine, where the row's documentation says so: node.id,
// process.roles, listeners, group.initial.rebalance.delay.ms; and those that ConfigStore knows only
// at start: num.network.threads, log.dirs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config_table.hpp"
#include "broker/config/declaration.hpp"

namespace stoker::broker {

std::span<const ConfigDeclaration> group_configs();
std::span<const ConfigDeclaration> log_configs();
std::span<const ConfigDeclaration> metrics_configs();
std::span<const ConfigDeclaration> network_configs();
std::span<const ConfigDeclaration> node_configs();
std::span<const ConfigDeclaration> remote_configs();
std::span<const ConfigDeclaration> security_configs();
std::span<const ConfigDeclaration> transaction_configs();

/// All of the above.
const ConfigTable& broker_configs();

/// "listener.name.NAME.BASE" overrides BASE for one listener; BASE is returned when it is known.
/// BASE may itself begin with a SASL mechanism, as in "plain.sasl.jaas.config".
const ConfigDeclaration* listener_config(std::string_view name);

/// A config's own name and the names that stand in for it, in their order: log.retention.ms,
/// log.retention.minutes, log.retention.hours. For a listener's override: itself, then its base.
std::vector<std::string> broker_synonyms(std::string_view name);

/// TLS and SASL settings that change while the broker runs only for one listener.
bool per_listener_only(std::string_view name);

}  // namespace stoker::broker
