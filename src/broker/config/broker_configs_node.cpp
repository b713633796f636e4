// The broker's configs of the node itself: ids, roles, the quorum, replication.
#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::at_least;
using rules::hidden;
using rules::host_ports;
using rules::none;
using rules::plain_list;
using rules::quorum_voters;
using rules::some_of;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"alter.config.policy.class.name", class_name, none, read_only},
    {"auto.leader.rebalance.enable", boolean, "true", read_only},
    {"broker.heartbeat.interval.ms", int32, "2000", read_only},
    {"broker.id", int32, "-1", read_only, any,
     "The older name of node.id."},
    {"broker.rack", string, none, read_only, any,
     "The rack that is told to clients."},
    {"broker.session.timeout.ms", int32, "9000", read_only},
    {"config.providers", list, "", cluster_wide, plain_list},
    {"controlled.shutdown.enable", boolean, "true", read_only},
    {"controller.performance.always.log.threshold.ms", int64, "2000", read_only,
     at_least(0), "", hidden},
    {"controller.performance.sample.period.ms", int64, "60000", read_only,
     at_least(100), "", hidden},
    {"controller.quorum.append.linger.ms", int32, "25", read_only, at_least(0)},
    {"controller.quorum.auto.join.enable", boolean, "false", read_only},
    {"controller.quorum.bootstrap.servers", list, "", read_only, host_ports},
    {"controller.quorum.election.backoff.max.ms", int32, "1000", read_only, at_least(0)},
    {"controller.quorum.election.timeout.ms", int32, "1000", read_only, at_least(0)},
    {"controller.quorum.fetch.max.bytes", int32, "1048576", read_only, at_least(1)},
    {"controller.quorum.fetch.snapshot.max.bytes", int32, "1048576", read_only, at_least(1)},
    {"controller.quorum.fetch.timeout.ms", int32, "2000", read_only, at_least(0)},
    {"controller.quorum.request.timeout.ms", int32, "2000", read_only, at_least(0)},
    {"controller.quorum.retry.backoff.ms", int32, "20", read_only, at_least(0)},
    {"controller.quorum.voters", list, "", read_only, quorum_voters},
    {"controller.socket.timeout.ms", int32, "30000", read_only},
    {"create.topic.policy.class.name", class_name, none, read_only},
    {"initial.broker.registration.timeout.ms", int32, "60000", read_only},
    {"internal.metadata.delete.delay.millis", int64, "60000", read_only, any, "", hidden},
    {"internal.metadata.log.segment.bytes", int32, none, read_only, any, "", hidden},
    {"internal.metadata.max.batch.size.in.bytes", int32, "8388608", read_only, any, "", hidden},
    {"leader.imbalance.check.interval.seconds", int64, "300", read_only, at_least(1)},
    {"metadata.log.dir", string, none, read_only},
    {"metadata.log.max.record.bytes.between.snapshots", int64, "20971520", read_only, at_least(1)},
    {"metadata.log.max.snapshot.interval.ms", int64, "3600000", read_only, at_least(0)},
    {"metadata.log.segment.bytes", int32, "1073741824", read_only, at_least(8388608)},
    {"metadata.log.segment.ms", int64, "604800000", read_only},
    {"metadata.max.idle.interval.ms", int32, "500", read_only, at_least(0)},
    {"metadata.max.retention.bytes", int64, "104857600", read_only},
    {"metadata.max.retention.ms", int64, "604800000", read_only},
    {"node.id", int32, none, read_only, at_least(0),
     "This node's id, which must differ from other nodes'; Stoker's default is 1."},
    {"num.replica.alter.log.dirs.threads", int32, none, read_only},
    {"num.replica.fetchers", int32, "1", cluster_wide, at_least(1)},
    {"process.roles", list, none, read_only, some_of("broker, controller"),
     "The roles of this process; Stoker is always broker and controller at once."},
    {"replica.fetch.backoff.ms", int32, "1000", read_only, at_least(0)},
    {"replica.fetch.max.bytes", int32, "1048576", read_only, at_least(0)},
    {"replica.fetch.min.bytes", int32, "1", read_only},
    {"replica.fetch.response.max.bytes", int32, "10485760", read_only, at_least(0)},
    {"replica.fetch.wait.max.ms", int32, "500", read_only},
    {"replica.high.watermark.checkpoint.interval.ms", int64, "5000", read_only},
    {"replica.lag.time.max.ms", int64, "30000", read_only},
    {"replica.selector.class", string, none, read_only},
    {"replica.socket.receive.buffer.bytes", int32, "65536", read_only},
    {"replica.socket.timeout.ms", int32, "30000", read_only},
    {"server.max.startup.time.ms", int64, "9223372036854775807", read_only,
     at_least(0), "", hidden},
    {"unstable.api.versions.enable", boolean, "false", read_only, any, "", hidden},
    {"unstable.feature.versions.enable", boolean, "false", read_only, any, "", hidden},
});

}  // namespace

std::span<const ConfigDeclaration> node_configs() { return table; }

}  // namespace stoker::broker
