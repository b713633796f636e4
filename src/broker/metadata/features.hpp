// The features of a cluster that are finalized at a level (KIP-584): which ones there are, what
// this broker serves of them, and the levels that a new cluster starts with.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace stoker::broker {

struct Feature {
    std::string_view name;
    /// Levels that this broker can work at; both 0 while it does not serve the feature. A level
    /// that is finalized beyond them stays in the metadata log for the broker that comes after us.
    int16_t oldest = 0;
    int16_t latest = 0;
    /// Of a new cluster.
    int16_t first_level = 0;

    bool served() const { return latest > 0; }
};

/// In the order in which a new cluster's metadata log has them.
std::span<const Feature> features();
/// Nothing for a feature that Kafka 4.3 does not have.
const Feature* find_feature(std::string_view name);

inline constexpr std::string_view metadata_version_feature = "metadata.version";
inline constexpr std::string_view kraft_version_feature = "kraft.version";
inline constexpr std::string_view group_version_feature = "group.version";
inline constexpr std::string_view transaction_version_feature = "transaction.version";
inline constexpr std::string_view elr_version_feature = "eligible.leader.replicas.version";

}  // namespace stoker::broker
