// How far a group has read and who says so: what a consumer commits, or hands to a producer that
// commits it in a transaction (KIP-447).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.hpp"

namespace stoker::kafka {

/// An offset with the epoch that goes with it.
struct OffsetAndEpoch {
    Offset offset{-1};
    LeaderEpoch epoch = LeaderEpoch::none;

    bool operator==(const OffsetAndEpoch&) const = default;
};

/// Who commits: a member of a group, or anybody with generation -1. Of a member of the consumer
/// protocol (KIP-848) the generation is its epoch.
struct ConsumerGroupMetadata {
    std::string group_id;
    int32_t generation = -1;
    std::string member_id{};
    std::optional<std::string> instance_id{};
};

/// As Java's ConsumerGroupMetadata.toString.
inline std::string to_string(const ConsumerGroupMetadata& group) {
    return "GroupMetadata(groupId = " + group.group_id +
           ", generationId = " + std::to_string(group.generation) +
           ", memberId = " + group.member_id +
           ", groupInstanceId = " + group.instance_id.value_or("") + ")";
}

}  // namespace stoker::kafka
