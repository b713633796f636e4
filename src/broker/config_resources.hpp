// The resources that have configs (topics, brokers, groups, client metrics, loggers), as the three
// APIs that describe and alter them see them.
#pragma once

#include <string>
#include <vector>

#include "broker/config/config_entry.hpp"
#include "broker/metadata/cluster_metadata.hpp"

namespace stoker::broker {

class Broker;

struct ConfigResource {
    ResourceType type = ResourceType::unknown;
    std::string name;

    bool operator==(const ConfigResource&) const = default;
};

/// Messages are Kafka's. Cheap to make: it only refers to the broker.
class ConfigResources {
public:
    explicit ConfigResources(Broker& broker) : broker_(broker) {}

    /// All configs when `names` is empty.
    Outcome<std::vector<ConfigEntry>> describe(const ConfigResource& resource,
                                               const std::vector<std::string>& names) const;
    /// Checks the alterations; unless `validate_only` they take effect and are kept in the
    /// metadata log. All of them or none.
    Outcome<void> alter(const ConfigResource& resource,
                        const std::vector<ConfigAlteration>& alterations, bool validate_only);
    /// AlterConfigs (33): what is not in `wanted` is taken back.
    Outcome<void> replace(const ConfigResource& resource, const ConfigMap& wanted,
                          bool validate_only);

private:
    Outcome<ConfigChanges> changes(const ConfigResource& resource,
                                   const std::vector<ConfigAlteration>& alterations) const;
    ConfigMap current(const ConfigResource& resource) const;
    Outcome<void> check_broker_name(const std::string& name) const;

    Broker& broker_;
};

}  // namespace stoker::broker
