// Rules that concern several configs, or a value that its own declaration permits. The errors are
// Kafka's own messages.
#pragma once

#include <expected>
#include <string>

#include "broker/config/config_store.hpp"

namespace stoker::broker {

/// Broker configs as they were set; what is not among them counts with its default.
std::expected<void, std::string> check_together(const ConfigMap& set_on_broker);

/// The values that would count for a topic.
std::expected<void, std::string> check_topic_together(const ConfigMap& set_on_topic);

/// The values that would count for a group, against the bounds that the broker sets.
std::expected<void, std::string> check_group_together(const ConfigStore& store,
                                                      const ConfigMap& set_on_group);

/// The values of a client-metrics subscription.
std::expected<void, ConfigRefusal> check_client_metrics(const ConfigMap& set_on_subscription);

/// Changing the size of a pool of threads: at most to the double, at least to the half.
std::expected<void, std::string> check_thread_count(const ConfigStore& store,
                                                    const std::string& name,
                                                    const std::string& value);

}  // namespace stoker::broker
