// ApiVersions (API 18): what the broker understands. The first request of most clients, sent in a
// version that the broker may not know; its answer never has a flexible header (KIP-511).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ApiVersionsRequest {
    static constexpr Api api{
        .key = 18, .name = "ApiVersions", .versions = {0, 4}, .flexible = 3,
        .plain_response_header = true};

    std::string client_software_name;
    std::string client_software_version;

    using Self = ApiVersionsRequest;
    static constexpr auto fields = Fields{
        field<&Self::client_software_name, ignorable(since(3))>,
        field<&Self::client_software_version, ignorable(since(3))>};
    bool operator==(const ApiVersionsRequest&) const = default;
};

struct ApiVersionsResponse {
    static constexpr Api api = ApiVersionsRequest::api;

    struct ApiVersion {
        int16_t api_key = 0;
        int16_t min_version = 0;
        int16_t max_version = 0;

        using Self = ApiVersion;
        static constexpr auto fields = Fields{
            field<&Self::api_key>,
            field<&Self::min_version>,
            field<&Self::max_version>};
        bool operator==(const ApiVersion&) const = default;
    };

    struct SupportedFeatureKey {
        std::string name;
        int16_t min_version = 0;
        int16_t max_version = 0;

        using Self = SupportedFeatureKey;
        static constexpr auto fields = Fields{
            field<&Self::name, since(3)>,
            field<&Self::min_version, since(3)>,
            field<&Self::max_version, since(3)>};
        bool operator==(const SupportedFeatureKey&) const = default;
    };

    struct FinalizedFeatureKey {
        std::string name;
        int16_t max_version_level = 0;
        int16_t min_version_level = 0;

        using Self = FinalizedFeatureKey;
        static constexpr auto fields = Fields{
            field<&Self::name, since(3)>,
            field<&Self::max_version_level, since(3)>,
            field<&Self::min_version_level, since(3)>};
        bool operator==(const FinalizedFeatureKey&) const = default;
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<ApiVersion> api_keys;
    int32_t throttle_time_ms = 0;
    std::vector<SupportedFeatureKey> supported_features;
    int64_t finalized_features_epoch = -1;  // -1: unknown
    std::vector<FinalizedFeatureKey> finalized_features;
    bool zk_migration_ready = false;  // KIP-866

    using Self = ApiVersionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::api_keys>,
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::supported_features, tagged(0, ignorable(since(3)))>,
        field<&Self::finalized_features_epoch, tagged(1, ignorable(since(3)))>,
        field<&Self::finalized_features, tagged(2, ignorable(since(3)))>,
        field<&Self::zk_migration_ready, tagged(3, ignorable(since(3)))>};
    bool operator==(const ApiVersionsResponse&) const = default;
};

}  // namespace stoker::protocol
