// ListPartitionReassignments (46), version 0.
//
// Behaviour: on one node none is ever under way.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void list_partition_reassignments(Broker& broker, const Request& request,
                                  protocol::ListPartitionReassignmentsRequest,
                                  Reply<protocol::ListPartitionReassignmentsResponse> reply) {
    if (!Access(broker, request).allows(Right::list_reassignments))
        return std::move(reply)(
            denied<protocol::ListPartitionReassignmentsResponse>(Right::list_reassignments));
    std::move(reply)({.error_message = std::nullopt});
}

}  // namespace stoker::broker
