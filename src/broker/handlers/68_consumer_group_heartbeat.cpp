// ConsumerGroupHeartbeat (68), versions 0 and 1.
//
// Behaviour: a member of a group of the consumer protocol joins, stays, tells what it reads, and
// leaves; the answer says what it is to read (KIP-848). Version notes: regular expressions from 1.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/metadata/features.hpp"

namespace stoker::broker {

void consumer_group_heartbeat(Broker& broker, const Request& request,
                              protocol::ConsumerGroupHeartbeatRequest asked,
                              Reply<protocol::ConsumerGroupHeartbeatResponse> reply) {
    if (broker.metadata().feature_level(std::string(group_version_feature)) < 1)
        return std::move(reply)({.error_code = ErrorCode::unsupported_version});
    const Access access(broker, request);
    if (!access.allows(Right::consumer_heartbeat_group, asked.group_id))
        return std::move(reply)(
            {.error_code = ErrorCode::group_authorization_failed,
             .error_message = authorization_message(ErrorCode::group_authorization_failed)});
    auto subscribed = asked.subscribed_topic_names.value_or(std::vector<std::string>{});
    AllowedNames described =
        access.filter(Right::consumer_heartbeat_topic, subscribed, std::identity{});
    for (const std::string& name : subscribed)
        if (!described.contains(name))
            return std::move(reply)(
                {.error_code = ErrorCode::topic_authorization_failed,
                 .error_message = authorization_message(ErrorCode::topic_authorization_failed)});
    auto call = group_call(request, std::move(asked));
    if (access.enforced())
        call.client.may_describe = [&access](const std::string& topic) {
            return access.allows(Right::consumer_heartbeat_pattern, topic);
        };
    broker.groups().consumer_group_heartbeat(std::move(call), kept(std::move(reply)));
}

}  // namespace stoker::broker
