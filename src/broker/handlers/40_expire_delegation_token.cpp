// ExpireDelegationToken (40), versions 1 and 2.
//
// Behaviour: refused, there are no tokens (handlers/delegation_token.hpp).
#include <utility>

#include "broker/handlers/delegation_token.hpp"

namespace stoker::broker {

void expire_delegation_token(Broker&, const Request& request,
                             protocol::ExpireDelegationTokenRequest,
                             Reply<protocol::ExpireDelegationTokenResponse> reply) {
    std::move(reply)({.error_code = refuse_delegation_tokens(request), .expiry_timestamp_ms = -1});
}

}  // namespace stoker::broker
