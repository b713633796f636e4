// AlterConfigs (API 33): all configs of a resource at once; those not named go back to their
// defaults. IncrementalAlterConfigs (API 44) has replaced it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AlterConfigsRequest {
    static constexpr Api api{.key = 33, .name = "AlterConfigs", .versions = {0, 2}, .flexible = 2};

    struct AlterableConfig {
        std::string name;
        std::optional<std::string> value = "";  // null: an error; may be a password

        using Self = AlterableConfig;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::value, secret()>};
        bool operator==(const AlterableConfig&) const = default;
    };

    struct AlterConfigsResource {
        /// 2: topic, 4: broker, 8: broker logger, 16: client metrics, 32: group
        int8_t resource_type = 0;
        std::string resource_name;
        std::vector<AlterableConfig> configs;

        using Self = AlterConfigsResource;
        static constexpr auto fields = Fields{
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::configs>};
        bool operator==(const AlterConfigsResource&) const = default;
    };

    std::vector<AlterConfigsResource> resources;
    bool validate_only = false;

    using Self = AlterConfigsRequest;
    static constexpr auto fields = Fields{
        field<&Self::resources>,
        field<&Self::validate_only>};
    bool operator==(const AlterConfigsRequest&) const = default;
};

struct AlterConfigsResponse {
    static constexpr Api api = AlterConfigsRequest::api;

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        /// 2: topic, 4: broker, 8: broker logger, 16: client metrics, 32: group
        int8_t resource_type = 0;
        std::string resource_name;

        using Self = AlterConfigsResourceResponse;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::resource_type>,
            field<&Self::resource_name>};
        bool operator==(const AlterConfigsResourceResponse&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    using Self = AlterConfigsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::responses>};
    bool operator==(const AlterConfigsResponse&) const = default;
};

}  // namespace stoker::protocol
