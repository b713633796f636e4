#include "broker/topic_settings.hpp"

#include <algorithm>

namespace stoker::broker {
namespace {

storage::LogConfig log_config(const ConfigView& topic, const std::vector<std::string>& cleanup) {
    auto has = [&](std::string_view policy) {
        return std::ranges::find(cleanup, policy) != cleanup.end();
    };
    return {.segment_bytes = topic.int32("segment.bytes"),
            .segment_ms = topic.int64("segment.ms"),
            .segment_jitter_ms = topic.int64("segment.jitter.ms"),
            .segment_index_bytes = topic.int32("segment.index.bytes"),
            .index_interval_bytes = topic.int32("index.interval.bytes"),
            .cleanup_delete = has("delete"),
            .cleanup_compact = has("compact"),
            .retention_ms = topic.int64("retention.ms"),
            .retention_bytes = topic.int64("retention.bytes"),
            .file_delete_delay_ms = topic.int64("file.delete.delay.ms"),
            .min_cleanable_dirty_ratio = topic.real("min.cleanable.dirty.ratio"),
            .min_compaction_lag_ms = topic.int64("min.compaction.lag.ms"),
            .max_compaction_lag_ms = topic.int64("max.compaction.lag.ms"),
            .delete_retention_ms = topic.int64("delete.retention.ms"),
            .flush_messages = topic.int64("flush.messages"),
            .flush_ms = topic.int64("flush.ms")};
}

/// compression.type and the level of its own, or nothing for "producer".
void set_compression(TopicSettings& settings, const ConfigView& topic) {
    std::string type = topic.text("compression.type");
    if (type == "uncompressed") settings.codec = record::Codec::none;
    if (type == "snappy") settings.codec = record::Codec::snappy;
    if (type == "gzip") {
        settings.codec = record::Codec::gzip;
        settings.codec_level = topic.int32("compression.gzip.level");
    }
    if (type == "lz4") {
        settings.codec = record::Codec::lz4;
        settings.codec_level = topic.int32("compression.lz4.level");
    }
    if (type == "zstd") {
        settings.codec = record::Codec::zstd;
        settings.codec_level = topic.int32("compression.zstd.level");
    }
}

}  // namespace

TopicSettings topic_settings(const ConfigStore& configs, const ConfigMap& topic_configs) {
    ConfigView topic = configs.topic(topic_configs);
    std::vector<std::string> cleanup = topic.list("cleanup.policy");
    TopicSettings settings{
        .log = log_config(topic, cleanup),
        .max_message_bytes = topic.int32("max.message.bytes"),
        .log_append_time = topic.text("message.timestamp.type") == "LogAppendTime",
        .timestamp_before_max_ms = topic.int64("message.timestamp.before.max.ms"),
        .timestamp_after_max_ms = topic.int64("message.timestamp.after.max.ms"),
        .min_insync_replicas = topic.int32("min.insync.replicas"),
    };
    settings.compacted = settings.log.cleanup_compact;
    settings.deletable = settings.log.cleanup_delete;
    set_compression(settings, topic);
    return settings;
}

}  // namespace stoker::broker
