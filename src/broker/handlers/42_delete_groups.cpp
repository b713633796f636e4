// DeleteGroups (42), versions 0 to 2.
//
// Behaviour: removes empty groups with their offsets.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void delete_groups(Broker& broker, const Request& request, protocol::DeleteGroupsRequest asked,
                   Reply<protocol::DeleteGroupsResponse> reply) {
    broker.groups().delete_groups(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
