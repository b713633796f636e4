// ListPartitionReassignments (46), version 0.
//
// Behaviour: on one node none is ever under way.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void list_partition_reassignments(Broker&, const Request&,
                                  protocol::ListPartitionReassignmentsRequest,
                                  Reply<protocol::ListPartitionReassignmentsResponse> reply) {
    std::move(reply)({.error_message = std::nullopt});
}

}  // namespace stoker::broker
