// UnregisterBroker (API 64): makes the cluster forget a broker that is gone (KIP-631).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct UnregisterBrokerRequest {
    static constexpr Api api{
        .key = 64, .name = "UnregisterBroker", .versions = {0, 0}, .flexible = 0};

    int32_t broker_id = 0;

    using Self = UnregisterBrokerRequest;
    static constexpr auto fields = Fields{field<&Self::broker_id>};
    bool operator==(const UnregisterBrokerRequest&) const = default;
};

struct UnregisterBrokerResponse {
    static constexpr Api api = UnregisterBrokerRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    using Self = UnregisterBrokerResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>};
    bool operator==(const UnregisterBrokerResponse&) const = default;
};

}  // namespace stoker::protocol
