#include "broker/security/access.hpp"

#include "base/check.hpp"
#include "broker/authorized_operations.hpp"
#include "broker/broker.hpp"

namespace stoker::broker {

Access::Access(const Broker& broker, const Request& request) : authorizer_(broker.authorizer()) {
    if (authorizer_ == nullptr) return;
    caller_ = {.principal = request.principal,
               .host = request.peer.address,
               .api_key = request.header.request_api_key};
}

bool Access::allows(Right right, std::string_view name, int references) const {
    if (authorizer_ == nullptr) return true;
    const AuthorizationRow& row = row_of(right);
    STOKER_CHECK(row.api == caller_.api_key, "a handler asks by the rows of its own API");
    bool audited = row.denial == Denial::refused || row.denial == Denial::withheld;
    return authorizer_->authorize(caller_, {.operation = row.operation,
                                            .resource = row.resource,
                                            .name = name,
                                            .references = references,
                                            .audit_denied = audited});
}

bool Access::allows_any(Right right) const {
    if (authorizer_ == nullptr) return true;
    const AuthorizationRow& row = row_of(right);
    return authorizer_->authorize_any(caller_, row.operation, row.resource);
}

int32_t Access::operations(AclResource resource, std::string_view name) const {
    int32_t possible = possible_operations(resource);
    if (authorizer_ == nullptr) return possible;
    int32_t allowed = 0;
    for (int code = int(AclOperation::read); code <= int(AclOperation::two_phase_commit); ++code) {
        if ((possible & (1 << code)) == 0) continue;
        if (authorizer_->authorize(caller_, {.operation = AclOperation(code),
                                             .resource = resource,
                                             .name = name,
                                             .audit_denied = false}))
            allowed |= 1 << code;
    }
    return allowed;
}

}  // namespace stoker::broker
