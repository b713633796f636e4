// CreateDelegationToken (API 38): a secret by which somebody may log in for a while as whoever made
// it (KIP-48).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct TokenPrincipal {
    std::string principal_type;
    std::string principal_name;

    using Self = TokenPrincipal;
    static constexpr auto fields = Fields{
        field<&Self::principal_type>,
        field<&Self::principal_name>};
    bool operator==(const TokenPrincipal&) const = default;
};

struct CreateDelegationTokenRequest {
    static constexpr Api api{
        .key = 38, .name = "CreateDelegationToken", .versions = {1, 3}, .flexible = 2};

    std::optional<std::string> owner_principal_type = "";  // empty or null: whoever asks
    std::optional<std::string> owner_principal_name = "";
    std::vector<TokenPrincipal> renewers;
    int64_t max_lifetime_ms = 0;  // -1: the broker's own

    using Self = CreateDelegationTokenRequest;
    static constexpr auto fields = Fields{
        field<&Self::owner_principal_type, since(3)>,
        field<&Self::owner_principal_name, since(3)>,
        field<&Self::renewers>,
        field<&Self::max_lifetime_ms>};
    bool operator==(const CreateDelegationTokenRequest&) const = default;
};

struct CreateDelegationTokenResponse {
    static constexpr Api api = CreateDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::string principal_type;
    std::string principal_name;
    std::string token_requester_principal_type;
    std::string token_requester_principal_name;
    int64_t issue_timestamp_ms = 0;
    int64_t expiry_timestamp_ms = 0;
    int64_t max_timestamp_ms = 0;
    std::string token_id;
    Bytes hmac;
    int32_t throttle_time_ms = 0;

    using Self = CreateDelegationTokenResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::principal_type>,
        field<&Self::principal_name>,
        field<&Self::token_requester_principal_type, since(3)>,
        field<&Self::token_requester_principal_name, since(3)>,
        field<&Self::issue_timestamp_ms>,
        field<&Self::expiry_timestamp_ms>,
        field<&Self::max_timestamp_ms>,
        field<&Self::token_id>,
        field<&Self::hmac, secret()>,
        field<&Self::throttle_time_ms>};
    bool operator==(const CreateDelegationTokenResponse&) const = default;
};

}  // namespace stoker::protocol
