// JoinGroup (11), versions 0 to 9.
//
// Behaviour: waits until the rebalance is over (group/group_shard.hpp).
// Version notes: a member id is given before the join from 4, static members from 5.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void join_group(Broker& broker, const Request& request, protocol::JoinGroupRequest asked,
                Reply<protocol::JoinGroupResponse> reply) {
    broker.groups().join(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
