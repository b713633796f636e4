// SaslAuthenticate (36), versions 0 to 2.
//
// Behaviour: one token of the exchange that SaslHandshake began (broker/authentication). A refusal
// comes late and ends the connection; it tells no more than upstream's.
// Version notes: from 1 the answer says how long the session lasts (KIP-368).
#include "broker/authentication/authentication.hpp"
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void sasl_authenticate(Broker& broker, const Request& request,
                       protocol::SaslAuthenticateRequest asked,
                       Reply<protocol::SaslAuthenticateResponse> reply) {
    if (request.sasl == nullptr)
        return std::move(reply)(
            {.error_code = ErrorCode::illegal_sasl_state,
             .error_message = "SaslAuthenticate request received after successful authentication"});
    broker.authentication().authenticate(request, *request.sasl, asked, std::move(reply));
}

}  // namespace stoker::broker
