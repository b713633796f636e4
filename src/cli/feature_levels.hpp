// The metadata versions of Apache Kafka 4.3 and what its features are at each: kafka-features and
// kafka-storage look them up without a broker.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoker::cli {

struct MetadataVersion {
    int16_t level;
    std::string_view name;
};

inline constexpr MetadataVersion metadata_versions[] = {
    {7, "3.3-IV3"},
    {8, "3.4-IV0"},
    {9, "3.5-IV0"},
    {10, "3.5-IV1"},
    {11, "3.5-IV2"},
    {12, "3.6-IV0"},
    {13, "3.6-IV1"},
    {14, "3.6-IV2"},
    {15, "3.7-IV0"},
    {16, "3.7-IV1"},
    {17, "3.7-IV2"},
    {18, "3.7-IV3"},
    {19, "3.7-IV4"},
    {20, "3.8-IV0"},
    {21, "3.9-IV0"},
    {22, "4.0-IV0"},
    {23, "4.0-IV1"},
    {24, "4.0-IV2"},
    {25, "4.0-IV3"},
    {26, "4.1-IV0"},
    {27, "4.1-IV1"},
    {28, "4.2-IV0"},
    {29, "4.2-IV1"},
    {30, "4.3-IV0"},
    {31, "4.4-IV0"},
};
/// MetadataVersion.LATEST_PRODUCTION.
inline constexpr std::string_view latest_production = "4.3-IV0";

/// One feature and the level that it has from a metadata version on.
struct FeatureLevels {
    std::string_view name;
    /// The highest level there is, and the default from `default_since` on.
    int16_t highest;
    int16_t default_since;
    /// The metadata version that the highest level depends on; 0: none.
    int16_t needs_metadata;
};

/// In upstream's order.
inline constexpr std::array features{
    FeatureLevels{"kraft.version", 1, 21, 0},
    FeatureLevels{"transaction.version", 2, 24, 0},
    FeatureLevels{"group.version", 1, 22, 0},
    FeatureLevels{"eligible.leader.replicas.version", 1, 26, 23},
    FeatureLevels{"share.version", 1, 28, 0},
    FeatureLevels{"streams.version", 1, 29, 0},
};

inline int16_t default_level(const FeatureLevels& feature, int16_t metadata_level) {
    return metadata_level >= feature.default_since ? feature.highest : int16_t(0);
}

/// "4.3-IV0", or "4.3" for the last one of 4.3; null where there is none.
const MetadataVersion* find_metadata_version(std::string_view name);
const MetadataVersion* find_metadata_version(int16_t level);
/// What Java says of a name that is none.
std::string unknown_metadata_version(std::string_view name);

}  // namespace stoker::cli
