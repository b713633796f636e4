// DescribeDelegationToken (API 41): the delegation tokens that whoever asks may see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/messages/38_create_delegation_token.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeDelegationTokenRequest {
    static constexpr Api api{
        .key = 41, .name = "DescribeDelegationToken", .versions = {1, 3}, .flexible = 2};

    std::optional<std::vector<TokenPrincipal>> owners = std::vector<TokenPrincipal>{};  // null: all

    using Self = DescribeDelegationTokenRequest;
    static constexpr auto fields = Fields{field<&Self::owners>};
    bool operator==(const DescribeDelegationTokenRequest&) const = default;
};

struct DescribeDelegationTokenResponse {
    static constexpr Api api = DescribeDelegationTokenRequest::api;

    struct DescribedDelegationToken {
        std::string principal_type;
        std::string principal_name;
        std::string token_requester_principal_type;
        std::string token_requester_principal_name;
        int64_t issue_timestamp = 0;
        int64_t expiry_timestamp = 0;
        int64_t max_timestamp = 0;
        std::string token_id;
        Bytes hmac;
        std::vector<TokenPrincipal> renewers;

        using Self = DescribedDelegationToken;
        static constexpr auto fields = Fields{
            field<&Self::principal_type>,
            field<&Self::principal_name>,
            field<&Self::token_requester_principal_type, since(3)>,
            field<&Self::token_requester_principal_name, since(3)>,
            field<&Self::issue_timestamp>,
            field<&Self::expiry_timestamp>,
            field<&Self::max_timestamp>,
            field<&Self::token_id>,
            field<&Self::hmac, secret()>,
            field<&Self::renewers>};
        bool operator==(const DescribedDelegationToken&) const = default;
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribedDelegationToken> tokens;
    int32_t throttle_time_ms = 0;

    using Self = DescribeDelegationTokenResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::tokens>,
        field<&Self::throttle_time_ms>};
    bool operator==(const DescribeDelegationTokenResponse&) const = default;
};

}  // namespace stoker::protocol
