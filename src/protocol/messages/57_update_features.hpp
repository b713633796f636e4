// UpdateFeatures (API 57): the finalized levels of features, metadata.version among them (KIP-584).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct UpdateFeaturesRequest {
    static constexpr Api api{
        .key = 57, .name = "UpdateFeatures", .versions = {0, 2}, .flexible = 0};

    struct FeatureUpdateKey {
        std::string feature;
        int16_t max_version_level = 0;  // the new level; below 1: take the feature away
        bool allow_downgrade = false;
        int8_t upgrade_type = 1;  // 1: only up, 2: down without loss, 3: down at any price

        using Self = FeatureUpdateKey;
        static constexpr auto fields = Fields{
            field<&Self::feature>,
            field<&Self::max_version_level>,
            field<&Self::allow_downgrade, until(0)>,
            field<&Self::upgrade_type, since(1)>};
        bool operator==(const FeatureUpdateKey&) const = default;
    };

    int32_t timeout_ms = 60000;
    std::vector<FeatureUpdateKey> feature_updates;
    bool validate_only = false;

    using Self = UpdateFeaturesRequest;
    static constexpr auto fields = Fields{
        field<&Self::timeout_ms>,
        field<&Self::feature_updates>,
        field<&Self::validate_only, since(1)>};
    bool operator==(const UpdateFeaturesRequest&) const = default;
};

struct UpdateFeaturesResponse {
    static constexpr Api api = UpdateFeaturesRequest::api;

    struct UpdatableFeatureResult {
        std::string feature;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = UpdatableFeatureResult;
        static constexpr auto fields = Fields{
            field<&Self::feature>,
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const UpdatableFeatureResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<UpdatableFeatureResult> results;

    using Self = UpdateFeaturesResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::results, ignorable(until(1))>};
    bool operator==(const UpdateFeaturesResponse&) const = default;
};

}  // namespace stoker::protocol
