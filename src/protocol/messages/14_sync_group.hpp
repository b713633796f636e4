// SyncGroup (API 14): the second half of a rebalance: the leader hands out what each member gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct SyncGroupRequest {
    static constexpr Api api{.key = 14, .name = "SyncGroup", .versions = {0, 5}, .flexible = 4};

    struct SyncGroupRequestAssignment {
        std::string member_id;
        Bytes assignment;

        using Self = SyncGroupRequestAssignment;
        static constexpr auto fields = Fields{
            field<&Self::member_id>,
            field<&Self::assignment>};
        bool operator==(const SyncGroupRequestAssignment&) const = default;
    };

    std::string group_id;
    int32_t generation_id = 0;
    std::string member_id;
    std::optional<std::string> group_instance_id;  // static membership (KIP-345)
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::vector<SyncGroupRequestAssignment> assignments;  // only from the leader

    using Self = SyncGroupRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::generation_id>,
        field<&Self::member_id>,
        field<&Self::group_instance_id, since(3)>,
        field<&Self::protocol_type, ignorable(since(5))>,
        field<&Self::protocol_name, ignorable(since(5))>,
        field<&Self::assignments>};
    bool operator==(const SyncGroupRequest&) const = default;
};

struct SyncGroupResponse {
    static constexpr Api api = SyncGroupRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    Bytes assignment;

    using Self = SyncGroupResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::error_code>,
        field<&Self::protocol_type, ignorable(since(5))>,
        field<&Self::protocol_name, ignorable(since(5))>,
        field<&Self::assignment>};
    bool operator==(const SyncGroupResponse&) const = default;
};

}  // namespace stoker::protocol
