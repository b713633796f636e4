// DeleteGroups (API 42): empty groups, with their offsets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DeleteGroupsRequest {
    static constexpr Api api{.key = 42, .name = "DeleteGroups", .versions = {0, 2}, .flexible = 2};

    std::vector<std::string> groups_names;

    using Self = DeleteGroupsRequest;
    static constexpr auto fields = Fields{field<&Self::groups_names>};
    bool operator==(const DeleteGroupsRequest&) const = default;
};

struct DeleteGroupsResponse {
    static constexpr Api api = DeleteGroupsRequest::api;

    struct DeletableGroupResult {
        std::string group_id;
        ErrorCode error_code = ErrorCode::none;

        using Self = DeletableGroupResult;
        static constexpr auto fields = Fields{
            field<&Self::group_id>,
            field<&Self::error_code>};
        bool operator==(const DeletableGroupResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results;

    using Self = DeleteGroupsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const DeleteGroupsResponse&) const = default;
};

}  // namespace stoker::protocol
