// Access control lists as Java's admin client has them, and the calls that list and change them.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "security/acl_types.hpp"

namespace stoker::kafka {

using security::AclOperation;
using security::AclPattern;
using security::AclPermission;
using security::AclResource;

/// A pattern, or a filter of patterns; as a filter it may have no name.
struct ResourcePattern {
    AclResource type = AclResource::any;
    std::optional<std::string> name{};
    AclPattern pattern = AclPattern::any;

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
