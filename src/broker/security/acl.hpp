// Access control lists as Apache Kafka has them (KIP-11, KIP-290): values, filters, and what a new
// one must be. Numbers are those of the wire and of the metadata log.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoker::broker {

/// Kinds of resources.
enum class AclResource : int8_t {
    unknown = 0,
    any = 1,
    topic = 2,
    group = 3,
    cluster = 4,
    transactional_id = 5,
    delegation_token = 6,
    user = 7,
};
inline constexpr size_t acl_resource_kinds = 8;

enum class AclPattern : int8_t { unknown = 0, any = 1, match = 2, literal = 3, prefixed = 4 };

enum class AclOperation : int8_t {
    unknown = 0,
    any = 1,
    all = 2,
    read = 3,
    write = 4,
    create = 5,
    remove = 6,
    alter = 7,
    describe = 8,
    cluster_action = 9,
    describe_configs = 10,
    alter_configs = 11,
    idempotent_write = 12,
    create_tokens = 13,
    describe_tokens = 14,
    two_phase_commit = 15,
};

enum class AclPermission : int8_t { unknown = 0, any = 1, deny = 2, allow = 3 };

/// A number that stands for nothing is `unknown`, as upstream reads it.
AclResource acl_resource(int8_t code);
AclPattern acl_pattern(int8_t code);
AclOperation acl_operation(int8_t code);
AclPermission acl_permission(int8_t code);

/// The names of Apache Kafka's enums: "TRANSACTIONAL_ID", "DELETE".
std::string_view to_string(AclResource resource);
std::string_view to_string(AclPattern pattern);
std::string_view to_string(AclOperation operation);
std::string_view to_string(AclPermission permission);
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
