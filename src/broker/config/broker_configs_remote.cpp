// The broker's configs of tiered storage, which Stoker does not have: known, and described.
#include <array>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::at_least;
using rules::between;
using rules::hidden;
using rules::non_empty;
using rules::none;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"follower.fetch.last.tiered.offset.enable", boolean, "false", cluster_wide},
    {"remote.fetch.max.wait.ms", int32, "500", cluster_wide, at_least(1)},
    {"remote.list.offsets.request.timeout.ms", int64, "30000", cluster_wide, at_least(1)},
    {"remote.log.index.file.cache.total.size.bytes", int64, "1073741824", cluster_wide,
     at_least(1)},
    {"remote.log.index.file.cache.ttl.ms", int64, "900000", read_only, at_least(-1), "", hidden},
    {"remote.log.manager.copier.thread.pool.size", int32, "10", cluster_wide, at_least(1)},
    {"remote.log.manager.copy.max.bytes.per.second", int64, "9223372036854775807", cluster_wide,
     at_least(1)},
    {"remote.log.manager.copy.quota.window.num", int32, "11", read_only, at_least(1)},
    {"remote.log.manager.copy.quota.window.size.seconds", int32, "1", read_only, at_least(1)},
    {"remote.log.manager.expiration.thread.pool.size", int32, "10", cluster_wide, at_least(1)},
    {"remote.log.manager.fetch.max.bytes.per.second", int64, "9223372036854775807", cluster_wide,
     at_least(1)},
    {"remote.log.manager.fetch.quota.window.num", int32, "11", read_only, at_least(1)},
    {"remote.log.manager.fetch.quota.window.size.seconds", int32, "1", read_only, at_least(1)},
    {"remote.log.manager.follower.thread.pool.size", int32, "2", cluster_wide, at_least(1)},
    {"remote.log.manager.task.interval.ms", int64, "30000", read_only, at_least(1)},
    {"remote.log.manager.task.retry.backoff.max.ms", int64, "30000", read_only,
     at_least(1), "", hidden},
    {"remote.log.manager.task.retry.backoff.ms", int64, "500", read_only, at_least(1), "", hidden},
    {"remote.log.manager.task.retry.jitter", real, "0.2", read_only, between(0, 0.5), "", hidden},
    {"remote.log.manager.thread.pool.size", int32, "2", read_only, at_least(1)},
    {"remote.log.metadata.custom.metadata.max.bytes", int32, "128", read_only, at_least(0)},
    {"remote.log.metadata.manager.class.name", string,
     "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
     read_only, non_empty},
    {"remote.log.metadata.manager.class.path", string, none, read_only},
    {"remote.log.metadata.manager.impl.prefix", string, "rlmm.config.", read_only, non_empty},
    {"remote.log.metadata.manager.listener.name", string, none, read_only, non_empty},
    {"remote.log.reader.max.pending.tasks", int32, "100", read_only, at_least(1)},
    {"remote.log.reader.threads", int32, "10", cluster_wide, at_least(1)},
    {"remote.log.storage.manager.class.name", string, none, read_only, non_empty},
    {"remote.log.storage.manager.class.path", string, none, read_only},
    {"remote.log.storage.manager.impl.prefix", string, "rsm.config.", read_only, non_empty},
    {"remote.log.storage.system.enable", boolean, "false", read_only},
});

}  // namespace

std::span<const ConfigDeclaration> remote_configs() { return table; }

}  // namespace stoker::broker
