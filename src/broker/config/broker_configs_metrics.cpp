// The broker's configs of metrics, telemetry and the windows of quotas.
#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::at_least;
using rules::between;
using rules::hidden;
using rules::none;
using rules::plain_list;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"alter.log.dirs.replication.quota.window.num", int32, "11", read_only, at_least(1)},
    {"alter.log.dirs.replication.quota.window.size.seconds", int32, "1", read_only, at_least(1)},
    {"client.quota.callback.class", class_name, none, read_only},
    {"controller.quota.window.num", int32, "11", read_only, at_least(1),
     "How many windows the quota of creating and deleting partitions is measured in."},
    {"controller.quota.window.size.seconds", int32, "1", read_only, at_least(1),
     "The length of such a window."},
    {"kafka.metrics.polling.interval.secs", int32, "10", read_only, at_least(1)},
    {"kafka.metrics.reporters", list, "", read_only, plain_list},
    {"metric.reporters", list, "org.apache.kafka.common.metrics.JmxReporter", cluster_wide,
     plain_list},
    {"metrics.host", string, "127.0.0.1", read_only, any,
     "The address on which `metrics.port` is served. Whoever can reach it may read the figures: "
     "beyond the loopback it needs `--insecure`.",
     hidden},
    {"metrics.num.samples", int32, "2", read_only, at_least(1)},
    {"metrics.port", int32, none, read_only, between(0, 65535),
     "Serves Prometheus the broker's figures at http://HOST:PORT/metrics; 0: any free port. "
     "Not set: nothing is served, and requests are not measured.",
     hidden},
    {"metrics.recording.level", string, "INFO", read_only},
    {"metrics.sample.window.ms", int64, "30000", read_only, at_least(1)},
    {"quota.window.num", int32, "11", read_only, at_least(1),
     "How many windows the quotas of clients are measured in."},
    {"quota.window.size.seconds", int32, "1", read_only, at_least(1),
     "The length of such a window."},
    {"replication.quota.window.num", int32, "11", read_only, at_least(1)},
    {"replication.quota.window.size.seconds", int32, "1", read_only, at_least(1)},
    {"telemetry.max.bytes", int32, "1048576", read_only, at_least(1)},
    // What kafka-reassign-partitions sets while it moves replicas; dynamic only.
    {"follower.replication.throttled.rate", int64, none, cluster_wide, at_least(0), "", hidden},
    {"leader.replication.throttled.rate", int64, none, cluster_wide, at_least(0), "", hidden},
    {"replica.alter.log.dirs.io.max.bytes.per.second", int64, none, cluster_wide, at_least(0), "",
     hidden},
});

}  // namespace

std::span<const ConfigDeclaration> metrics_configs() { return table; }

}  // namespace stoker::broker
