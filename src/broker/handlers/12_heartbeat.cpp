// Heartbeat (12), versions 0 to 4.
//
// Behaviour: keeps a member's session alive, and tells it that a rebalance is on.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void heartbeat(Broker& broker, const Request& request, protocol::HeartbeatRequest asked,
               Reply<protocol::HeartbeatResponse> reply) {
    if (!Access(broker, request).allows(Right::heartbeat_group, asked.group_id))
        return std::move(reply)(denied<protocol::HeartbeatResponse>(Right::heartbeat_group));
    broker.groups().heartbeat(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
