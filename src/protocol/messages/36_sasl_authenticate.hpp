// SaslAuthenticate (API 36): one token of a SASL exchange (KIP-152), and how long what it leads to
// is good for (KIP-368).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct SaslAuthenticateRequest {
    static constexpr Api api{
        .key = 36, .name = "SaslAuthenticate", .versions = {0, 2}, .flexible = 2};

    Bytes auth_bytes;

    using Self = SaslAuthenticateRequest;
    static constexpr auto fields = Fields{field<&Self::auth_bytes, secret()>};
    bool operator==(const SaslAuthenticateRequest&) const = default;
};

struct SaslAuthenticateResponse {
    static constexpr Api api = SaslAuthenticateRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    Bytes auth_bytes;
    int64_t session_lifetime_ms = 0;  // 0: until the connection ends

    using Self = SaslAuthenticateResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::auth_bytes, secret()>,
        field<&Self::session_lifetime_ms, ignorable(since(1))>};
    bool operator==(const SaslAuthenticateResponse&) const = default;
};

}  // namespace stoker::protocol
