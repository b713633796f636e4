// DescribeDelegationToken (41), versions 1 to 3.
//
// Behaviour: refused, there are no tokens (handlers/delegation_token.hpp).
#include <utility>

#include "broker/handlers/delegation_token.hpp"

namespace stoker::broker {

void describe_delegation_token(Broker&, const Request& request,
                               protocol::DescribeDelegationTokenRequest,
                               Reply<protocol::DescribeDelegationTokenResponse> reply) {
    std::move(reply)({.error_code = refuse_delegation_tokens(request)});
}

}  // namespace stoker::broker
