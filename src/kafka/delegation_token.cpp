#include "kafka/delegation_token.hpp"

namespace stoker::kafka {

std::string to_string(const Principal& principal) {
    return principal.principal_type + ":" + principal.principal_name;
}

Outcome<DelegationToken> create_delegation_token(Admin& admin,
                                                 const CreateDelegationTokenRequest& request) {
    auto answer = admin.call<CreateDelegationTokenResponse>("createDelegationToken", Target::any(),
                                                            request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return DelegationToken{
        .principal_type = answer->principal_type,
        .principal_name = answer->principal_name,
        .token_requester_principal_type = answer->token_requester_principal_type,
        .token_requester_principal_name = answer->token_requester_principal_name,
        .issue_timestamp = answer->issue_timestamp_ms,
        .expiry_timestamp = answer->expiry_timestamp_ms,
        .max_timestamp = answer->max_timestamp_ms,
        .token_id = answer->token_id,
        .hmac = answer->hmac,
        .renewers = request.renewers};
}

Outcome<int64_t> renew_delegation_token(Admin& admin, const RenewDelegationTokenRequest& request) {
    auto answer = admin.call<RenewDelegationTokenResponse>("renewDelegationToken", Target::any(),
                                                           request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return answer->expiry_timestamp_ms;
}

Outcome<int64_t> expire_delegation_token(Admin& admin,
                                         const ExpireDelegationTokenRequest& request) {
    auto answer = admin.call<ExpireDelegationTokenResponse>("expireDelegationToken", Target::any(),
                                                            request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return answer->expiry_timestamp_ms;
}

Outcome<std::vector<DelegationToken>> describe_delegation_tokens(
    Admin& admin, const std::vector<Principal>& owners) {
    DescribeDelegationTokenRequest request{.owners = owners};
    if (owners.empty()) request.owners.reset();
    auto answer = admin.call<DescribeDelegationTokenResponse>("describeDelegationToken",
                                                              Target::any(), request);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) return failed(failure_of(answer->error_code));
    return std::move(answer->tokens);
}

}  // namespace stoker::kafka
