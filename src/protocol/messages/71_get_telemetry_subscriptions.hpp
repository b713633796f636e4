// GetTelemetrySubscriptions (API 71): which metrics of its own a client is to send (KIP-714).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct GetTelemetrySubscriptionsRequest {
    static constexpr Api api{
        .key = 71, .name = "GetTelemetrySubscriptions", .versions = {0, 0}, .flexible = 0};

    Uuid client_instance_id;  // zero at first: the broker gives one

    using Self = GetTelemetrySubscriptionsRequest;
    static constexpr auto fields = Fields{field<&Self::client_instance_id>};
    bool operator==(const GetTelemetrySubscriptionsRequest&) const = default;
};

struct GetTelemetrySubscriptionsResponse {
    static constexpr Api api = GetTelemetrySubscriptionsRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    Uuid client_instance_id;  // zero if the client has one already
    int32_t subscription_id = 0;
    /// as in record batches: 1: gzip, 2: snappy, 3: lz4, 4: zstd
    std::vector<int8_t> accepted_compression_types;
    int32_t push_interval_ms = 0;
    int32_t telemetry_max_bytes = 0;
    bool delta_temporality = false;  // counters as differences, not as totals
    std::vector<std::string> requested_metrics;  // prefixes of names; one that is empty: all

    using Self = GetTelemetrySubscriptionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::client_instance_id>,
        field<&Self::subscription_id>,
        field<&Self::accepted_compression_types>,
        field<&Self::push_interval_ms>,
        field<&Self::telemetry_max_bytes>,
        field<&Self::delta_temporality>,
        field<&Self::requested_metrics>};
    bool operator==(const GetTelemetrySubscriptionsResponse&) const = default;
};

}  // namespace stoker::protocol
