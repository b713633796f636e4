// JSON files that tools are given, read as upstream's Json and JsonValue do: what does not fit is
// one of Java's exceptions.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoker::cli {

using JsonValue = nlohmann::ordered_json;

/// Nothing for what is no JSON.
std::optional<JsonValue> parse_json(std::string_view text);
/// A member that must be there, and of that kind; throws KafkaException.
const JsonValue& json_member(const JsonValue& object, std::string_view name);
std::string json_text(const JsonValue& value);
int32_t json_int(const JsonValue& value);
int64_t json_long(const JsonValue& value);
/// Throws KafkaException unless it is an array.
const JsonValue& json_array(const JsonValue& value);

}  // namespace stoker::cli
