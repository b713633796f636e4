// SyncGroup (14), versions 0 to 5.
//
// Behaviour: the leader brings the assignment, the others wait for it.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void sync_group(Broker& broker, const Request& request, protocol::SyncGroupRequest asked,
                Reply<protocol::SyncGroupResponse> reply) {
    if (!Access(broker, request).allows(Right::sync_group, asked.group_id))
        return std::move(reply)(denied<protocol::SyncGroupResponse>(Right::sync_group));
    broker.groups().sync(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
