#include "broker/security/acl.hpp"

#include <arpa/inet.h>

#include <array>

namespace stoker::broker {

namespace {

using namespace std::string_view_literals;

constexpr std::array resource_camel_names{"Unknown"sv, "Any"sv,     "Topic"sv,
                                          "Group"sv,   "Cluster"sv, "TransactionalId"sv,
                                          "DelegationToken"sv, "User"sv};
}  // namespace

std::string_view camel_case_name(AclResource resource) {
    return resource_camel_names.at(size_t(resource));
}

std::string to_string(const Acl& acl) {
    std::string text = "StandardAcl(resourceType=";
    text.append(to_string(acl.resource)).append(", resourceName=").append(acl.name);
    text.append(", patternType=").append(to_string(acl.pattern));
    text.append(", principal=").append(acl.principal).append(", host=").append(acl.host);
    text.append(", operation=").append(to_string(acl.operation));
    return text.append(", permissionType=").append(to_string(acl.permission)).append(")");
}

std::optional<std::string> invalid_acl(const Acl& acl) {
    if (acl.resource == AclResource::cluster && acl.name != cluster_resource_name)
        return "The only valid name for the CLUSTER resource is kafka-cluster";
    if (acl.name.empty()) return "Invalid empty resource name";
    if (acl.principal.find(':') == std::string::npos)
        return "Could not parse principal from `" + acl.principal +
               "` (no colon is present separating the principal type from the principal name)";
    return std::nullopt;
}

bool AclFilter::matches(const Acl& acl) const {
    if (resource != AclResource::any && resource != acl.resource) return false;
    if (operation != AclOperation::any && operation != acl.operation) return false;
    if (permission != AclPermission::any && permission != acl.permission) return false;
    if (principal && *principal != acl.principal) return false;
    if (host && *host != acl.host) return false;
    if (pattern == AclPattern::match) {
        if (!name) return true;
        if (acl.pattern == AclPattern::prefixed) return name->starts_with(acl.name);
        return *name == acl.name || acl.name == acl_wildcard;
    }
    if (pattern != AclPattern::any && pattern != acl.pattern) return false;
    return !name || *name == acl.name;
}

bool AclFilter::has_unknown() const {
    return resource == AclResource::unknown || pattern == AclPattern::unknown ||
           operation == AclOperation::unknown || permission == AclPermission::unknown;
}

std::string canonical_host(std::string_view host) {
    std::string text(host);
    in6_addr address{};
    if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
    std::array<char, INET6_ADDRSTRLEN> written{};
    if (IN6_IS_ADDR_V4MAPPED(&address))
        inet_ntop(AF_INET, &address.s6_addr[12], written.data(), written.size());
    else
        inet_ntop(AF_INET6, &address, written.data(), written.size());
    return written.data();
}

}  // namespace stoker::broker
