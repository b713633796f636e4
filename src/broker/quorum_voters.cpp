#include "broker/quorum_voters.hpp"

#include "broker/broker.hpp"

namespace stoker::broker {

std::string voter_text(int32_t id, const Uuid& directory_id) {
    return "ReplicaKey(id=" + std::to_string(id) + ", directoryId=" + to_string(directory_id) + ")";
}

std::string voters_text(Broker& broker) {
    return "[" + voter_text(broker.node_id(), broker.logs().directory_id()) + "]";
}

Outcome<void> check_voter(Broker& broker, std::string_view operation,
                          const std::optional<std::string>& cluster_id, int32_t id,
                          const Uuid& directory_id) {
    if (cluster_id && *cluster_id != broker.cluster_id())
        return refuse(ErrorCode::inconsistent_cluster_id,
                      "The given id \"" + *cluster_id + "\" doesn't match the cluster id \"" +
                          broker.cluster_id() + "\"");
    if (id < 0 || directory_id.is_zero())
        return refuse(ErrorCode::invalid_request,
                      std::string(operation) + " voter request didn't include a valid voter");
    return {};
}

}  // namespace stoker::broker
