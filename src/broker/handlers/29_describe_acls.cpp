// DescribeAcls (29), versions 1 to 3.
//
// Behaviour: there is no authorizer, and the answer says so, as upstream's does without one.
// Left out: ACLs themselves.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void describe_acls(Broker&, const Request&, protocol::DescribeAclsRequest,
                   Reply<protocol::DescribeAclsResponse> reply) {
    std::move(reply)({.error_code = ErrorCode::security_disabled,
                      .error_message = "No Authorizer is configured on the broker"});
}

}  // namespace stoker::broker
