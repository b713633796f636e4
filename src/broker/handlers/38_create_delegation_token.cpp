// CreateDelegationToken (38), versions 1 to 3.
//
// Behaviour: refused, there are no tokens; the answer names who asked, as upstream's does.
// Version notes: the requester beside the owner, from 3 (KIP-373).
// What is left out: delegation.token.secret.key.
#include <string>
#include <utility>

#include "broker/handlers/delegation_token.hpp"

namespace stoker::broker {
namespace {

constexpr int64_t no_time = -1;

bool has_proved_who_it_is(const Request& request) {
    using enum security::SecurityProtocol;
    switch (request.peer.protocol) {
        case plaintext: return false;
        case ssl: return request.principal != "User:ANONYMOUS";
        default: return true;
    }
}

}  // namespace

ErrorCode refuse_delegation_tokens(const Request& request) {
    return has_proved_who_it_is(request) ? ErrorCode::delegation_token_auth_disabled
                                         : ErrorCode::delegation_token_request_not_allowed;
}

void create_delegation_token(Broker&, const Request& request,
                             protocol::CreateDelegationTokenRequest,
                             Reply<protocol::CreateDelegationTokenResponse> reply) {
    const size_t colon = request.principal.find(':');
    const std::string type = request.principal.substr(0, colon);
    const std::string name = request.principal.substr(colon + 1);
    std::move(reply)({.error_code = refuse_delegation_tokens(request),
                      .principal_type = type,
                      .principal_name = name,
                      .token_requester_principal_type = type,
                      .token_requester_principal_name = name,
                      .issue_timestamp_ms = no_time,
                      .expiry_timestamp_ms = no_time,
                      .max_timestamp_ms = no_time});
}

}  // namespace stoker::broker
