#include "broker/metadata/features.hpp"

#include <algorithm>
#include <array>

namespace stoker::broker {

namespace {

// Levels as Apache Kafka 4.3 has them; metadata.version 30 is 4.3-IV0.
constexpr std::array table{
    Feature{.name = metadata_version_feature, .oldest = 7, .latest = 30, .first_level = 30},
    Feature{.name = elr_version_feature, .oldest = 0, .latest = 1, .first_level = 1},
    Feature{.name = group_version_feature, .oldest = 0, .latest = 1, .first_level = 1},
    Feature{.name = "share.version", .first_level = 1},
    Feature{.name = "streams.version", .first_level = 1},
    Feature{.name = transaction_version_feature, .oldest = 0, .latest = 2, .first_level = 2},
    // Lives in the control records of the log, which say 1 from the start (KIP-853).
    Feature{.name = kraft_version_feature, .oldest = 0, .latest = 1, .first_level = 1},
};

}  // namespace

std::span<const Feature> features() {
    return table;
}

const Feature* find_feature(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &Feature::name);
    return found == table.end() ? nullptr : found;
}

}  // namespace stoker::broker
