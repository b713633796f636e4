// ListGroups (16), versions 0 to 5.
//
// Behaviour: all groups; filtered by state from 4, by type from 5.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void list_groups(Broker& broker, const Request& request, protocol::ListGroupsRequest asked,
                 Reply<protocol::ListGroupsResponse> reply) {
    broker.groups().list_groups(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
