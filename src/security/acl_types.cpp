#include "security/acl_types.hpp"

#include <array>

namespace stoker::security {

namespace {

using namespace std::string_view_literals;

constexpr std::array resource_names{"UNKNOWN"sv, "ANY"sv,     "TOPIC"sv,
                                    "GROUP"sv,   "CLUSTER"sv, "TRANSACTIONAL_ID"sv,
                                    "DELEGATION_TOKEN"sv, "USER"sv};
constexpr std::array pattern_names{"UNKNOWN"sv, "ANY"sv, "MATCH"sv, "LITERAL"sv, "PREFIXED"sv};
constexpr std::array operation_names{
    "UNKNOWN"sv,       "ANY"sv,           "ALL"sv,            "READ"sv,
    "WRITE"sv,         "CREATE"sv,        "DELETE"sv,         "ALTER"sv,
    "DESCRIBE"sv,      "CLUSTER_ACTION"sv, "DESCRIBE_CONFIGS"sv, "ALTER_CONFIGS"sv,
    "IDEMPOTENT_WRITE"sv, "CREATE_TOKENS"sv, "DESCRIBE_TOKENS"sv, "TWO_PHASE_COMMIT"sv};
constexpr std::array permission_names{"UNKNOWN"sv, "ANY"sv, "DENY"sv, "ALLOW"sv};
static_assert(resource_names.size() == acl_resource_kinds);

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

}  // namespace stoker::security
