// Replicas of a partition that a client assigns by hand: on one node there is one way to do it.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/metadata/cluster_metadata.hpp"

namespace stoker::broker {

/// INVALID_REPLICA_ASSIGNMENT in Kafka's words, unless it is this node and nothing else.
Outcome<void> check_replicas(const std::vector<int32_t>& replicas, int32_t node);

}  // namespace stoker::broker
