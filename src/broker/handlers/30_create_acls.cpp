// CreateAcls (30), versions 1 to 3.
//
// Behaviour: each ACL is kept or refused for itself, in Kafka's words; one that is there already is
// a success. It counts for every request that begins after the answer. One with numbers that stand
// for nothing closes the connection, as upstream. Without an authorizer the answer says so.
#include <algorithm>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;

namespace {

Acl acl_of(const CreateAclsRequest::AclCreation& creation) {
    return {.resource = acl_resource(creation.resource_type),
            .name = creation.resource_name,
            .pattern = acl_pattern(creation.resource_pattern_type),
            .principal = creation.principal,
            .host = creation.host,
            .operation = acl_operation(creation.operation),
            .permission = acl_permission(creation.permission_type)};
}

bool has_unknown(const Acl& acl) {
    return acl.resource == AclResource::unknown || acl.pattern == AclPattern::unknown ||
           acl.operation == AclOperation::unknown || acl.permission == AclPermission::unknown;
}

/// UNKNOWN's own number; a number that stands for nothing gets as far as the ACL's other flaws.
bool says_unknown(const CreateAclsRequest::AclCreation& creation) {
    return creation.resource_type == 0 || creation.resource_pattern_type == 0 ||
           creation.operation == 0 || creation.permission_type == 0;
}

/// What only a filter may say: upstream fails the whole request over it.
bool is_filter(const Acl& acl) {
    return acl.resource == AclResource::any || acl.pattern == AclPattern::any ||
           acl.pattern == AclPattern::match || acl.operation == AclOperation::any ||
           acl.permission == AclPermission::any;
}

CreateAclsResponse refused(const CreateAclsRequest& asked, ErrorCode error,
                           const std::string& message) {
    CreateAclsResponse response;
    for (size_t i = 0; i < asked.creations.size(); ++i)
        response.results.push_back({.error_code = error, .error_message = message});
    return response;
}

CreateAclsResponse create(Broker& broker, const std::vector<Acl>& acls) {
    CreateAclsResponse response;
    std::vector<Acl> valid;
    for (const Acl& acl : acls) {
        auto& result = response.results.emplace_back();
        auto why = invalid_acl(acl);
        if (!why && has_unknown(acl)) why = "The ACL has an element that is not known";
        if (!why) {
            valid.push_back(acl);
            continue;
        }
        result.error_code = ErrorCode::invalid_request;
        result.error_message = std::move(why);
    }
    auto created = broker.metadata().create_acls(valid);
    auto next = created.begin();
    for (auto& result : response.results) {
        if (result.error_code != ErrorCode::none) continue;
        if (const Outcome<void>& done = *next++; !done) {
            result.error_code = done.error().code;
            result.error_message = done.error().message;
        }
    }
    return response;
}

}  // namespace

void create_acls(Broker& broker, const Request& request, CreateAclsRequest asked,
                 Reply<CreateAclsResponse> reply) {
    std::vector<Acl> acls;
    for (const auto& creation : asked.creations) acls.push_back(acl_of(creation));
    if (std::ranges::any_of(asked.creations, says_unknown))
        return std::move(reply).close("an ACL has elements that are not known");
    const Access access(broker, request);
    if (!access.enforced())
        return std::move(reply)(refused(asked, ErrorCode::security_disabled,
                                        "No Authorizer is configured."));
    if (!access.allows(Right::create_acls)) {
        ErrorCode error = row_of(Right::create_acls).error;
        return std::move(reply)(refused(asked, error, authorization_message(error)));
    }
    if (std::ranges::any_of(acls, is_filter))
        return std::move(reply)(refused(asked, ErrorCode::unknown_server_error,
                                        "The server experienced an unexpected error when "
                                        "processing the request."));
    std::move(reply)(create(broker, acls));
}

}  // namespace stoker::broker
