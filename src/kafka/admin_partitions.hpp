// Partitions through the admin client: offsets by time, deleting records, elections and
// reassignments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

/// The special timestamps of ListOffsets.
inline constexpr int64_t latest_offset = -1;
inline constexpr int64_t earliest_offset = -2;
inline constexpr int64_t max_timestamp_offset = -3;
inline constexpr int64_t earliest_local_offset = -4;
inline constexpr int64_t latest_tiered_offset = -5;
inline constexpr int64_t earliest_pending_upload_offset = -6;

struct ListedOffset {
    /// -1: no record so late.
    int64_t offset = -1;
    int64_t timestamp = -1;
    int32_t leader_epoch = -1;
};

/// Asks each partition's leader. What is retriable (no leader yet, an old one) is tried again until
/// the time is up.
std::map<TopicPartition, Outcome<ListedOffset>> list_offsets(
    Admin& admin, const std::map<TopicPartition, int64_t>& timestamps, bool read_committed = false,
    CallOptions options = {});

/// The low watermarks afterwards; -1 deletes up to the high watermark.
std::map<TopicPartition, Outcome<int64_t>> delete_records(
    Admin& admin, const std::map<TopicPartition, int64_t>& before, CallOptions options = {});

enum class ElectionType : int8_t { preferred = 0, unclean = 1 };

/// Nothing: all partitions. A partition that could not be elected has its failure.
Outcome<std::map<TopicPartition, Outcome<void>>> elect_leaders(
    Admin& admin, ElectionType type, const std::optional<std::set<TopicPartition>>& partitions,
    CallOptions options = {});

struct Reassignment {
    std::vector<int32_t> replicas;
    std::vector<int32_t> adding;
    std::vector<int32_t> removing;
};

/// Nothing: of all partitions.
Outcome<std::map<TopicPartition, Reassignment>> list_reassignments(
    Admin& admin, const std::optional<std::set<TopicPartition>>& partitions = std::nullopt,
    CallOptions options = {});

/// Nothing cancels the reassignment of a partition. Those that failed.
Outcome<std::map<TopicPartition, Failure>> alter_reassignments(
    Admin& admin, const std::map<TopicPartition, std::optional<std::vector<int32_t>>>& wanted,
    bool allow_replication_factor_change = true, CallOptions options = {});

}  // namespace stoker::kafka
