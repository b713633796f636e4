// The broker's configs of group coordinators and committed offsets.
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
using rules::non_empty_list;
using rules::one_of_any_case;
using rules::some_of;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"group.consumer.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0),
     "The shortest time between two assignments of the group."},
    {"group.consumer.assignors", list, "uniform,range", read_only, non_empty_list,
     "The server-side assignors in their order; the first is the default."},
    {"group.consumer.heartbeat.interval.ms", int32, "5000", read_only, at_least(1),
     "How often members of the consumer group send heartbeats."},
    {"group.consumer.max.assignment.interval.ms", int32, "15000", read_only, at_least(0)},
    {"group.consumer.max.heartbeat.interval.ms", int32, "15000", read_only, at_least(1),
     "The highest consumer.heartbeat.interval.ms that a group may set."},
    {"group.consumer.max.session.timeout.ms", int32, "60000", read_only, at_least(1),
     "The highest consumer.session.timeout.ms that a group may set."},
    {"group.consumer.max.size", int32, "2147483647", read_only, at_least(1),
     "The most members of a consumer group."},
    {"group.consumer.migration.policy", string, "bidirectional", read_only,
     one_of_any_case("DISABLED, DOWNGRADE, UPGRADE, BIDIRECTIONAL"),
     "Which way groups may move between the classic and the consumer protocol."},
    {"group.consumer.min.assignment.interval.ms", int32, "0", read_only, at_least(0)},
    {"group.consumer.min.heartbeat.interval.ms", int32, "5000", read_only, at_least(1),
     "The lowest consumer.heartbeat.interval.ms that a group may set."},
    {"group.consumer.min.session.timeout.ms", int32, "45000", read_only, at_least(1),
     "The lowest consumer.session.timeout.ms that a group may set."},
    {"group.consumer.regex.refresh.interval.ms", int32, "600000", read_only,
     at_least(10000), "", hidden},
    {"group.consumer.session.timeout.ms", int32, "45000", read_only, at_least(1),
     "How long a member may stay silent before it is taken out of the group."},
    {"group.coordinator.append.linger.ms", int32, "-1", read_only, at_least(-1)},
    {"group.coordinator.background.threads", int32, "2", read_only, at_least(1)},
    {"group.coordinator.cached.buffer.max.bytes", int32, "1048588", cluster_wide, at_least(524288)},
    {"group.coordinator.rebalance.protocols", list, "classic,consumer,streams", read_only,
     some_of("consumer, classic, share, streams"),
     "The group protocols that the broker serves."},
    {"group.coordinator.threads", int32, "4", read_only, at_least(1)},
    {"group.initial.rebalance.delay.ms", int32, "0", read_only, any,
     "How long a new classic group waits for more members before its first rebalance. Stoker's "
     "default is 0, Apache Kafka's 3000."},
    {"group.max.session.timeout.ms", int32, "1800000", read_only, any,
     "The longest session time-out that a member of a classic group may ask for."},
    {"group.max.size", int32, "2147483647", read_only, at_least(1),
     "The most members of a classic group."},
    {"group.min.session.timeout.ms", int32, "6000", read_only, any,
     "The shortest session time-out that a member of a classic group may ask for."},
    {"group.share.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0)},
    {"group.share.assignors", list, "simple", read_only, non_empty_list},
    {"group.share.delivery.count.limit", int32, "5", read_only, between(2, 10)},
    {"group.share.heartbeat.interval.ms", int32, "5000", read_only, at_least(1)},
    {"group.share.initialize.retry.interval.ms", int32, "30000", read_only,
     at_least(1), "", hidden},
    {"group.share.max.assignment.interval.ms", int32, "15000", read_only, at_least(0)},
    {"group.share.max.delivery.count.limit", int32, "10", read_only, between(5, 25)},
    {"group.share.max.heartbeat.interval.ms", int32, "15000", read_only, at_least(1)},
    {"group.share.max.partition.max.record.locks", int32, "4000", read_only, between(2000, 10000)},
    {"group.share.max.record.lock.duration.ms", int32, "60000", read_only, between(30000, 3600000)},
    {"group.share.max.session.timeout.ms", int32, "60000", read_only, at_least(1)},
    {"group.share.max.share.sessions", int32, "2000", read_only, at_least(1)},
    {"group.share.max.size", int32, "200", read_only, between(1, 1000)},
    {"group.share.min.assignment.interval.ms", int32, "0", read_only, at_least(0)},
    {"group.share.min.delivery.count.limit", int32, "2", read_only, between(2, 5)},
    {"group.share.min.heartbeat.interval.ms", int32, "5000", read_only, at_least(1)},
    {"group.share.min.partition.max.record.locks", int32, "100", read_only, between(100, 2000)},
    {"group.share.min.record.lock.duration.ms", int32, "15000", read_only, between(1000, 30000)},
    {"group.share.min.session.timeout.ms", int32, "45000", read_only, at_least(1)},
    {"group.share.partition.max.record.locks", int32, "2000", read_only, between(100, 10000)},
    {"group.share.persister.class.name", string,
     "org.apache.kafka.server.share.persister.DefaultStatePersister",
     read_only, any, "", hidden},
    {"group.share.record.lock.duration.ms", int32, "30000", read_only, between(1000, 3600000)},
    {"group.share.session.timeout.ms", int32, "45000", read_only, at_least(1)},
    {"group.streams.assignment.interval.ms", int32, "1000", cluster_wide, at_least(0)},
    {"group.streams.heartbeat.interval.ms", int32, "5000", read_only, at_least(1)},
    {"group.streams.initial.rebalance.delay.ms", int32, "3000", read_only, at_least(0)},
    {"group.streams.max.assignment.interval.ms", int32, "15000", read_only, at_least(0)},
    {"group.streams.max.heartbeat.interval.ms", int32, "15000", read_only, at_least(1)},
    {"group.streams.max.session.timeout.ms", int32, "60000", read_only, at_least(1)},
    {"group.streams.max.size", int32, "2147483647", read_only, at_least(1)},
    {"group.streams.max.standby.replicas", int32, "2", read_only, at_least(0)},
    {"group.streams.min.assignment.interval.ms", int32, "0", read_only, at_least(0)},
    {"group.streams.min.heartbeat.interval.ms", int32, "5000", read_only, at_least(1)},
    {"group.streams.min.session.timeout.ms", int32, "45000", read_only, at_least(1)},
    {"group.streams.num.standby.replicas", int32, "0", read_only, at_least(0)},
    {"group.streams.session.timeout.ms", int32, "45000", read_only, at_least(1)},
    {"offset.metadata.max.bytes", int32, "4096", read_only, any,
     "The most bytes of metadata that a committed offset may carry."},
    {"offsets.commit.timeout.ms", int32, "5000", read_only, at_least(1)},
    {"offsets.load.buffer.size", int32, "5242880", read_only, at_least(1)},
    {"offsets.retention.check.interval.ms", int64, "600000", read_only, at_least(1),
     "How often the broker looks for expired offsets."},
    {"offsets.retention.minutes", int32, "10080", read_only, at_least(1),
     "How long the offsets of an empty group are kept."},
    {"offsets.topic.compression.codec", int32, "0", read_only, any,
     "The codec that __consumer_offsets is written with: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 "
     "zstd."},
    {"offsets.topic.num.partitions", int32, "50", read_only, at_least(1),
     "How many partitions __consumer_offsets is created with."},
    {"offsets.topic.replication.factor", int16, "3", read_only, at_least(1),
     "The replication factor of __consumer_offsets; a single node creates it with one replica."},
    {"offsets.topic.segment.bytes", int32, "104857600", read_only, at_least(1),
     "The segment size of __consumer_offsets."},
});

}  // namespace

std::span<const ConfigDeclaration> group_configs() { return table; }

}  // namespace stoker::broker
