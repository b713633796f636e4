// The ACLs in the shape that a decision needs: by kind of resource, name and principal, so that a
// request looks at the few rules that concern it, however many there are.
//
// Any thread. The metadata writes it, under its writer's lock; every authorised request reads it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/security/acl.hpp"

namespace stoker::broker {

class AclIndex {
public:
    struct Question {
        AclResource resource = AclResource::unknown;
        std::string_view name;
        AclOperation operation = AclOperation::unknown;
        std::string_view principal;
        std::string_view host;
    };
    enum class Decision : uint8_t {
        allowed,
        denied,   // by a rule
        no_rule,  // the resource has rules, and none of them says anything about this
        no_acls,  // nothing concerns the resource at all
    };
    struct Verdict {
        Decision decision = Decision::no_acls;
        std::shared_ptr<const Acl> rule;  // that decided; only with allowed and denied
        size_t rules_looked_at = 0;
    };

    void add(const Acl& acl);
    /// One ACL of this content; there may be several.
    void remove(const Acl& acl);

    /// A DENY counts before every ALLOW. An ALLOW of READ, WRITE, DELETE or ALTER allows DESCRIBE
    /// too, one of ALTER_CONFIGS allows DESCRIBE_CONFIGS.
    Verdict judge(const Question& question) const;
    /// Whether an ACL allows the operation on any resource of the kind at all, whatever its name
    /// (KIP-679). `question.name` is not looked at. Every ACL of the kind is.
    bool allows_any(const Question& question) const;
    bool contains(const Acl& acl) const;
    size_t size() const;

private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class T>
    using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
    struct Rule {
        std::shared_ptr<const Acl> acl;
        std::string host;  // as connections are written
    };
    using ByPrincipal = ByText<std::vector<Rule>>;
    struct OfKind {
        ByText<ByPrincipal> literal;
        ByText<ByPrincipal> prefixed;
        std::map<size_t, size_t> prefix_sizes;  // how many prefixes have that size
    };

    static void look_at(const ByText<ByPrincipal>& rules, std::string_view name,
                        const Question& question, Verdict& verdict);

    mutable std::shared_mutex mutex_;
    std::array<OfKind, acl_resource_kinds> kinds_;  // guarded by mutex_
    size_t size_ = 0;                               // guarded by mutex_
};

}  // namespace stoker::broker
