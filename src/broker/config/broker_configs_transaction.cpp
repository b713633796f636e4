// The broker's configs of transactions, producer ids and the share coordinator.
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

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"add.partitions.to.txn.retry.backoff.max.ms", int32, "100", read_only, at_least(0),
     "How long a batch waits for the end of its producer's last transaction."},
    {"add.partitions.to.txn.retry.backoff.ms", int32, "20", read_only, at_least(1),
     "How often it is looked whether that has ended."},
    {"producer.id.expiration.check.interval.ms", int32, "600000", read_only,
     at_least(1), "", hidden},
    {"producer.id.expiration.ms", int32, "86400000", cluster_wide, at_least(1),
     "After how long without a batch a partition forgets an idempotent producer."},
    {"share.coordinator.append.linger.ms", int32, "-1", read_only, at_least(-1)},
    {"share.coordinator.cached.buffer.max.bytes", int32, "1048588", cluster_wide, at_least(524288)},
    {"share.coordinator.cold.partition.snapshot.interval.ms", int32, "300000", read_only,
     at_least(1), "", hidden},
    {"share.coordinator.load.buffer.size", int32, "5242880", read_only, at_least(1)},
    {"share.coordinator.snapshot.update.records.per.snapshot", int32, "500", read_only,
     between(0, 500)},
    {"share.coordinator.state.topic.compression.codec", int32, "0", read_only},
    {"share.coordinator.state.topic.min.isr", int16, "2", read_only, at_least(1)},
    {"share.coordinator.state.topic.num.partitions", int32, "50", read_only, at_least(1)},
    {"share.coordinator.state.topic.prune.interval.ms", int32, "300000", read_only,
     at_least(1), "", hidden},
    {"share.coordinator.state.topic.replication.factor", int16, "3", read_only, at_least(1)},
    {"share.coordinator.state.topic.segment.bytes", int32, "104857600", read_only, at_least(1)},
    {"share.coordinator.threads", int32, "1", read_only, at_least(1)},
    {"share.coordinator.write.timeout.ms", int32, "5000", read_only, at_least(1)},
    {"share.fetch.purgatory.purge.interval.requests", int32, "1000", read_only},
    {"transaction.abort.timed.out.transaction.cleanup.interval.ms", int32, "10000", read_only,
     at_least(1), "How often transactions that are open for too long are looked for."},
    {"transaction.max.timeout.ms", int32, "900000", read_only, at_least(1),
     "The longest transaction time-out that a producer may ask for."},
    {"transaction.partition.verification.enable", boolean, "true", cluster_wide, any,
     "Whether a transactional batch is taken only for a partition that its transaction names."},
    {"transaction.remove.expired.transaction.cleanup.interval.ms", int32, "3600000", read_only,
     at_least(1), "How often transactional ids that nobody uses any more are looked for."},
    {"transaction.state.log.load.buffer.size", int32, "5242880", read_only, at_least(1)},
    {"transaction.state.log.min.isr", int32, "2", read_only, at_least(1),
     "The min.insync.replicas that __transaction_state is created with."},
    {"transaction.state.log.num.partitions", int32, "50", read_only, at_least(1),
     "How many partitions __transaction_state is created with."},
    {"transaction.state.log.replication.factor", int16, "3", read_only, at_least(1)},
    {"transaction.state.log.segment.bytes", int32, "104857600", read_only, at_least(1),
     "The segment size of __transaction_state."},
    {"transaction.two.phase.commit.enable", boolean, "false", read_only},
    {"transactional.id.expiration.ms", int32, "604800000", read_only, at_least(1),
     "After how long without use a transactional id is forgotten."},
});

}  // namespace

std::span<const ConfigDeclaration> transaction_configs() { return table; }

}  // namespace stoker::broker
