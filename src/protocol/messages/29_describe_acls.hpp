// DescribeAcls (API 29): the ACLs that match a filter.
//
// Numbers of all three ACL requests: resource type 1: any, 2: topic, 3: group, 4: cluster,
// 5: transactional id, 6: delegation token, 7: user; pattern type 1: any, 2: match, 3: literal,
// 4: prefixed; operation 1: any, 2: all, 3: read, 4: write, 5: create, 6: delete, 7: alter,
// 8: describe, 9: cluster action, 10: describe configs, 11: alter configs, 12: idempotent write,
// 13: create tokens, 14: describe tokens, 15: two-phase commit; permission type 1: any, 2: deny,
// 3: allow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeAclsRequest {
    static constexpr Api api{.key = 29, .name = "DescribeAcls", .versions = {1, 3}, .flexible = 2};

    int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = "";  // null here and below: any
    int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = "";
    std::optional<std::string> host_filter = "";
    int8_t operation = 0;
    int8_t permission_type = 0;

    using Self = DescribeAclsRequest;
    static constexpr auto fields = Fields{
        field<&Self::resource_type_filter>,
        field<&Self::resource_name_filter>,
        field<&Self::pattern_type_filter>,
        field<&Self::principal_filter>,
        field<&Self::host_filter>,
        field<&Self::operation>,
        field<&Self::permission_type>};
    bool operator==(const DescribeAclsRequest&) const = default;
};

struct DescribeAclsResponse {
    static constexpr Api api = DescribeAclsRequest::api;

    struct AclDescription {
        std::string principal;
        std::string host;
        int8_t operation = 0;
        int8_t permission_type = 0;

        using Self = AclDescription;
        static constexpr auto fields = Fields{
            field<&Self::principal>,
            field<&Self::host>,
            field<&Self::operation>,
            field<&Self::permission_type>};
        bool operator==(const AclDescription&) const = default;
    };

    struct DescribeAclsResource {
        int8_t resource_type = 0;
        std::string resource_name;
        int8_t pattern_type = 3;
        std::vector<AclDescription> acls;

        using Self = DescribeAclsResource;
        static constexpr auto fields = Fields{
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::pattern_type>,
            field<&Self::acls>};
        bool operator==(const DescribeAclsResource&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<DescribeAclsResource> resources;

    using Self = DescribeAclsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::resources>};
    bool operator==(const DescribeAclsResponse&) const = default;
};

}  // namespace stoker::protocol
