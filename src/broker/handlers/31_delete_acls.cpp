// DeleteAcls (31), versions 1 to 3.
//
// Behaviour: takes away all ACLs that match a filter, and says which. A filter with numbers that
// stand for nothing closes the connection, as upstream. Without an authorizer the answer says so.
#include <algorithm>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;

namespace {

AclFilter filter_of(const DeleteAclsRequest::DeleteAclsFilter& asked) {
    return {.resource = acl_resource(asked.resource_type_filter),
            .name = asked.resource_name_filter,
            .pattern = acl_pattern(asked.pattern_type_filter),
            .principal = asked.principal_filter,
            .host = asked.host_filter,
            .operation = acl_operation(asked.operation),
            .permission = acl_permission(asked.permission_type)};
}

DeleteAclsResponse refused(const DeleteAclsRequest& asked, ErrorCode error,
                           const std::string& message) {
    DeleteAclsResponse response;
    for (size_t i = 0; i < asked.filters.size(); ++i)
        response.filter_results.push_back({.error_code = error, .error_message = message});
    return response;
}

DeleteAclsResponse::DeleteAclsMatchingAcl told(const Acl& acl) {
    return {.error_message = std::nullopt,
            .resource_type = int8_t(acl.resource),
            .resource_name = acl.name,
            .pattern_type = int8_t(acl.pattern),
            .principal = acl.principal,
            .host = acl.host,
            .operation = int8_t(acl.operation),
            .permission_type = int8_t(acl.permission)};
}

}  // namespace

void delete_acls(Broker& broker, const Request& request, DeleteAclsRequest asked,
                 Reply<DeleteAclsResponse> reply) {
    std::vector<AclFilter> filters;
    for (const auto& filter : asked.filters) filters.push_back(filter_of(filter));
    if (std::ranges::any_of(filters, &AclFilter::has_unknown))
        return std::move(reply).close("a filter of ACLs has elements that are not known");
    const Access access(broker, request);
    if (!access.enforced())
        return std::move(reply)(refused(asked, ErrorCode::security_disabled,
                                        "No Authorizer is configured."));
    if (!access.allows(Right::delete_acls)) {
        ErrorCode error = row_of(Right::delete_acls).error;
        return std::move(reply)(refused(asked, error, authorization_message(error)));
    }
    DeleteAclsResponse response;
    for (const auto& deleted : broker.metadata().delete_acls(filters)) {
        auto& result = response.filter_results.emplace_back();
        result.error_message = std::nullopt;
        if (!deleted) {
            result.error_code = deleted.error().code;
            result.error_message = deleted.error().message;
            continue;
        }
        for (const Acl& acl : *deleted) result.matching_acls.push_back(told(acl));
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
