#include "broker/config/topic_configs.hpp"

#include <algorithm>
#include <array>

namespace stoker::broker {
namespace {

using enum ConfigType;
using enum Mutability;
using rules::any;
using rules::any_of;
using rules::at_least;
using rules::between;
using rules::gzip_level;
using rules::hidden;
using rules::none;
using rules::one_of;
using rules::throttled_replicas;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"cleanup.policy", list, "delete", cluster_wide, any_of("compact, delete"),
     "What happens to old segments: delete drops them by age and size, compact keeps the newest "
     "record of each key; both may be given, and an empty list keeps everything."},
    {"compression.gzip.level", int32, "-1", cluster_wide, gzip_level,
     "The level for batches that the broker itself compresses with gzip."},
    {"compression.lz4.level", int32, "9", cluster_wide, between(1, 17),
     "The level for batches that the broker itself compresses with lz4."},
    {"compression.type", string, "producer", cluster_wide,
     one_of("uncompressed, zstd, lz4, snappy, gzip, producer"),
     "The codec that batches are stored with; producer keeps whatever the producer chose."},
    {"compression.zstd.level", int32, "3", cluster_wide, between(-131072, 22),
     "The level for batches that the broker itself compresses with zstd."},
    {"delete.retention.ms", int64, "86400000", cluster_wide, at_least(0),
     "How long a compacted log keeps the tombstone of a deleted key, so that a consumer that "
     "started before can still see it."},
    {"file.delete.delay.ms", int64, "60000", cluster_wide, at_least(0),
     "How long a dropped segment's files stay on disk under a .deleted name."},
    {"flush.messages", int64, "9223372036854775807", cluster_wide, at_least(1),
     "After how many records the log is synced to the disk; 1 syncs before every "
     "acknowledgement, which then survives a power loss."},
    {"flush.ms", int64, "9223372036854775807", cluster_wide, at_least(0),
     "After how much time unsynced records are synced to the disk."},
    {"follower.replication.throttled.replicas", list, "", cluster_wide, throttled_replicas,
     "Replicas whose catching up is throttled; kept for tools, since a single node does not "
     "replicate."},
    {"index.interval.bytes", int32, "4096", cluster_wide, at_least(0),
     "After how many bytes of log the offset index gets another entry."},
    {"internal.segment.bytes", int32, none, cluster_wide, any,
     "As segment.bytes but without its lower bound; for tests.", hidden},
    {"leader.replication.throttled.replicas", list, "", cluster_wide, throttled_replicas,
     "Replicas whose serving of followers is throttled; kept for tools, since a single node does"
     " not replicate."},
    {"local.retention.bytes", int64, "-2", cluster_wide, at_least(-2),
     "The size kept locally under tiered storage, which Stoker does not have."},
    {"local.retention.ms", int64, "-2", cluster_wide, at_least(-2),
     "The time kept locally under tiered storage, which Stoker does not have."},
    {"max.compaction.lag.ms", int64, "9223372036854775807", cluster_wide, at_least(1),
     "The longest time that a record may stay uncompacted."},
    {"max.message.bytes", int32, "1048588", cluster_wide, at_least(0),
     "The largest record batch, as stored, that the topic takes."},
    {"message.timestamp.after.max.ms", int64, "3600000", cluster_wide, at_least(0),
     "How far a record's timestamp may lie in the broker's future."},
    {"message.timestamp.before.max.ms", int64, "9223372036854775807", cluster_wide, at_least(0),
     "How far a record's timestamp may lie in the broker's past."},
    {"message.timestamp.type", string, "CreateTime", cluster_wide,
     one_of("CreateTime, LogAppendTime"),
     "Whether records carry the time that the producer wrote (CreateTime) or the broker's "
     "(LogAppendTime)."},
    {"min.cleanable.dirty.ratio", real, "0.5", cluster_wide, between(0, 1),
     "The share of uncompacted bytes from which on compaction is worth its work."},
    {"min.compaction.lag.ms", int64, "0", cluster_wide, at_least(0),
     "How long a record is safe from compaction."},
    {"min.insync.replicas", int32, "1", cluster_wide, at_least(1),
     "How many replicas must have a record before acks=all is answered; a single node has one."},
    {"preallocate", boolean, "false", cluster_wide, any,
     "Whether the file of a new segment is given its full size at once."},
    {"remote.log.copy.disable", boolean, "false", cluster_wide, any,
     "Stops copying to tiered storage, which Stoker does not have."},
    {"remote.log.delete.on.disable", boolean, "false", cluster_wide, any,
     "Deletes tiered data when tiered storage is switched off; Stoker has none."},
    {"remote.storage.enable", boolean, "false", cluster_wide, any,
     "Switches tiered storage on for the topic; Stoker refuses true."},
    {"retention.bytes", int64, "-1", cluster_wide, any,
     "The size of a partition beyond which its oldest segments are deleted; -1 is no limit."},
    {"retention.ms", int64, "604800000", cluster_wide, at_least(-1),
     "The age beyond which segments are deleted; -1 is no limit."},
    {"segment.bytes", int32, "1073741824", cluster_wide, at_least(1048576),
     "The size at which a segment is closed and the next one begun."},
    {"segment.index.bytes", int32, "10485760", cluster_wide, at_least(4),
     "The largest size of a segment's offset index; a full index closes the segment."},
    {"segment.jitter.ms", int64, "0", cluster_wide, at_least(0),
     "The largest random time taken off segment.ms, so that partitions do not all roll at once."},
    {"segment.ms", int64, "604800000", cluster_wide, at_least(1),
     "The age at which a segment is closed even if it is not full."},
    {"unclean.leader.election.enable", boolean, "false", cluster_wide, any,
     "Whether a replica that lags may become leader; without replicas this has no effect."},
});

