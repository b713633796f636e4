// IncrementalAlterConfigs (API 44): single configs of topics and brokers (KIP-339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct IncrementalAlterConfigsRequest {
    static constexpr Api api{
        .key = 44, .name = "IncrementalAlterConfigs", .versions = {0, 1}, .flexible = 1};

    struct AlterableConfig {
        std::string name;
        int8_t config_operation = 0;  // 0: set, 1: delete, 2: append, 3: subtract
        std::optional<std::string> value = "";  // may be a password

        using Self = AlterableConfig;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::config_operation>,
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

    using Self = IncrementalAlterConfigsRequest;
    static constexpr auto fields = Fields{
        field<&Self::resources>,
        field<&Self::validate_only>};
    bool operator==(const IncrementalAlterConfigsRequest&) const = default;
};

struct IncrementalAlterConfigsResponse {
    static constexpr Api api = IncrementalAlterConfigsRequest::api;

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
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

    using Self = IncrementalAlterConfigsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::responses>};
    bool operator==(const IncrementalAlterConfigsResponse&) const = default;
};

}  // namespace stoker::protocol
