// What a consumer group's members want in terms of the topics that there are.
#pragma once

#include <set>
#include <vector>

#include "broker/group/consumer/assignor.hpp"
#include "broker/group/consumer/consumer_group.hpp"

namespace stoker::broker {

/// Changes when one of the topics that the group subscribes to comes, goes, is another one of the
/// same name, or gets partitions. 0: none of them exists.
int64_t metadata_hash(const ConsumerGroup& group, const TopicImage& topics);

/// Ids of the topics that the member subscribes to and that exist.
std::set<Uuid> subscribed_ids(const ConsumerGroup& group, const MemberMetadata& member,
                              const TopicImage& topics);

/// All members as the assignors take them, in the order of the group.
std::vector<AssignorMember> assignor_members(const ConsumerGroup& group, const TopicImage& topics);

}  // namespace stoker::broker
