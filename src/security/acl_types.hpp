// What access control lists are made of (KIP-11, KIP-290), for the broker and for its clients. The
// numbers are those of the wire and of the metadata log, the names those of Apache Kafka's enums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoker::security {

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

/// "TRANSACTIONAL_ID", "DELETE". The value is one of the above.
std::string_view to_string(AclResource resource);
std::string_view to_string(AclPattern pattern);
std::string_view to_string(AclOperation operation);
std::string_view to_string(AclPermission permission);

}  // namespace stoker::security
