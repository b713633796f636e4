// UnregisterBroker (64), version 0.
//
// Behaviour: refused. The only broker there is serves the request, and a cluster without it is
// none.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void unregister_broker(Broker& broker, const Request& request,
                       protocol::UnregisterBrokerRequest asked,
                       Reply<protocol::UnregisterBrokerResponse> reply) {
    if (!Access(broker, request).allows(Right::unregister_broker))
        return std::move(reply)(
            denied<protocol::UnregisterBrokerResponse>(Right::unregister_broker));
    std::string id = std::to_string(asked.broker_id);
    if (asked.broker_id != broker.node_id())
        return std::move(reply)(
            {.error_code = ErrorCode::broker_id_not_registered,
             .error_message = "Broker ID " + id + " is not currently registered"});
    std::move(reply)({.error_code = ErrorCode::invalid_request,
                      .error_message = "Broker " + id +
                                       " is the only one of this cluster and is running: stop it "
                                       "instead"});
}

}  // namespace stoker::broker
