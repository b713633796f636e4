// How the leader of a classic consumer group shares the partitions out: as Java's RangeAssignor,
// RoundRobinAssignor (both without racks) and CooperativeStickyAssignor. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

struct AssignedMember {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::vector<std::string> topics;
    /// What it has from the generation that it was in last, where it tells (KIP-429).
    std::vector<TopicPartition> owned{};
    int32_t generation = -1;
};

/// The partitions of each member, in the order of the members.
using Assignments = std::vector<std::vector<TopicPartition>>;

/// MemberInfo.compareTo: static members first, by their instance ids; then by member id.
std::vector<size_t> assignment_order(const std::vector<AssignedMember>& members);

/// `partition_counts` has the topics that exist.
Assignments assign_range(const std::vector<AssignedMember>& members,
                         const std::map<std::string, int32_t>& partition_counts);
Assignments assign_round_robin(const std::vector<AssignedMember>& members,
                               const std::map<std::string, int32_t>& partition_counts);

/// Evenly, and everybody keeps as much as possible. Partitions that are to change hands go to
/// nobody yet: who has them gives them up, and joins again for the new owner to get them.
Assignments assign_cooperative_sticky(const std::vector<AssignedMember>& members,
                                      const std::map<std::string, int32_t>& partition_counts);

}  // namespace stoker::kafka
