// The voters of the metadata quorum, of which there is one: this node. What the two APIs that
// change them (KIP-853) check alike, in the words of Apache Kafka's KafkaRaftClient.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.hpp"
#include "broker/outcome.hpp"

namespace stoker::broker {

class Broker;

/// "ReplicaKey(id=1, directoryId=...)"
std::string voter_text(int32_t id, const Uuid& directory_id);
/// All voters, as Java prints a set.
std::string voters_text(Broker& broker);

/// `operation` is "Add" or "Remove": INCONSISTENT_CLUSTER_ID or INVALID_REQUEST.
Outcome<void> check_voter(Broker& broker, std::string_view operation,
                          const std::optional<std::string>& cluster_id, int32_t id,
                          const Uuid& directory_id);

}  // namespace stoker::broker
