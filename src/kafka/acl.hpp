// Access control lists as Java's admin client has them, and the calls that list and change them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/admin.hpp"

namespace stoker::kafka {

/// The numbers of the wire.
enum class ResourceType : int8_t {
    unknown = 0,
    any = 1,
    topic = 2,
    group = 3,
    cluster = 4,
    transactional_id = 5,
    delegation_token = 6,
    user = 7,
};
enum class PatternType : int8_t { unknown = 0, any = 1, match = 2, literal = 3, prefixed = 4 };
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

/// The names of Java's enums: "TRANSACTIONAL_ID".
std::string_view to_string(ResourceType type);
std::string_view to_string(PatternType type);
std::string_view to_string(AclOperation operation);
std::string_view to_string(AclPermission permission);

/// A pattern, or a filter of patterns; as a filter it may have no name.
struct ResourcePattern {
    ResourceType type = ResourceType::any;
    std::optional<std::string> name{};
    PatternType pattern = PatternType::any;

    auto operator<=>(const ResourcePattern&) const = default;
};
/// "ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)".
std::string to_string(const ResourcePattern& pattern);

struct AclEntry {
    std::string principal;
    std::string host;
    AclOperation operation = AclOperation::any;
    AclPermission permission = AclPermission::any;

    auto operator<=>(const AclEntry&) const = default;
};
/// "(principal=User:a, host=*, operation=READ, permissionType=ALLOW)".
std::string to_string(const AclEntry& entry);

struct AclBinding {
    ResourcePattern pattern;
    AclEntry entry;

    auto operator<=>(const AclBinding&) const = default;
};

/// Those whose resource the filter matches.
Outcome<std::vector<AclBinding>> describe_acls(Admin& admin, const ResourcePattern& filter);
/// The first that failed, after all were tried.
Outcome<void> create_acls(Admin& admin, const std::vector<AclBinding>& bindings);
/// Without entries: all of the resources. The first that failed.
Outcome<void> delete_acls(Admin& admin, const ResourcePattern& filter,
                          const std::vector<AclEntry>& entries);

}  // namespace stoker::kafka
