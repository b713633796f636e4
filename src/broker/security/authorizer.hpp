// Who may do what: super users, ACLs, and what happens where there is none; with one audit line for
// what is denied, as Apache Kafka's StandardAuthorizer writes it (KIP-801). Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "broker/config/config_store.hpp"
#include "broker/security/acl_index.hpp"

namespace spdlog {
class logger;
}

namespace stoker::broker {

/// Whom a decision is about. A copy of what the request says, for answers that come later.
struct Caller {
    std::string principal;  // "User:ann"
    std::string host;
    int16_t api_key = 0;
};

struct AuthorizedAction {
    AclOperation operation = AclOperation::unknown;
    AclResource resource = AclResource::unknown;
    std::string_view name;
    /// How often the request names the resource.
    int references = 1;
    bool audit_denied = true;
};

class Authorizer {
public:
    static constexpr std::string_view class_name =
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    /// Where the audit lines go: denied at level info, allowed at debug.
    static constexpr const char* logger_name = "kafka.authorizer.logger";

    /// Nothing when authorizer.class.name is empty: then everybody may do everything. The error is
    /// a sentence. `acls` outlives it.
    static std::expected<std::unique_ptr<Authorizer>, std::string> create(
        const ConfigStore& configs, const AclIndex& acls);

    bool authorize(const Caller& caller, const AuthorizedAction& action) const;
    /// Whether the caller may do this with any resource of the kind (KIP-679). Not audited.
    bool authorize_any(const Caller& caller, AclOperation operation, AclResource resource) const;

private:
    Authorizer(std::set<std::string> super_users, bool allow_without_acls, const AclIndex& acls);

    void audit(const Caller& caller, const AuthorizedAction& action, bool allowed,
               std::string_view rule) const;

    std::set<std::string> super_users_;
    bool allow_without_acls_;
    const AclIndex& acls_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace stoker::broker
