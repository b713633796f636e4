#include "broker/security/authorizer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "broker/config/config_value.hpp"
#include "protocol/apis.hpp"

namespace stoker::broker {

namespace {

/// Apache Kafka's list of super users is separated by semicolons: a distinguished name has commas.
std::expected<std::set<std::string>, std::string> parse_super_users(std::string_view text) {
    std::set<std::string> users;
    while (!text.empty()) {
        size_t end = std::min(text.find(';'), text.size());
        std::string_view user = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (user.empty()) continue;
        if (user.find(':') == std::string_view::npos)
            return std::unexpected("super.users names " + std::string(user) +
                                   ", which has no type: write User:" + std::string(user) +
                                   ", and separate several with semicolons.");
        users.emplace(user);
    }
    return users;
}

/// Names come from clients: a line break in one would forge the next line of the log.
std::string printable(std::string_view text) {
    std::string shown;
    for (char c : text) {
        if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') shown += c;
        else shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return shown;
}

std::string_view request_name(int16_t api_key) {
    const protocol::Api* api = protocol::find_api(api_key);
    return api ? api->name : "unknown";
}

std::shared_ptr<spdlog::logger> audit_logger() {
    if (auto known = spdlog::get(Authorizer::logger_name)) return known;
    auto logger = spdlog::default_logger()->clone(Authorizer::logger_name);
    spdlog::register_logger(logger);
    return logger;
}

}  // namespace

std::expected<std::unique_ptr<Authorizer>, std::string> Authorizer::create(
    const ConfigStore& configs, const AclIndex& acls) {
    std::string wanted = configs.text("authorizer.class.name");
    if (wanted.empty()) return nullptr;
    if (wanted != class_name)
        return std::unexpected("There is no authorizer " + wanted + " here: set " +
                               std::string(class_name) + ".");
    auto super_users = parse_super_users(configs.given("super.users").value_or(""));
    if (!super_users) return std::unexpected(super_users.error());
    std::string allow = configs.given("allow.everyone.if.no.acl.found").value_or("false");
    return std::unique_ptr<Authorizer>(
        new Authorizer(std::move(*super_users), trimmed(allow) == "true", acls));
}

Authorizer::Authorizer(std::set<std::string> super_users, bool allow_without_acls,
                       const AclIndex& acls)
    : super_users_(std::move(super_users)),
      allow_without_acls_(allow_without_acls),
      acls_(acls),
      logger_(audit_logger()) {}

bool Authorizer::authorize(const Caller& caller, const AuthorizedAction& action) const {
    using Decision = AclIndex::Decision;
    if (super_users_.contains(caller.principal)) {
        if (logger_->should_log(spdlog::level::debug)) audit(caller, action, true, "SuperUser");
        return true;
    }
    AclIndex::Verdict verdict = acls_.judge({.resource = action.resource,
                                             .name = action.name,
                                             .operation = action.operation,
                                             .principal = caller.principal,
                                             .host = caller.host});
    bool allowed = verdict.decision == Decision::allowed ||
                   (verdict.decision == Decision::no_acls && allow_without_acls_);
    auto level = allowed ? spdlog::level::debug
                         : (action.audit_denied ? spdlog::level::info : spdlog::level::trace);
    if (!logger_->should_log(level)) return allowed;
    audit(caller, action, allowed,
          verdict.rule ? "MatchingAcl(acl=" + to_string(*verdict.rule) + ")"
                       : std::string(allowed ? "DefaultAllow" : "DefaultDeny"));
    return allowed;
}

bool Authorizer::authorize_any(const Caller& caller, AclOperation operation,
                               AclResource resource) const {
    if (super_users_.contains(caller.principal)) return true;
    AclIndex::Question question{.resource = resource,
                                .name = "hardcode",  // upstream's: shows what needs no ACL
                                .operation = operation,
                                .principal = caller.principal,
                                .host = caller.host};
    auto decision = acls_.judge(question).decision;
    if (decision == AclIndex::Decision::allowed) return true;
    if (decision == AclIndex::Decision::no_acls && allow_without_acls_) return true;
    return acls_.allows_any(question);
}

void Authorizer::audit(const Caller& caller, const AuthorizedAction& action, bool allowed,
                       std::string_view rule) const {
    auto level = allowed ? spdlog::level::debug
                         : (action.audit_denied ? spdlog::level::info : spdlog::level::trace);
    logger_->log(level,
                 "Principal = {} is {} operation = {} from host = {} on resource = "
                 "{}:LITERAL:{} for request = {} with resourceRefCount = {} based on rule {}",
                 printable(caller.principal), allowed ? "Allowed" : "Denied",
                 to_string(action.operation), caller.host, camel_case_name(action.resource),
                 printable(action.name), request_name(caller.api_key), action.references,
                 printable(rule));
}

}  // namespace stoker::broker
