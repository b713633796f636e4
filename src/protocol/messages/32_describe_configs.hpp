// DescribeConfigs (API 32): configs of topics and brokers, with where each value comes from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeConfigsRequest {
    static constexpr Api api{
        .key = 32, .name = "DescribeConfigs", .versions = {1, 4}, .flexible = 4};

    struct DescribeConfigsResource {
        /// 2: topic, 4: broker, 8: broker logger, 16: client metrics, 32: group
        int8_t resource_type = 0;
        std::string resource_name;
        /// null: all
        std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};

        using Self = DescribeConfigsResource;
        static constexpr auto fields = Fields{
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::configuration_keys>};
        bool operator==(const DescribeConfigsResource&) const = default;
    };

    std::vector<DescribeConfigsResource> resources;
    bool include_synonyms = false;
    bool include_documentation = false;

    using Self = DescribeConfigsRequest;
    static constexpr auto fields = Fields{
        field<&Self::resources>,
        field<&Self::include_synonyms>,
        field<&Self::include_documentation, since(3)>};
    bool operator==(const DescribeConfigsRequest&) const = default;
};

struct DescribeConfigsResponse {
    static constexpr Api api = DescribeConfigsRequest::api;

    struct DescribeConfigsSynonym {
        std::string name;
        std::optional<std::string> value = "";
        int8_t source = 0;

        using Self = DescribeConfigsSynonym;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::value>,
            field<&Self::source>};
        bool operator==(const DescribeConfigsSynonym&) const = default;
    };

    struct DescribeConfigsResourceResult {
        std::string name;
        std::optional<std::string> value = "";
        bool read_only = false;
        int8_t config_source = -1;
        bool is_sensitive = false;
        std::vector<DescribeConfigsSynonym> synonyms;
        int8_t config_type = 0;
        std::optional<std::string> documentation = "";

        using Self = DescribeConfigsResourceResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::value>,
            field<&Self::read_only>,
            field<&Self::config_source>,
            field<&Self::is_sensitive>,
            field<&Self::synonyms>,
            field<&Self::config_type, ignorable(since(3))>,
            field<&Self::documentation, ignorable(since(3))>};
        bool operator==(const DescribeConfigsResourceResult&) const = default;
    };

    struct DescribeConfigsResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        int8_t resource_type = 0;
        std::string resource_name;
        std::vector<DescribeConfigsResourceResult> configs;

        using Self = DescribeConfigsResult;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::resource_type>,
            field<&Self::resource_name>,
            field<&Self::configs>};
        bool operator==(const DescribeConfigsResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DescribeConfigsResult> results;

    using Self = DescribeConfigsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const DescribeConfigsResponse&) const = default;
};

}  // namespace stoker::protocol
