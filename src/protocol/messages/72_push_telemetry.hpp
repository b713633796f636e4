// PushTelemetry (API 72): a client's own metrics (KIP-714).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct PushTelemetryRequest {
    static constexpr Api api{
        .key = 72, .name = "PushTelemetry", .versions = {0, 0}, .flexible = 0};

    Uuid client_instance_id;
    int32_t subscription_id = 0;
    bool terminating = false;  // the last one before the client ends
    int8_t compression_type = 0;
    Bytes metrics;  // OpenTelemetry MetricsData, protobuf

    using Self = PushTelemetryRequest;
    static constexpr auto fields = Fields{
        field<&Self::client_instance_id>,
        field<&Self::subscription_id>,
        field<&Self::terminating>,
        field<&Self::compression_type>,
        field<&Self::metrics>};
    bool operator==(const PushTelemetryRequest&) const = default;
};

struct PushTelemetryResponse {
    static constexpr Api api = PushTelemetryRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    using Self = PushTelemetryResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>};
    bool operator==(const PushTelemetryResponse&) const = default;
};

}  // namespace stoker::protocol
