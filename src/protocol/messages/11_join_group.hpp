// JoinGroup (API 11): the first half of a rebalance in the classic group protocol: members offer
// their protocols, the leader learns who is there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct JoinGroupRequest {
    static constexpr Api api{.key = 11, .name = "JoinGroup", .versions = {0, 9}, .flexible = 6};

    struct JoinGroupRequestProtocol {
        std::string name;
        Bytes metadata;

        using Self = JoinGroupRequestProtocol;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::metadata>};
        bool operator==(const JoinGroupRequestProtocol&) const = default;
    };

    std::string group_id;
    int32_t session_timeout_ms = 0;
    int32_t rebalance_timeout_ms = -1;  // -1: the session time-out
    std::string member_id;  // empty at the first join
    std::optional<std::string> group_instance_id;  // static membership (KIP-345)
    std::string protocol_type;
    std::vector<JoinGroupRequestProtocol> protocols;  // in order of preference
    std::optional<std::string> reason;  // KIP-800

    using Self = JoinGroupRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::session_timeout_ms>,
        field<&Self::rebalance_timeout_ms, ignorable(since(1))>,
        field<&Self::member_id>,
        field<&Self::group_instance_id, since(5)>,
        field<&Self::protocol_type>,
        field<&Self::protocols>,
        field<&Self::reason, ignorable(since(8))>};
    bool operator==(const JoinGroupRequest&) const = default;
};

struct JoinGroupResponse {
    static constexpr Api api = JoinGroupRequest::api;

    struct JoinGroupResponseMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        Bytes metadata;

        using Self = JoinGroupResponseMember;
        static constexpr auto fields = Fields{
            field<&Self::member_id>,
            field<&Self::group_instance_id, ignorable(since(5))>,
            field<&Self::metadata>};
        bool operator==(const JoinGroupResponseMember&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t generation_id = -1;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name = "";
    std::string leader;
    bool skip_assignment = false;  // KIP-814
    std::string member_id;
    std::vector<JoinGroupResponseMember> members;  // only for the leader

    using Self = JoinGroupResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(2))>,
        field<&Self::error_code>,
        field<&Self::generation_id>,
        field<&Self::protocol_type, ignorable(since(7))>,
        field<&Self::protocol_name, nullable_since(7)>,
        field<&Self::leader>,
        field<&Self::skip_assignment, since(9)>,
        field<&Self::member_id>,
        field<&Self::members>};
    bool operator==(const JoinGroupResponse&) const = default;
};

}  // namespace stoker::protocol
