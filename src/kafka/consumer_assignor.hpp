// How the leader of a classic consumer group shares the partitions out: Java's RangeAssignor and
// RoundRobinAssignor (without racks). Pure functions.
#pragma once

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
};

/// The partitions of each member, in the order of the members.
using Assignments = std::vector<std::vector<TopicPartition>>;

/// `partition_counts` has the topics that exist.
Assignments assign_range(const std::vector<AssignedMember>& members,
                         const std::map<std::string, int32_t>& partition_counts);
Assignments assign_round_robin(const std::vector<AssignedMember>& members,
                               const std::map<std::string, int32_t>& partition_counts);

}  // namespace stoker::kafka
