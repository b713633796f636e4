// DescribeGroups (API 15): classic groups with their members.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeGroupsRequest {
    static constexpr Api api{
        .key = 15, .name = "DescribeGroups", .versions = {0, 6}, .flexible = 5};

    std::vector<std::string> groups;
    bool include_authorized_operations = false;

    using Self = DescribeGroupsRequest;
    static constexpr auto fields = Fields{
        field<&Self::groups>,
        field<&Self::include_authorized_operations, since(3)>};
    bool operator==(const DescribeGroupsRequest&) const = default;
};

struct DescribeGroupsResponse {
    static constexpr Api api = DescribeGroupsRequest::api;

    struct DescribedGroupMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        Bytes member_metadata;
        Bytes member_assignment;

        using Self = DescribedGroupMember;
        static constexpr auto fields = Fields{
            field<&Self::member_id>,
            field<&Self::group_instance_id, ignorable(since(4))>,
            field<&Self::client_id>,
            field<&Self::client_host>,
            field<&Self::member_metadata>,
            field<&Self::member_assignment>};
        bool operator==(const DescribedGroupMember&) const = default;
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::string protocol_type;
        std::string protocol_data;
        std::vector<DescribedGroupMember> members;
        /// a bit field (KIP-430); the minimum: not asked for
        int32_t authorized_operations = std::numeric_limits<int32_t>::min();

        using Self = DescribedGroup;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message, since(6)>,
            field<&Self::group_id>,
            field<&Self::group_state>,
            field<&Self::protocol_type>,
            field<&Self::protocol_data>,
            field<&Self::members>,
            field<&Self::authorized_operations, since(3)>};
        bool operator==(const DescribedGroup&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    using Self = DescribeGroupsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::groups>};
    bool operator==(const DescribeGroupsResponse&) const = default;
};

}  // namespace stoker::protocol
