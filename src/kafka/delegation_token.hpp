// Delegation tokens (APIs 38 to 41, KIP-48): the messages, which no broker of ours serves, and the
// calls of the admin client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "kafka/admin.hpp"
#include "protocol/schema.hpp"

namespace stoker::kafka {

struct Principal {
    std::string principal_type;
    std::string principal_name;

    using Self = Principal;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::principal_type>,
        protocol::field<&Self::principal_name>};
    bool operator==(const Principal&) const = default;
};
/// "User:alice".
std::string to_string(const Principal& principal);

struct CreateDelegationTokenRequest {
    static constexpr protocol::Api api{
        .key = 38, .name = "CreateDelegationToken", .versions = {1, 3}, .flexible = 2};

    std::optional<std::string> owner_principal_type;  // null: whoever asks
    std::optional<std::string> owner_principal_name;
    std::vector<Principal> renewers;
    int64_t max_lifetime_ms = 0;  // -1: the broker's own

    using Self = CreateDelegationTokenRequest;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::owner_principal_type, protocol::since(3)>,
        protocol::field<&Self::owner_principal_name, protocol::since(3)>,
        protocol::field<&Self::renewers>,
        protocol::field<&Self::max_lifetime_ms>};
    bool operator==(const CreateDelegationTokenRequest&) const = default;
};

struct CreateDelegationTokenResponse {
    static constexpr protocol::Api api = CreateDelegationTokenRequest::api;

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
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::error_code>,
        protocol::field<&Self::principal_type>,
        protocol::field<&Self::principal_name>,
        protocol::field<&Self::token_requester_principal_type, protocol::since(3)>,
        protocol::field<&Self::token_requester_principal_name, protocol::since(3)>,
        protocol::field<&Self::issue_timestamp_ms>,
        protocol::field<&Self::expiry_timestamp_ms>,
        protocol::field<&Self::max_timestamp_ms>,
        protocol::field<&Self::token_id>,
        protocol::field<&Self::hmac, protocol::secret()>,
        protocol::field<&Self::throttle_time_ms>};
    bool operator==(const CreateDelegationTokenResponse&) const = default;
};

struct RenewDelegationTokenRequest {
    static constexpr protocol::Api api{
        .key = 39, .name = "RenewDelegationToken", .versions = {1, 2}, .flexible = 2};

    Bytes hmac;
    int64_t renew_period_ms = 0;  // -1: the broker's own

    using Self = RenewDelegationTokenRequest;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::hmac, protocol::secret()>,
        protocol::field<&Self::renew_period_ms>};
    bool operator==(const RenewDelegationTokenRequest&) const = default;
};

struct RenewDelegationTokenResponse {
    static constexpr protocol::Api api = RenewDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    int64_t expiry_timestamp_ms = 0;
    int32_t throttle_time_ms = 0;

    using Self = RenewDelegationTokenResponse;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::error_code>,
        protocol::field<&Self::expiry_timestamp_ms>,
        protocol::field<&Self::throttle_time_ms>};
    bool operator==(const RenewDelegationTokenResponse&) const = default;
};

struct ExpireDelegationTokenRequest {
    static constexpr protocol::Api api{
        .key = 40, .name = "ExpireDelegationToken", .versions = {1, 2}, .flexible = 2};

    Bytes hmac;
    int64_t expiry_time_period_ms = 0;  // -1: at once

    using Self = ExpireDelegationTokenRequest;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::hmac, protocol::secret()>,
        protocol::field<&Self::expiry_time_period_ms>};
    bool operator==(const ExpireDelegationTokenRequest&) const = default;
};

struct ExpireDelegationTokenResponse {
    static constexpr protocol::Api api = ExpireDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    int64_t expiry_timestamp_ms = 0;
    int32_t throttle_time_ms = 0;

    using Self = ExpireDelegationTokenResponse;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::error_code>,
        protocol::field<&Self::expiry_timestamp_ms>,
        protocol::field<&Self::throttle_time_ms>};
    bool operator==(const ExpireDelegationTokenResponse&) const = default;
};

struct DescribeDelegationTokenRequest {
    static constexpr protocol::Api api{
        .key = 41, .name = "DescribeDelegationToken", .versions = {1, 3}, .flexible = 2};

    std::optional<std::vector<Principal>> owners = std::vector<Principal>{};  // null: all

    using Self = DescribeDelegationTokenRequest;
    static constexpr auto fields = protocol::Fields{protocol::field<&Self::owners>};
    bool operator==(const DescribeDelegationTokenRequest&) const = default;
};

struct DescribeDelegationTokenResponse {
    static constexpr protocol::Api api = DescribeDelegationTokenRequest::api;

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
        std::vector<Principal> renewers;

        using Self = DescribedDelegationToken;
        static constexpr auto fields = protocol::Fields{
            protocol::field<&Self::principal_type>,
            protocol::field<&Self::principal_name>,
            protocol::field<&Self::token_requester_principal_type, protocol::since(3)>,
            protocol::field<&Self::token_requester_principal_name, protocol::since(3)>,
            protocol::field<&Self::issue_timestamp>,
            protocol::field<&Self::expiry_timestamp>,
            protocol::field<&Self::max_timestamp>,
            protocol::field<&Self::token_id>,
            protocol::field<&Self::hmac, protocol::secret()>,
            protocol::field<&Self::renewers>};
        bool operator==(const DescribedDelegationToken&) const = default;
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribedDelegationToken> tokens;
    int32_t throttle_time_ms = 0;

    using Self = DescribeDelegationTokenResponse;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::error_code>,
        protocol::field<&Self::tokens>,
        protocol::field<&Self::throttle_time_ms>};
    bool operator==(const DescribeDelegationTokenResponse&) const = default;
};

using DelegationToken = DescribeDelegationTokenResponse::DescribedDelegationToken;

Outcome<DelegationToken> create_delegation_token(Admin& admin,
                                                 const CreateDelegationTokenRequest& request);
/// When the token expires now.
Outcome<int64_t> renew_delegation_token(Admin& admin, const RenewDelegationTokenRequest& request);
Outcome<int64_t> expire_delegation_token(Admin& admin,
                                         const ExpireDelegationTokenRequest& request);
/// Without owners: all that whoever asks may see.
Outcome<std::vector<DelegationToken>> describe_delegation_tokens(
    Admin& admin, const std::vector<Principal>& owners);

}  // namespace stoker::kafka
