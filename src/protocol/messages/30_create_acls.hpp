// CreateAcls (API 30): new ACLs. What the numbers mean is in 29_describe_acls.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct CreateAclsRequest {
    static constexpr Api api{.key = 30, .name = "CreateAcls", .versions = {1, 3}, .flexible = 2};

    struct AclCreation {
        int8_t resource_type = 0;
        std::string resource_name;
        int8_t resource_pattern_type = 3;
        std::string principal;
        std::string host;
        int8_t operation = 0;
        int8_t permission_type = 0;

        using Self = AclCreation;
        static constexpr auto fields = Fields{
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::resource_pattern_type>,
            field<&Self::principal>,
            field<&Self::host>,
            field<&Self::operation>,
            field<&Self::permission_type>};
        bool operator==(const AclCreation&) const = default;
    };

    std::vector<AclCreation> creations;

    using Self = CreateAclsRequest;
    static constexpr auto fields = Fields{field<&Self::creations>};
    bool operator==(const CreateAclsRequest&) const = default;
};

struct CreateAclsResponse {
    static constexpr Api api = CreateAclsRequest::api;

    struct AclCreationResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = AclCreationResult;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const AclCreationResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<AclCreationResult> results;

    using Self = CreateAclsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const CreateAclsResponse&) const = default;
};

}  // namespace stoker::protocol
