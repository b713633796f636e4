// CreateAcls (30), versions 1 to 3.
//
// Behaviour: there is no authorizer, and the answer says so for each ACL, as upstream's does
// without one. Left out: ACLs themselves.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void create_acls(Broker&, const Request&, protocol::CreateAclsRequest asked,
                 Reply<protocol::CreateAclsResponse> reply) {
    protocol::CreateAclsResponse response;
    for (size_t i = 0; i < asked.creations.size(); ++i)
        response.results.push_back({.error_code = ErrorCode::security_disabled,
                                    .error_message = "No Authorizer is configured."});
    std::move(reply)(response);
}

}  // namespace stoker::broker
