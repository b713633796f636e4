#include "kafka/acl.hpp"

#include "protocol/messages/29_describe_acls.hpp"
#include "protocol/messages/30_create_acls.hpp"
#include "protocol/messages/31_delete_acls.hpp"

namespace stoker::kafka {
namespace {

using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;
using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;
using protocol::DescribeAclsRequest;
using protocol::DescribeAclsResponse;
using security::acl_operation;
using security::acl_pattern;
using security::acl_permission;
using security::acl_resource;

}  // namespace

std::string to_string(const ResourcePattern& pattern) {
    return "ResourcePattern(resourceType=" + std::string(to_string(pattern.type)) +
           ", name=" + pattern.name.value_or("<any>") +
           ", patternType=" + std::string(to_string(pattern.pattern)) + ")";
}

std::string to_string(const AclEntry& entry) {
    return "(principal=" + entry.principal + ", host=" + entry.host +
           ", operation=" + std::string(to_string(entry.operation)) +
           ", permissionType=" + std::string(to_string(entry.permission)) + ")";
}

Outcome<std::vector<AclBinding>> describe_acls(Admin& admin, const ResourcePattern& filter) {
    DescribeAclsRequest request{.resource_type_filter = raw(filter.type),
                                .resource_name_filter = filter.name,
                                .pattern_type_filter = raw(filter.pattern),
                                .principal_filter = std::nullopt,
                                .host_filter = std::nullopt,
                                .operation = raw(AclOperation::any),
                                .permission_type = raw(AclPermission::any)};
    auto answer = admin.call<DescribeAclsResponse>("describeAcls", Target::any(), request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    std::vector<AclBinding> bindings;
    for (const auto& resource : answer->resources) {
        for (const auto& acl : resource.acls) {
            bindings.push_back({{.type = acl_resource(resource.resource_type),
                                 .name = resource.resource_name,
                                 .pattern = acl_pattern(resource.pattern_type)},
                                {.principal = acl.principal,
                                 .host = acl.host,
                                 .operation = acl_operation(acl.operation),
                                 .permission = acl_permission(acl.permission_type)}});
        }
    }
    return bindings;
}

Outcome<void> create_acls(Admin& admin, const std::vector<AclBinding>& bindings) {
    CreateAclsRequest request;
    for (const auto& [pattern, entry] : bindings) {
        request.creations.push_back({.resource_type = raw(pattern.type),
                                     .resource_name = pattern.name.value_or(""),
                                     .resource_pattern_type = raw(pattern.pattern),
                                     .principal = entry.principal,
                                     .host = entry.host,
                                     .operation = raw(entry.operation),
                                     .permission_type = raw(entry.permission)});
    }
    auto answer = admin.call<CreateAclsResponse>("createAcls", Target::controller(), request);
    if (!answer) return failed(answer.error());
    for (const auto& result : answer->results) {
        if (result.error_code == ErrorCode::none) continue;
        return failed(failure_of(result.error_code, result.error_message));
    }
    return {};
}

Outcome<void> delete_acls(Admin& admin, const ResourcePattern& filter,
                          const std::vector<AclEntry>& entries) {
    DeleteAclsRequest request;
    DeleteAclsRequest::DeleteAclsFilter every{.resource_type_filter = raw(filter.type),
                                              .resource_name_filter = filter.name,
                                              .pattern_type_filter = raw(filter.pattern),
                                              .principal_filter = std::nullopt,
                                              .host_filter = std::nullopt,
                                              .operation = raw(AclOperation::any),
                                              .permission_type = raw(AclPermission::any)};
    if (entries.empty()) request.filters.push_back(every);
    for (const AclEntry& entry : entries) {
        every.principal_filter = entry.principal;
        every.host_filter = entry.host;
        every.operation = raw(entry.operation);
        every.permission_type = raw(entry.permission);
        request.filters.push_back(every);
    }
    auto answer = admin.call<DeleteAclsResponse>("deleteAcls", Target::controller(), request);
    if (!answer) return failed(answer.error());
    for (const auto& result : answer->filter_results) {
        if (result.error_code != ErrorCode::none) {
            return failed(failure_of(result.error_code, result.error_message));
        }
        for (const auto& acl : result.matching_acls) {
            if (acl.error_code == ErrorCode::none) continue;
            return failed(failure_of(acl.error_code, acl.error_message));
        }
    }
    return {};
}

}  // namespace stoker::kafka
