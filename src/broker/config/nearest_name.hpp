// "Did you mean …": the known name that a mistyped one probably meant.
#pragma once

#include <optional>
#include <string_view>

#include "broker/config/config_table.hpp"

namespace stoker::broker {

/// The table's name with the fewest letters inserted, removed, replaced or swapped; nothing when
/// even that one differs in more than a third of its letters.
std::optional<std::string_view> nearest_name(std::string_view unknown, const ConfigTable& table);

}  // namespace stoker::broker
