// ListGroups (API 16): the groups of a broker, by state and by type if asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ListGroupsRequest {
    static constexpr Api api{.key = 16, .name = "ListGroups", .versions = {0, 5}, .flexible = 3};

    std::vector<std::string> states_filter;  // empty: all (KIP-518)
    std::vector<std::string> types_filter;  // empty: all (KIP-848)

    using Self = ListGroupsRequest;
    static constexpr auto fields = Fields{
        field<&Self::states_filter, since(4)>,
        field<&Self::types_filter, since(5)>};
    bool operator==(const ListGroupsRequest&) const = default;
};

struct ListGroupsResponse {
    static constexpr Api api = ListGroupsRequest::api;

    struct ListedGroup {
        std::string group_id;
        std::string protocol_type;
        std::string group_state;
        std::string group_type;

        using Self = ListedGroup;
        static constexpr auto fields = Fields{
            field<&Self::group_id>,
            field<&Self::protocol_type>,
            field<&Self::group_state, ignorable(since(4))>,
            field<&Self::group_type, ignorable(since(5))>};
        bool operator==(const ListedGroup&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ListedGroup> groups;

    using Self = ListGroupsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::error_code>,
        field<&Self::groups>};
    bool operator==(const ListGroupsResponse&) const = default;
};

}  // namespace stoker::protocol
