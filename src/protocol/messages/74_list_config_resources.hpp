// ListConfigResources (API 74): the resources that have configs of their own. Version 0 knows
// client metrics only (KIP-714), version 1 any kind (KIP-1142).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ListConfigResourcesRequest {
    static constexpr Api api{
        .key = 74, .name = "ListConfigResources", .versions = {0, 1}, .flexible = 0};

    std::vector<int8_t> resource_types;  // empty: every kind that the broker knows

    using Self = ListConfigResourcesRequest;
    static constexpr auto fields = Fields{field<&Self::resource_types, since(1)>};
    bool operator==(const ListConfigResourcesRequest&) const = default;
};

struct ListConfigResourcesResponse {
    static constexpr Api api = ListConfigResourcesRequest::api;

    struct ConfigResource {
        std::string resource_name;
        /// 2: topic, 4: broker, 8: broker logger, 16: client metrics, 32: group
        int8_t resource_type = 16;

        using Self = ConfigResource;
        static constexpr auto fields = Fields{
            field<&Self::resource_name>,
            field<&Self::resource_type, ignorable(since(1))>};
        bool operator==(const ConfigResource&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ConfigResource> config_resources;

    using Self = ListConfigResourcesResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::config_resources>};
    bool operator==(const ListConfigResourcesResponse&) const = default;
};

}  // namespace stoker::protocol
