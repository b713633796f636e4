// DeleteAcls (API 31): takes away all ACLs that match a filter. What the numbers mean is in
// 29_describe_acls.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DeleteAclsRequest {
    static constexpr Api api{.key = 31, .name = "DeleteAcls", .versions = {1, 3}, .flexible = 2};

    struct DeleteAclsFilter {
        int8_t resource_type_filter = 0;
        std::optional<std::string> resource_name_filter = "";  // null here and below: any
        int8_t pattern_type_filter = 3;
        std::optional<std::string> principal_filter = "";
        std::optional<std::string> host_filter = "";
        int8_t operation = 0;
        int8_t permission_type = 0;

        using Self = DeleteAclsFilter;
        static constexpr auto fields = Fields{
            field<&Self::resource_type_filter>,
            field<&Self::resource_name_filter>,
            field<&Self::pattern_type_filter>,
            field<&Self::principal_filter>,
            field<&Self::host_filter>,
            field<&Self::operation>,
            field<&Self::permission_type>};
        bool operator==(const DeleteAclsFilter&) const = default;
    };

    std::vector<DeleteAclsFilter> filters;

    using Self = DeleteAclsRequest;
    static constexpr auto fields = Fields{field<&Self::filters>};
    bool operator==(const DeleteAclsRequest&) const = default;
};

struct DeleteAclsResponse {
    static constexpr Api api = DeleteAclsRequest::api;

    struct DeleteAclsMatchingAcl {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        int8_t resource_type = 0;
        std::string resource_name;
        int8_t pattern_type = 3;
        std::string principal;
        std::string host;
        int8_t operation = 0;
        int8_t permission_type = 0;

        using Self = DeleteAclsMatchingAcl;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::pattern_type>,
            field<&Self::principal>,
            field<&Self::host>,
            field<&Self::operation>,
            field<&Self::permission_type>};
        bool operator==(const DeleteAclsMatchingAcl&) const = default;
    };

    struct DeleteAclsFilterResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::vector<DeleteAclsMatchingAcl> matching_acls;

        using Self = DeleteAclsFilterResult;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::matching_acls>};
        bool operator==(const DeleteAclsFilterResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeleteAclsFilterResult> filter_results;

    using Self = DeleteAclsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::filter_results>};
    bool operator==(const DeleteAclsResponse&) const = default;
};

}  // namespace stoker::protocol