constexpr int64_t minute_ms = 60'000;
constexpr int64_t hour_ms = 60 * minute_ms;

// By topic config, so that one topic config's synonyms are one range; in it, in their precedence.
constexpr auto synonyms = std::to_array<TopicSynonym>({
    {"cleanup.policy", "log.cleanup.policy"},
    {"compression.gzip.level", "compression.gzip.level"},
    {"compression.lz4.level", "compression.lz4.level"},
    {"compression.type", "compression.type"},
    {"compression.zstd.level", "compression.zstd.level"},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms"},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms"},
    {"flush.messages", "log.flush.interval.messages"},
    {"flush.ms", "log.flush.interval.ms"},
    {"flush.ms", "log.flush.scheduler.interval.ms"},
    {"index.interval.bytes", "log.index.interval.bytes"},
    {"local.retention.bytes", "log.local.retention.bytes"},
    {"local.retention.ms", "log.local.retention.ms"},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"max.message.bytes", "message.max.bytes"},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"},
    {"message.timestamp.type", "log.message.timestamp.type"},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"},
    {"min.insync.replicas", "min.insync.replicas"},
    {"preallocate", "log.preallocate"},
    {"retention.bytes", "log.retention.bytes"},
    {"retention.ms", "log.retention.ms"},
    {"retention.ms", "log.retention.minutes", minute_ms},
    {"retention.ms", "log.retention.hours", hour_ms},
    {"segment.bytes", "log.segment.bytes"},
    {"segment.index.bytes", "log.index.size.max.bytes"},
    {"segment.jitter.ms", "log.roll.jitter.ms"},
    {"segment.jitter.ms", "log.roll.jitter.hours", hour_ms},
    {"segment.ms", "log.roll.ms"},
    {"segment.ms", "log.roll.hours", hour_ms},
    {"unclean.leader.election.enable", "unclean.leader.election.enable"},
});

}  // namespace

const ConfigTable& topic_configs() {
    static const ConfigTable configs({table});
    return configs;
}

std::span<const TopicSynonym> topic_synonyms(std::string_view topic_config) {
    return std::ranges::equal_range(synonyms, topic_config, {}, &TopicSynonym::topic_config);
}

}  // namespace stoker::broker
