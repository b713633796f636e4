#include "cli/json_input.hpp"

#include "cli/admin_tool.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view mapping = "com.fasterxml.jackson.databind.JsonMappingException";

[[noreturn]] void wrong_kind(std::string_view wanted, const JsonValue& value) {
    throw_java(mapping, "Expected `" + std::string(wanted) + "` value, received " + value.dump());
}

}  // namespace

std::optional<JsonValue> parse_json(std::string_view text) {
    JsonValue value = JsonValue::parse(text, nullptr, false);
    if (value.is_discarded()) return std::nullopt;
    return value;
}

const JsonValue& json_member(const JsonValue& object, std::string_view name) {
    if (!object.is_object()) {
        throw_java(mapping, "Expected JSON object, received " + object.dump());
    }
    auto found = object.find(std::string(name));
    if (found == object.end()) {
        throw_java(mapping, "No such field exists: `" + std::string(name) + "`");
    }
    return *found;
}

std::string json_text(const JsonValue& value) {
    if (!value.is_string()) wrong_kind("String", value);
    return value.get<std::string>();
}

int32_t json_int(const JsonValue& value) {
    bool fits = value.is_number_integer() && value >= INT32_MIN && value <= INT32_MAX;
    if (!fits) wrong_kind("Int", value);
    return value.get<int32_t>();
}

int64_t json_long(const JsonValue& value) {
    bool fits = value.is_number_integer() &&
                (!value.is_number_unsigned() || value <= uint64_t(INT64_MAX));
    if (!fits) wrong_kind("Long", value);
    return value.get<int64_t>();
}

const JsonValue& json_array(const JsonValue& value) {
    if (!value.is_array()) {
        throw_java(mapping, "Expected JSON array, received " + value.dump());
    }
    return value;
}

}  // namespace stoker::cli
