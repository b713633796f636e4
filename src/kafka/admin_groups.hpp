// Groups through the admin client: a list of them, and the committed offsets of one. Its
// coordinator is found and asked; errors per partition stay with the partitions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"
#include "protocol/messages/16_list_groups.hpp"

namespace stoker::kafka {

struct GroupFilter {
    /// Kafka's names ("Stable", "classic"); empty: all.
    std::vector<std::string> states{};
    std::vector<std::string> types{};
};

using GroupListing = protocol::ListGroupsResponse::ListedGroup;
/// Of all brokers, in the order in which they tell; a group is there once.
Outcome<std::vector<GroupListing>> list_groups(Admin& admin, const GroupFilter& filter,
                                               CallOptions options = {});

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
