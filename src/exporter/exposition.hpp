// A snapshot as Prometheus reads it, in two dialects at once: the families of kafka_exporter and
// those of kafka-lag-exporter, under their names and labels, so that dashboards and alerts made for
// either work.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "exporter/offset_times.hpp"
#include "exporter/snapshot.hpp"

namespace stoker::exporter {

using TimesOfPartitions = std::map<TopicPartition, OffsetTimes>;

/// Adds the ends of partitions at `at_ms`, and forgets partitions that are gone.
void note_ends(const Snapshot& snapshot, int64_t at_ms, TimesOfPartitions& times);

/// `cluster` is the label cluster_name.
std::string exposition(const Snapshot& snapshot, const TimesOfPartitions& times,
                       const std::string& cluster, int64_t now_ms);

}  // namespace stoker::exporter
