// ConsumerGroupHeartbeat (68), versions 0 and 1.
//
// Behaviour: a member of a group of the consumer protocol joins, stays, tells what it reads, and
// leaves; the answer says what it is to read (KIP-848). Version notes: regular expressions from 1.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/metadata/features.hpp"

namespace stoker::broker {

void consumer_group_heartbeat(Broker& broker, const Request& request,
                              protocol::ConsumerGroupHeartbeatRequest asked,
                              Reply<protocol::ConsumerGroupHeartbeatResponse> reply) {
    if (broker.metadata().feature_level(std::string(group_version_feature)) < 1)
        return std::move(reply)({.error_code = ErrorCode::unsupported_version});
    broker.groups().consumer_group_heartbeat(group_call(request, std::move(asked)),
                                             kept(std::move(reply)));
}

}  // namespace stoker::broker
