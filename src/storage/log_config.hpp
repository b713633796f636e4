// The settings of a topic that its logs obey, with Apache Kafka's defaults
// (org.apache.kafka.storage.internals.log.LogConfig). Names are Kafka's, with '_' for '.'.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace stoker::storage {

struct LogConfig {
    /// What "never" and "without limit" are for the flush settings.
    static constexpr int64_t never = std::numeric_limits<int64_t>::max();

    int32_t segment_bytes = 1 << 30;
    int64_t segment_ms = int64_t{7} * 24 * 3600 * 1000;
    /// At most this is taken off segment_ms, at random for each segment.
    int64_t segment_jitter_ms = 0;
    int32_t segment_index_bytes = 10 << 20;
    int32_t index_interval_bytes = 4096;
    /// cleanup.policy contains "delete": retention applies.
    bool cleanup_delete = true;
    /// cleanup.policy contains "compact".
    bool cleanup_compact = false;
    /// -1: without limit.
    int64_t retention_ms = int64_t{7} * 24 * 3600 * 1000;
    /// -1: without limit.
    int64_t retention_bytes = -1;
    int64_t file_delete_delay_ms = 60'000;
    double min_cleanable_dirty_ratio = 0.5;
    int64_t min_compaction_lag_ms = 0;
    int64_t max_compaction_lag_ms = std::numeric_limits<int64_t>::max();
    int64_t delete_retention_ms = int64_t{24} * 3600 * 1000;
    /// Sync after so many records. 1 is the durability class `disk`: the high watermark waits for
    /// the sync. `never` is the class `cache`. Anything between syncs, but nobody waits for it.
    int64_t flush_messages = never;
    /// Sync what is older than this.
    int64_t flush_ms = never;

    /// When a segment is rolled for its age: what is not closed cannot be compacted (KIP-354).
    int64_t segment_ms_max() const {
        return cleanup_compact ? std::min(segment_ms, max_compaction_lag_ms) : segment_ms;
    }
    /// Acknowledged means synced.
    bool waits_for_disk() const { return flush_messages <= 1; }

    bool operator==(const LogConfig&) const = default;
};

}  // namespace stoker::storage
