#include "broker/security/acl.hpp"

#include <arpa/inet.h>

#include <array>

namespace stoker::broker {

namespace {

using namespace std::string_view_literals;

constexpr std::array resource_names{"UNKNOWN"sv, "ANY"sv,     "TOPIC"sv,
                                    "GROUP"sv,   "CLUSTER"sv, "TRANSACTIONAL_ID"sv,
                                    "DELEGATION_TOKEN"sv, "USER"sv};
constexpr std::array resource_camel_names{"Unknown"sv, "Any"sv,     "Topic"sv,
                                          "Group"sv,   "Cluster"sv, "TransactionalId"sv,
                                          "DelegationToken"sv, "User"sv};
constexpr std::array pattern_names{"UNKNOWN"sv, "ANY"sv, "MATCH"sv, "LITERAL"sv, "PREFIXED"sv};
constexpr std::array operation_names{
    "UNKNOWN"sv,       "ANY"sv,           "ALL"sv,            "READ"sv,
    "WRITE"sv,         "CREATE"sv,        "DELETE"sv,         "ALTER"sv,
    "DESCRIBE"sv,      "CLUSTER_ACTION"sv, "DESCRIBE_CONFIGS"sv, "ALTER_CONFIGS"sv,
    "IDEMPOTENT_WRITE"sv, "CREATE_TOKENS"sv, "DESCRIBE_TOKENS"sv, "TWO_PHASE_COMMIT"sv};
constexpr std::array permission_names{"UNKNOWN"sv, "ANY"sv, "DENY"sv, "ALLOW"sv};

template <class Enum, size_t size>
Enum from_code(int8_t code, const std::array<std::string_view, size>&) {
    return code >= 0 && size_t(code) < size ? Enum(code) : Enum::unknown;
}

}  // namespace

AclResource acl_resource(int8_t code) { return from_code<AclResource>(code, resource_names); }
AclPattern acl_pattern(int8_t code) { return from_code<AclPattern>(code, pattern_names); }
AclOperation acl_operation(int8_t code) { return from_code<AclOperation>(code, operation_names); }
AclPermission acl_permission(int8_t code) {
    return from_code<AclPermission>(code, permission_names);
}

std::string_view to_string(AclResource resource) { return resource_names.at(size_t(resource)); }
std::string_view to_string(AclPattern pattern) { return pattern_names.at(size_t(pattern)); }
std::string_view to_string(AclOperation operation) {
    return operation_names.at(size_t(operation));
}
std::string_view to_string(AclPermission permission) {
    return permission_names.at(size_t(permission));
}
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
