#include "broker/config/group_configs.hpp"

#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::at_least;
using rules::offset_reset;
using rules::one_of;
using rules::plain_list;

constexpr auto of_groups = std::to_array<ConfigDeclaration>({
    {"consumer.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0),
     "The shortest time between two assignments of the group."},
    {"consumer.heartbeat.interval.ms", int32, "5000", cluster_wide, at_least(1),
     "How often members of the consumer group send heartbeats."},
    {"consumer.session.timeout.ms", int32, "45000", cluster_wide, at_least(1),
     "How long a member may stay silent before it is taken out of the group."},
    {"share.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0)},
    {"share.auto.offset.reset", string, "latest", cluster_wide, offset_reset},
    {"share.delivery.count.limit", int32, "5", cluster_wide, at_least(2)},
    {"share.heartbeat.interval.ms", int32, "5000", cluster_wide, at_least(1)},
    {"share.isolation.level", string, "read_uncommitted", cluster_wide,
     one_of("read_committed, read_uncommitted")},
    {"share.partition.max.record.locks", int32, "2000", cluster_wide, at_least(100)},
    {"share.record.lock.duration.ms", int32, "30000", cluster_wide, at_least(1000)},
    {"share.renew.acknowledge.enable", boolean, "true", cluster_wide},
    {"share.session.timeout.ms", int32, "45000", cluster_wide, at_least(1)},
    {"streams.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0)},
    {"streams.heartbeat.interval.ms", int32, "5000", cluster_wide, at_least(1)},
    {"streams.initial.rebalance.delay.ms", int32, "3000", cluster_wide, at_least(0)},
    {"streams.num.standby.replicas", int32, "0", cluster_wide, at_least(0)},
    {"streams.session.timeout.ms", int32, "45000", cluster_wide, at_least(1)},
});

constexpr auto of_client_metrics = std::to_array<ConfigDeclaration>({
    {"interval.ms", int32, "300000", cluster_wide, any,
     "How often clients push their metrics."},
    {"match", list, "", cluster_wide, plain_list,
     "Which clients a subscription is for: selectors of the form name=regular expression."},
    {"metrics", list, "", cluster_wide, plain_list,
     "Prefixes of the names of the metrics that clients push."},
});

}  // namespace

const ConfigTable& group_resource_configs() {
    static const ConfigTable configs({of_groups});
    return configs;
}

const ConfigTable& client_metrics_configs() {
    static const ConfigTable configs({of_client_metrics});
    return configs;
}

std::optional<std::string> group_synonym(std::string_view group_config) {
    std::string name = "group." + std::string(group_config);
    if (broker_configs().find(name) == nullptr) return std::nullopt;
    return name;
}

}  // namespace stoker::broker
