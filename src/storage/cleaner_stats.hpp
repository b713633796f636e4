// What the log cleaner tells of itself: the figures of Apache Kafka's kafka.log:type=LogCleaner and
// kafka.log:type=LogCleanerManager, by their names there.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/topic_partition.hpp"

namespace stoker::storage {

struct CleanerStats {
    // LogCleaner: over all threads' last rounds.
    int32_t max_buffer_utilization_percent = 0;
    int32_t cleaner_recopy_percent = 0;
    int32_t max_clean_time_secs = 0;
    int32_t max_compaction_delay_secs = 0;
    // LogCleanerManager
    int32_t uncleanable_partitions_count = 0;
    int64_t uncleanable_bytes = 0;
    int32_t max_dirty_percent = 0;
    int64_t time_since_last_run_ms = 0;

    // And what upstream has only in its log.
    std::vector<TopicPartition> uncleanable;
    int64_t rounds = 0;
    int64_t bytes_read = 0;
    int64_t bytes_written = 0;
};

}  // namespace stoker::storage
