// DeleteAcls (31), versions 1 to 3.
//
// Behaviour: there is no authorizer, and the answer says so for each filter, as upstream's does
// without one. Left out: ACLs themselves.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void delete_acls(Broker&, const Request&, protocol::DeleteAclsRequest asked,
                 Reply<protocol::DeleteAclsResponse> reply) {
    protocol::DeleteAclsResponse response;
    for (size_t i = 0; i < asked.filters.size(); ++i)
        response.filter_results.push_back({.error_code = ErrorCode::security_disabled,
                                           .error_message = "No Authorizer is configured."});
    std::move(reply)(response);
}

}  // namespace stoker::broker
