// SaslHandshake (17), versions 0 and 1.
//
// Behaviour: on a SASL listener it begins an exchange (broker/authentication); on others, and when
// authenticating again is not due, ILLEGAL_SASL_STATE, as upstream.
// Version notes: after version 0 the tokens follow without Kafka's headers (KIP-43).
#include "broker/authentication/authentication.hpp"
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void sasl_handshake(Broker& broker, const Request& request, protocol::SaslHandshakeRequest asked,
                    Reply<protocol::SaslHandshakeResponse> reply) {
    if (request.sasl == nullptr)
        return std::move(reply)({.error_code = ErrorCode::illegal_sasl_state});
    broker.authentication().handshake(request, *request.sasl, asked, std::move(reply));
}

}  // namespace stoker::broker
