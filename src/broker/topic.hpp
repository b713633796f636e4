// A topic as the request path sees it: immutable, shared, replaced as a whole when it changes.
#pragma once

#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "record/compression.hpp"
#include "storage/log_config.hpp"

namespace stoker::broker {

class Partition;

/// The topic's configs that the broker acts on, resolved through the broker's own and typed. What
/// the log itself acts on is in `log`.
struct TopicSettings {
    storage::LogConfig log;
    int32_t max_message_bytes = 1048588;
    bool log_append_time = false;
    int64_t timestamp_before_max_ms = std::numeric_limits<int64_t>::max();
    int64_t timestamp_after_max_ms = 3'600'000;
    int32_t min_insync_replicas = 1;
    bool compacted = false;
    bool deletable = true;  // cleanup.policy has "delete"
    /// compression.type; nothing: as the producer sent it.
    std::optional<record::Codec> codec;
    int codec_level = record::default_level;
};

struct Topic {
    std::string name;
    Uuid id;
    TopicSettings settings;
    std::vector<std::shared_ptr<Partition>> partitions;  // by PartitionId

    bool internal() const;
    bool has(PartitionId partition) const {
        return raw(partition) >= 0 && raw(partition) < std::ssize(partitions);
    }
    /// Nothing when there is no such partition.
    std::shared_ptr<Partition> partition(PartitionId id) const;
};

/// Committed offsets and groups live here.
inline constexpr std::string_view group_metadata_topic = "__consumer_offsets";
/// Transactions live here.
inline constexpr std::string_view transaction_state_topic = "__transaction_state";
/// The metadata log: no topic, though its folder has the name of one's.
inline constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";
/// Longer than this and no file name holds "topic-12345" and its suffixes.
inline constexpr size_t topic_name_max = 249;

/// Why the name cannot be a topic's, in Kafka's words; nothing when it can.
std::optional<std::string> invalid_topic_name(const std::string& name);

}  // namespace stoker::broker
