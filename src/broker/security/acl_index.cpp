#include "broker/security/acl_index.hpp"

#include <algorithm>
#include <mutex>
#include <set>

namespace stoker::broker {

namespace {

bool implies(AclOperation allowed, AclOperation wanted) {
    using enum AclOperation;
    if (allowed == wanted || allowed == all) return true;
    if (wanted == describe)
        return allowed == read || allowed == write || allowed == remove || allowed == alter;
    return wanted == describe_configs && allowed == alter_configs;
}

bool applies(const Acl& acl, std::string_view rule_host, const AclIndex::Question& question) {
    if (rule_host != acl_wildcard && rule_host != question.host) return false;
    if (acl.permission == AclPermission::allow) return implies(acl.operation, question.operation);
    return acl.operation == AclOperation::all || acl.operation == question.operation;
}

}  // namespace

void AclIndex::add(const Acl& acl) {
    const std::unique_lock lock(mutex_);
    OfKind& kind = kinds_.at(size_t(acl.resource));
    bool is_prefix = acl.pattern == AclPattern::prefixed;
    auto [found, is_new] = (is_prefix ? kind.prefixed : kind.literal).try_emplace(acl.name);
    if (is_prefix && is_new) ++kind.prefix_sizes[acl.name.size()];
    found->second[acl.principal].push_back(
        {.acl = std::make_shared<const Acl>(acl), .host = canonical_host(acl.host)});
    ++size_;
}

void AclIndex::remove(const Acl& acl) {
    const std::unique_lock lock(mutex_);
    OfKind& kind = kinds_.at(size_t(acl.resource));
    bool is_prefix = acl.pattern == AclPattern::prefixed;
    auto& names = is_prefix ? kind.prefixed : kind.literal;
    auto name = names.find(acl.name);
    if (name == names.end()) return;
    auto principal = name->second.find(acl.principal);
    if (principal == name->second.end()) return;
    std::vector<Rule>& rules = principal->second;
    auto rule = std::ranges::find_if(rules, [&](const Rule& one) { return *one.acl == acl; });
    if (rule == rules.end()) return;
    rules.erase(rule);
    --size_;
    if (!rules.empty()) return;
    name->second.erase(principal);
    if (!name->second.empty()) return;
    names.erase(name);
    if (!is_prefix) return;
    auto size = kind.prefix_sizes.find(acl.name.size());
    if (--size->second == 0) kind.prefix_sizes.erase(size);
}

/// Adds to the verdict what the rules of one name say.
void AclIndex::look_at(const ByText<ByPrincipal>& rules, std::string_view name,
                       const Question& question, Verdict& verdict) {
    auto found = rules.find(name);
    if (found == rules.end()) return;
    if (verdict.decision == Decision::no_acls) verdict.decision = Decision::no_rule;
    for (std::string_view principal : {question.principal, acl_everybody}) {
        auto own = found->second.find(principal);
        if (own == found->second.end()) continue;
        for (const Rule& rule : own->second) {
            ++verdict.rules_looked_at;
            if (!applies(*rule.acl, rule.host, question)) continue;
            bool allow = rule.acl->permission == AclPermission::allow;
            verdict.decision = allow ? Decision::allowed : Decision::denied;
            verdict.rule = rule.acl;
            if (!allow) return;
        }
        if (question.principal == acl_everybody) return;
    }
}

AclIndex::Verdict AclIndex::judge(const Question& question) const {
    Verdict verdict;
    const std::shared_lock lock(mutex_);
    const OfKind& kind = kinds_.at(size_t(question.resource));
    look_at(kind.literal, question.name, question, verdict);
    if (verdict.decision != Decision::denied && question.name != acl_wildcard)
        look_at(kind.literal, acl_wildcard, question, verdict);
    for (const auto& [size, count] : kind.prefix_sizes) {
        if (size > question.name.size() || verdict.decision == Decision::denied) break;
        look_at(kind.prefixed, question.name.substr(0, size), question, verdict);
    }
    return verdict;
}

/// As upstream's Authorizer.authorizeByResourceType: an ALLOW counts unless a DENY covers all that
/// it covers.
bool AclIndex::allows_any(const Question& question) const {
    std::vector<const Acl*> allowed;
    std::set<std::string_view> denied_names, denied_prefixes;
    const std::shared_lock lock(mutex_);
    const OfKind& kind = kinds_.at(size_t(question.resource));
    for (const auto* names : {&kind.literal, &kind.prefixed})
        for (const auto& [name, principals] : *names)
            for (std::string_view principal : {question.principal, acl_everybody}) {
                auto own = principals.find(principal);
                if (own == principals.end()) continue;
                for (const Rule& rule : own->second) {
                    const Acl& acl = *rule.acl;
                    if (rule.host != acl_wildcard && rule.host != question.host) continue;
                    if (acl.operation != question.operation && acl.operation != AclOperation::all)
                        continue;
                    if (acl.permission == AclPermission::allow) allowed.push_back(&acl);
                    else (names == &kind.literal ? denied_names : denied_prefixes).insert(name);
                }
            }
    if (denied_names.contains(acl_wildcard)) return false;
    return std::ranges::any_of(allowed, [&](const Acl* acl) {
        bool is_prefix = acl->pattern == AclPattern::prefixed;
        if (!is_prefix && acl->name == acl_wildcard) return true;
        if (!is_prefix && denied_names.contains(acl->name)) return false;
        return std::ranges::none_of(denied_prefixes, [&](std::string_view prefix) {
            return acl->name.starts_with(prefix);
        });
    });
}

bool AclIndex::contains(const Acl& acl) const {
    const std::shared_lock lock(mutex_);
    const OfKind& kind = kinds_.at(size_t(acl.resource));
    const auto& names = acl.pattern == AclPattern::prefixed ? kind.prefixed : kind.literal;
    auto name = names.find(acl.name);
    if (name == names.end()) return false;
    auto principal = name->second.find(acl.principal);
    return principal != name->second.end() &&
           std::ranges::any_of(principal->second,
                               [&](const Rule& rule) { return *rule.acl == acl; });
}

size_t AclIndex::size() const {
    const std::shared_lock lock(mutex_);
    return size_;
}

}  // namespace stoker::broker
