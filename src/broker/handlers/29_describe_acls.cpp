// DescribeAcls (29), versions 1 to 3.
//
// Behaviour: the ACLs that match a filter, by resource. A filter with numbers that stand for
// nothing closes the connection, as upstream. Without an authorizer the answer says so.
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeAclsResponse;

void describe_acls(Broker& broker, const Request& request, protocol::DescribeAclsRequest asked,
                   Reply<DescribeAclsResponse> reply) {
    const AclFilter filter{.resource = acl_resource(asked.resource_type_filter),
                           .name = std::move(asked.resource_name_filter),
                           .pattern = acl_pattern(asked.pattern_type_filter),
                           .principal = std::move(asked.principal_filter),
                           .host = std::move(asked.host_filter),
                           .operation = acl_operation(asked.operation),
                           .permission = acl_permission(asked.permission_type)};
    if (filter.has_unknown())
        return std::move(reply).close("a filter of ACLs has elements that are not known");
    const Access access(broker, request);
    if (!access.enforced())
        return std::move(reply)({.error_code = ErrorCode::security_disabled,
                                 .error_message = "No Authorizer is configured on the broker"});
    if (!access.allows(Right::describe_acls))
        return std::move(reply)(denied<DescribeAclsResponse>(Right::describe_acls));
    DescribeAclsResponse response;
    for (const Acl& acl : broker.metadata().acls(filter)) {
        auto& resources = response.resources;
        if (resources.empty() || resources.back().resource_type != int8_t(acl.resource) ||
            resources.back().resource_name != acl.name ||
            resources.back().pattern_type != int8_t(acl.pattern))
            resources.push_back({.resource_type = int8_t(acl.resource),
                                 .resource_name = acl.name,
                                 .pattern_type = int8_t(acl.pattern),
                                 .acls = {}});
        resources.back().acls.push_back({.principal = acl.principal,
                                         .host = acl.host,
                                         .operation = int8_t(acl.operation),
                                         .permission_type = int8_t(acl.permission)});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
