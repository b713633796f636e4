// LeaveGroup (API 13): members leave a classic group; several at once since version 3 (KIP-345).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct LeaveGroupRequest {
    static constexpr Api api{.key = 13, .name = "LeaveGroup", .versions = {0, 5}, .flexible = 4};

    struct MemberIdentity {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::optional<std::string> reason;  // KIP-800

        using Self = MemberIdentity;
        static constexpr auto fields = Fields{
            field<&Self::member_id, since(3)>,
            field<&Self::group_instance_id, since(3)>,
            field<&Self::reason, ignorable(since(5))>};
        bool operator==(const MemberIdentity&) const = default;
    };

    std::string group_id;
    std::string member_id;
    std::vector<MemberIdentity> members;

    using Self = LeaveGroupRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::member_id, until(2)>,
        field<&Self::members, since(3)>};
    bool operator==(const LeaveGroupRequest&) const = default;
};

struct LeaveGroupResponse {
    static constexpr Api api = LeaveGroupRequest::api;

    struct MemberResponse {
        std::string member_id;
        std::optional<std::string> group_instance_id = "";
        ErrorCode error_code = ErrorCode::none;

        using Self = MemberResponse;
        static constexpr auto fields = Fields{
            field<&Self::member_id, since(3)>,
            field<&Self::group_instance_id, since(3)>,
            field<&Self::error_code, since(3)>};
        bool operator==(const MemberResponse&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<MemberResponse> members;

    using Self = LeaveGroupResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::error_code>,
        field<&Self::members, since(3)>};
    bool operator==(const LeaveGroupResponse&) const = default;
};

}  // namespace stoker::protocol
