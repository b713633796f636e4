// JoinGroup (11), versions 0 to 9.
//
// Behaviour: waits until the rebalance is over (group/group_shard.hpp).
// Version notes: a member id is given before the join from 4, static members from 5.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

namespace {

void refuse(Reply<protocol::JoinGroupResponse> reply) {
    constexpr int16_t first_version_without_name = 7;
    auto refused = denied<protocol::JoinGroupResponse>(Right::join_group);
    if (reply.version() >= first_version_without_name) refused.protocol_name.reset();
    std::move(reply)(refused);
}

}  // namespace

void join_group(Broker& broker, const Request& request, protocol::JoinGroupRequest asked,
                Reply<protocol::JoinGroupResponse> reply) {
    if (!Access(broker, request).allows(Right::join_group, asked.group_id))
        return refuse(std::move(reply));
    broker.groups().join(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
