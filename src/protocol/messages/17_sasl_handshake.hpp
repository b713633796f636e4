// SaslHandshake (API 17): which SASL mechanism the tokens that follow belong to. They follow bare
// in version 0, and in SaslAuthenticate requests from version 1 (KIP-43, KIP-152).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct SaslHandshakeRequest {
    static constexpr Api api{.key = 17, .name = "SaslHandshake", .versions = {0, 1}};

    std::string mechanism;

    using Self = SaslHandshakeRequest;
    static constexpr auto fields = Fields{field<&Self::mechanism>};
    bool operator==(const SaslHandshakeRequest&) const = default;
};

struct SaslHandshakeResponse {
    static constexpr Api api = SaslHandshakeRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> mechanisms;  // those that are enabled

    using Self = SaslHandshakeResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::mechanisms>};
    bool operator==(const SaslHandshakeResponse&) const = default;
};

}  // namespace stoker::protocol
