// Heartbeat (API 12): a member of a classic group is alive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct HeartbeatRequest {
    static constexpr Api api{.key = 12, .name = "Heartbeat", .versions = {0, 4}, .flexible = 4};

    std::string group_id;
    int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;  // static membership (KIP-345)

    using Self = HeartbeatRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::generation_id>,
        field<&Self::member_id>,
        field<&Self::group_instance_id, since(3)>};
    bool operator==(const HeartbeatRequest&) const = default;
};

struct HeartbeatResponse {
    static constexpr Api api = HeartbeatRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    using Self = HeartbeatResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::error_code>};
    bool operator==(const HeartbeatResponse&) const = default;
};

}  // namespace stoker::protocol
