// JSON from strangers: parsed whole or not at all, of bounded size and depth, without exceptions.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace stoker::security {

inline constexpr size_t json_depth_max = 16;

/// An object; nothing for any other value, and for what is no JSON or names a member twice.
std::optional<nlohmann::json> read_json_object(std::string_view text, size_t size_max);

}  // namespace stoker::security
