// ListGroups (16), versions 0 to 5.
//
// Behaviour: all groups; filtered by state from 4, by type from 5.
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void list_groups(Broker& broker, const Request& request, protocol::ListGroupsRequest asked,
                 Reply<protocol::ListGroupsResponse> reply) {
    const Access access(broker, request);
    bool all = access.allows(Right::list_all_groups);
    broker.groups().list_groups(
        group_call(request, std::move(asked)),
        [access, all, reply = std::move(reply)](auto response) mutable {
            std::erase_if(response.groups, [&](const auto& group) {
                return !all && !access.allows(Right::list_group, group.group_id);
            });
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
