// RenewDelegationToken (API 39): a delegation token lives longer.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct RenewDelegationTokenRequest {
    static constexpr Api api{
        .key = 39, .name = "RenewDelegationToken", .versions = {1, 2}, .flexible = 2};

    Bytes hmac;
    int64_t renew_period_ms = 0;  // -1: the broker's own

    using Self = RenewDelegationTokenRequest;
    static constexpr auto fields = Fields{
        field<&Self::hmac, secret()>,
        field<&Self::renew_period_ms>};
    bool operator==(const RenewDelegationTokenRequest&) const = default;
};

struct RenewDelegationTokenResponse {
    static constexpr Api api = RenewDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    int64_t expiry_timestamp_ms = 0;
    int32_t throttle_time_ms = 0;

    using Self = RenewDelegationTokenResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::expiry_timestamp_ms>,
        field<&Self::throttle_time_ms>};
    bool operator==(const RenewDelegationTokenResponse&) const = default;
};

}  // namespace stoker::protocol
