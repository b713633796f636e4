// The committed offsets of a group through the admin client. Its coordinator is found and asked;
// errors per partition stay with the partitions. Groups themselves are in group_admin.hpp.
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

struct CommittedOffset {
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    std::string metadata;
};
/// Those that were committed; of `partitions`, or of all.
Outcome<std::map<TopicPartition, CommittedOffset>> list_group_offsets(
    Admin& admin, const std::string& group,
    const std::optional<std::set<TopicPartition>>& partitions = std::nullopt,
    CallOptions options = {});

/// An outcome for each partition.
Outcome<std::map<TopicPartition, Outcome<void>>> alter_group_offsets(
    Admin& admin, const std::string& group,
    const std::map<TopicPartition, CommittedOffset>& offsets, CallOptions options = {});
Outcome<std::map<TopicPartition, Outcome<void>>> delete_group_offsets(
    Admin& admin, const std::string& group, const std::set<TopicPartition>& partitions,
    CallOptions options = {});

}  // namespace stoker::kafka
