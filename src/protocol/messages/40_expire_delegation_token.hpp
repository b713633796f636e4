// ExpireDelegationToken (API 40): a delegation token lives less long.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ExpireDelegationTokenRequest {
    static constexpr Api api{
        .key = 40, .name = "ExpireDelegationToken", .versions = {1, 2}, .flexible = 2};

    Bytes hmac;
    int64_t expiry_time_period_ms = 0;  // -1: at once

    using Self = ExpireDelegationTokenRequest;
    static constexpr auto fields = Fields{
        field<&Self::hmac, secret()>,
        field<&Self::expiry_time_period_ms>};
    bool operator==(const ExpireDelegationTokenRequest&) const = default;
};

struct ExpireDelegationTokenResponse {
    static constexpr Api api = ExpireDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    int64_t expiry_timestamp_ms = 0;
    int32_t throttle_time_ms = 0;

    using Self = ExpireDelegationTokenResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::expiry_timestamp_ms>,
        field<&Self::throttle_time_ms>};
    bool operator==(const ExpireDelegationTokenResponse&) const = default;
};

}  // namespace stoker::protocol
