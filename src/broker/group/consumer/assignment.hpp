// Which partitions somebody has, by topic id; and the same with the epoch of the group at which
// each was given, by which late commits of former owners are told from those of the present one.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/ids.hpp"
#include "base/uuid.hpp"

namespace stoker::broker {

/// No topic has an empty set.
using Assignment = std::map<Uuid, std::set<PartitionId>>;
using EpochAssignment = std::map<Uuid, std::map<PartitionId, int32_t>>;

inline bool has(const Assignment& assignment, const Uuid& topic, PartitionId partition) {
    const auto found = assignment.find(topic);
    return found != assignment.end() && found->second.contains(partition);
}
/// Nothing: not among them.
inline const int32_t* epoch_of(const EpochAssignment& assignment, const Uuid& topic,
                               PartitionId partition) {
    const auto found = assignment.find(topic);
    if (found == assignment.end()) return nullptr;
    const auto epoch = found->second.find(partition);
    return epoch == found->second.end() ? nullptr : &epoch->second;
}
inline EpochAssignment with_epoch(const Assignment& assignment, int32_t epoch) {
    EpochAssignment result;
    for (const auto& [topic, partitions] : assignment) {
        for (const PartitionId partition : partitions) result[topic].emplace(partition, epoch);
    }
    return result;
}
inline Assignment without_epochs(const EpochAssignment& assignment) {
    Assignment result;
    for (const auto& [topic, partitions] : assignment) {
        for (const auto& [partition, epoch] : partitions) result[topic].insert(partition);
    }
    return result;
}

}  // namespace stoker::broker
