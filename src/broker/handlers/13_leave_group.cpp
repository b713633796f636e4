// LeaveGroup (13), versions 0 to 5.
//
// Behaviour: takes members out at once instead of after their session.
// Version notes: one member until 2, several, also static ones, from 3.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void leave_group(Broker& broker, const Request& request, protocol::LeaveGroupRequest asked,
                 Reply<protocol::LeaveGroupResponse> reply) {
    if (!Access(broker, request).allows(Right::leave_group, asked.group_id))
        return std::move(reply)(denied<protocol::LeaveGroupResponse>(Right::leave_group));
    broker.groups().leave(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
