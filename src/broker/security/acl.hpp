// Access control lists as Apache Kafka has them (KIP-11, KIP-290): values, filters, and what a new
// one must be.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "security/acl_types.hpp"

namespace stoker::broker {

using security::acl_operation;
using security::acl_pattern;
using security::acl_permission;
using security::acl_resource;
using security::acl_resource_kinds;
using security::AclOperation;
using security::AclPattern;
using security::AclPermission;
using security::AclResource;

/// As the audit log writes a resource: "TransactionalId".
std::string_view camel_case_name(AclResource resource);

inline constexpr std::string_view acl_wildcard = "*";
inline constexpr std::string_view acl_everybody = "User:*";
/// The one resource of its kind.
inline constexpr std::string_view cluster_resource_name = "kafka-cluster";

/// Who may or may not do what with which resources, from where.
struct Acl {
    AclResource resource = AclResource::unknown;
    std::string name;  // a literal "*" stands for every name
    AclPattern pattern = AclPattern::literal;
    std::string principal;  // "User:ann"; "User:*" is everybody
    std::string host;       // an address, or "*"
    AclOperation operation = AclOperation::unknown;
    AclPermission permission = AclPermission::unknown;

    auto operator<=>(const Acl&) const = default;
};

/// "StandardAcl(resourceType=TOPIC, resourceName=t, …)": how the audit log names a rule.
std::string to_string(const Acl& acl);

/// What is wrong with a new ACL, in Apache Kafka's words.
std::optional<std::string> invalid_acl(const Acl& acl);

/// The ACLs that DescribeAcls and DeleteAcls speak of. What is empty or `any` matches everything;
/// the pattern `match` finds what concerns a resource of this name.
struct AclFilter {
    AclResource resource = AclResource::any;
    std::optional<std::string> name;
    AclPattern pattern = AclPattern::any;
    std::optional<std::string> principal;
    std::optional<std::string> host;
    AclOperation operation = AclOperation::any;
    AclPermission permission = AclPermission::any;

    bool matches(const Acl& acl) const;
    bool has_unknown() const;
};

/// A host as the address of a connection is written: "::1" for "0:0:0:0:0:0:0:1". What is no
/// address stays as it is, and matches no connection.
std::string canonical_host(std::string_view host);

}  // namespace stoker::broker
