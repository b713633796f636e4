// The server-side assignors of KIP-848: which member of a group is to read which partitions.
//
//     uniform   as even as it can be, and sticky: a partition moves only when that is needed to
//               keep the counts even or because its owner has left. Nobody waits for nothing.
//     range     every topic in contiguous ranges, in the order of static names, then member ids;
//               topics with as many partitions are spread alike, so that one member gets the same
//               partitions of all of them (for joins of two topics).
//
// Pure functions of their arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/group/consumer/assignment.hpp"
#include "broker/group/consumer/topic_image.hpp"

namespace stoker::broker {

struct AssignorMember {
    std::string id;
    std::optional<std::string> instance_id;
    /// Ids of the topics it subscribes to that exist, ascending.
    std::vector<Uuid> topics;
    /// What it was to read until now.
    Assignment previous;
};

/// "uniform", "range": what members and configurations call them.
enum class Assignor { uniform, range };
std::string_view name(Assignor assignor);
std::optional<Assignor> parse_assignor(std::string_view name);

/// One assignment a member, in the order of the members. Every partition of a topic that somebody
/// subscribes to is in exactly one of them, at a subscriber.
std::vector<Assignment> assign(Assignor assignor, const std::vector<AssignorMember>& members,
                               const TopicImage& topics);

std::vector<Assignment> assign_uniform(const std::vector<AssignorMember>& members,
                                       const TopicImage& topics);
std::vector<Assignment> assign_range(const std::vector<AssignorMember>& members,
                                     const TopicImage& topics);

}  // namespace stoker::broker
