// UnregisterBroker (64), version 0.
//
// Behaviour: refused. The only broker there is serves the request, and a cluster without it is
// none.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void unregister_broker(Broker& broker, const Request&, protocol::UnregisterBrokerRequest asked,
                       Reply<protocol::UnregisterBrokerResponse> reply) {
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
