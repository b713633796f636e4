// JSON as Jackson writes it: members in the order in which they are added, nothing between them,
// only what must be is escaped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace stoker::cli {

/// "text" with its quotes; bytes beyond ASCII stay as they are.
std::string json_quoted(std::string_view text);
/// With padding, as java.util.Base64 and as Jackson writes bytes.
std::string base64(ByteView bytes);

/// An object as it grows.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& text_or_null(std::string_view name, const std::optional<std::string>& value);
    JsonObject& number(std::string_view name, int64_t value);
    JsonObject& boolean(std::string_view name, bool value);
    /// `json` is a value already.
    JsonObject& raw(std::string_view name, std::string_view json);
    std::string str() const { return body_ + "}"; }

private:
    std::string body_ = "{";
};

/// "[a,b]" of values.
class JsonArray {
public:
    void add(std::string_view json);
    std::string str() const { return body_ + "]"; }

private:
    std::string body_ = "[";
};

}  // namespace stoker::cli
