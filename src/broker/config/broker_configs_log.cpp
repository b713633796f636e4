// The broker's configs of logs and topics: many of them are the defaults of topic configs.
#include <array>

#include "broker/config/broker_configs.hpp"

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
using rules::non_empty_list;
using rules::none;
using rules::one_of;
using rules::plain_list;

constexpr auto table = std::to_array<ConfigDeclaration>({
    {"auto.create.topics.enable", boolean, "true", read_only, any,
     "Whether asking for an unknown topic creates it."},
    {"compression.gzip.level", int32, "-1", cluster_wide, gzip_level,
     "The level for batches that the broker itself compresses with gzip."},
    {"compression.lz4.level", int32, "9", cluster_wide, between(1, 17),
     "The level for batches that the broker itself compresses with lz4."},
    {"compression.type", string, "producer", cluster_wide,
     one_of("uncompressed, zstd, lz4, snappy, gzip, producer"),
     "The codec that batches are stored with; producer keeps whatever the producer chose."},
    {"compression.zstd.level", int32, "3", cluster_wide, between(-131072, 22),
     "The level for batches that the broker itself compresses with zstd."},
    {"cordoned.log.dirs", list, "", per_broker, plain_list},
    {"default.replication.factor", int32, "1", read_only, any,
     "How many replicas a topic gets that is created without a number."},
    {"delete.topic.enable", boolean, "true", read_only, any,
     "Whether topics may be deleted."},
    {"log.cleaner.backoff.ms", int64, "15000", cluster_wide, at_least(0),
     "How long the cleaner rests when nothing is worth compacting."},
    {"log.cleaner.dedupe.buffer.size", int64, "134217728", cluster_wide, any,
     "The memory for the offset maps of all cleaner threads."},
    {"log.cleaner.delete.retention.ms", int64, "86400000", cluster_wide, at_least(0),
     "How long a compacted log keeps the tombstone of a deleted key, so that a consumer that "
     "started before can still see it."},
    {"log.cleaner.enable", boolean, "true", read_only, any,
     "Whether logs with the compact policy are compacted."},
    {"log.cleaner.io.buffer.load.factor", real, "0.9", cluster_wide, any,
     "How full an offset map may become before the cleaner works with what it has."},
    {"log.cleaner.io.buffer.size", int32, "524288", cluster_wide, at_least(0),
     "The memory for the reads and writes of all cleaner threads; a larger batch takes more."},
    {"log.cleaner.io.max.bytes.per.second", real, "1.7976931348623157E308", cluster_wide, any,
     "The most bytes a second that the cleaner reads and writes."},
    {"log.cleaner.max.compaction.lag.ms", int64, "9223372036854775807", cluster_wide, at_least(1),
     "The longest time that a record may stay uncompacted."},
    {"log.cleaner.min.cleanable.ratio", real, "0.5", cluster_wide, between(0, 1),
     "The share of uncompacted bytes from which on compaction is worth its work."},
    {"log.cleaner.min.compaction.lag.ms", int64, "0", cluster_wide, at_least(0),
     "How long a record is safe from compaction."},
    {"log.cleaner.threads", int32, "1", cluster_wide, at_least(0),
     "How many threads compact logs."},
    {"log.cleanup.policy", list, "delete", cluster_wide, any_of("compact, delete"),
     "What happens to old segments: delete drops them by age and size, compact keeps the newest "
     "record of each key; both may be given, and an empty list keeps everything."},
    {"log.dir", list, "/tmp/kafka-logs", read_only, non_empty_list,
     "The folder that holds the partitions where log.dirs is not set."},
    {"log.dir.failure.timeout.ms", int64, "30000", read_only, at_least(1)},
    {"log.dirs", list, none, read_only, non_empty_list,
     "The folders that hold the partitions, separated by commas; unset, log.dir counts."},
    {"log.flush.interval.messages", int64, "9223372036854775807", cluster_wide, at_least(1),
     "After how many records the log is synced to the disk; 1 syncs before every "
     "acknowledgement, which then survives a power loss."},
    {"log.flush.interval.ms", int64, none, cluster_wide, any,
     "After how much time unsynced records are synced to the disk. Unset, "
     "log.flush.scheduler.interval.ms counts."},
    {"log.flush.offset.checkpoint.interval.ms", int32, "60000", read_only, at_least(0),
     "How often the recovery points are written to disk."},
    {"log.flush.scheduler.interval.ms", int64, "9223372036854775807", read_only, any,
     "How often the broker looks for logs to sync."},
    {"log.flush.start.offset.checkpoint.interval.ms", int32, "60000", read_only, at_least(0),
     "How often the log start offsets are written to disk."},
    {"log.index.interval.bytes", int32, "4096", cluster_wide, at_least(0),
     "After how many bytes of log the offset index gets another entry."},
    {"log.index.size.max.bytes", int32, "10485760", cluster_wide, at_least(4),
     "The largest size of a segment's offset index; a full index closes the segment."},
    {"log.initial.task.delay.ms", int64, "30000", read_only, at_least(0), "", hidden},
    {"log.local.retention.bytes", int64, "-2", cluster_wide, at_least(-2)},
    {"log.local.retention.ms", int64, "-2", cluster_wide, at_least(-2)},
    {"log.message.timestamp.after.max.ms", int64, "3600000", cluster_wide, at_least(0),
     "How far a record's timestamp may lie in the broker's future."},
    {"log.message.timestamp.before.max.ms", int64, "9223372036854775807", cluster_wide, at_least(0),
     "How far a record's timestamp may lie in the broker's past."},
    {"log.message.timestamp.type", string, "CreateTime", cluster_wide,
     one_of("CreateTime, LogAppendTime"),
     "Whether records carry the time that the producer wrote (CreateTime) or the broker's "
     "(LogAppendTime)."},
    {"log.preallocate", boolean, "false", cluster_wide, any,
     "Whether the file of a new segment is given its full size at once."},
    {"log.retention.bytes", int64, "-1", cluster_wide, any,
     "The size of a partition beyond which its oldest segments are deleted; -1 is no limit."},
    {"log.retention.check.interval.ms", int64, "300000", read_only, at_least(1),
     "How often the broker looks for segments to delete."},
    {"log.retention.hours", int32, "168", read_only, any,
     "As log.retention.ms, in hours."},
    {"log.retention.minutes", int32, none, read_only, any,
     "As log.retention.ms, in minutes; unset, log.retention.hours counts."},
    {"log.retention.ms", int64, none, cluster_wide, any,
     "The age beyond which segments are deleted; -1 is no limit. Unset, log.retention.minutes "
     "counts."},
    {"log.roll.hours", int32, "168", read_only, at_least(1),
     "As log.roll.ms, in hours."},
    {"log.roll.jitter.hours", int32, "0", read_only, at_least(0),
     "As log.roll.jitter.ms, in hours."},
    {"log.roll.jitter.ms", int64, none, cluster_wide, any,
     "The largest random time taken off segment.ms, so that partitions do not all roll at once. "
     "Unset, log.roll.jitter.hours counts."},
    {"log.roll.ms", int64, none, cluster_wide, any,
     "The age at which a segment is closed even if it is not full. Unset, log.roll.hours counts."},
    {"log.segment.bytes", int32, "1073741824", cluster_wide, at_least(1048576),
     "The size at which a segment is closed and the next one begun."},
    {"log.segment.delete.delay.ms", int64, "60000", cluster_wide, at_least(0),
     "How long a dropped segment's files stay on disk under a .deleted name."},
    {"message.max.bytes", int32, "1048588", cluster_wide, at_least(0),
     "The largest record batch, as stored, that a topic takes."},
    {"min.insync.replicas", int32, "1", cluster_wide, at_least(1),
     "How many replicas must have a record before acks=all is answered; a single node has one."},
    {"num.partitions", int32, "1", read_only, at_least(1),
     "How many partitions a topic gets that is created without a number."},
    {"num.recovery.threads.per.data.dir", int32, "2", cluster_wide, at_least(1),
     "How many threads recover the logs of one folder at start."},
    {"unclean.leader.election.enable", boolean, "false", cluster_wide, any,
     "Whether a replica that lags may become leader; without replicas this has no effect."},
    {"unclean.leader.election.interval.ms", int64, "300000", read_only, at_least(1), "", hidden},
});

}  // namespace

std::span<const ConfigDeclaration> log_configs() { return table; }

}  // namespace stoker::broker
