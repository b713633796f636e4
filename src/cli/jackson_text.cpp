#include "cli/jackson_text.hpp"

namespace stoker::cli {

std::string json_quoted(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string quoted = "\"";
    for (const char c : text) {
        switch (c) {
            case '"': quoted += "\\\""; break;
            case '\\': quoted += "\\\\"; break;
            case '\b': quoted += "\\b"; break;
            case '\t': quoted += "\\t"; break;
            case '\n': quoted += "\\n"; break;
            case '\f': quoted += "\\f"; break;
            case '\r': quoted += "\\r"; break;
            default:
                if (static_cast<unsigned char>(c) < ' ') {
                    const auto code = static_cast<unsigned char>(c);
                    quoted += "\\u00";
                    quoted += digits[code >> 4];
                    quoted += digits[code & 15];
                } else {
                    quoted += c;
                }
        }
    }
    return quoted + "\"";
}

std::string base64(ByteView bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t left = bytes.size() - i;
        const auto at = [&](size_t j) {
            return j < left ? std::to_integer<uint32_t>(bytes[i + j]) : 0u;
        };
        const uint32_t group = at(0) << 16 | at(1) << 8 | at(2);
        text += letters[group >> 18];
        text += letters[group >> 12 & 63];
        text += left > 1 ? letters[group >> 6 & 63] : '=';
        text += left > 2 ? letters[group & 63] : '=';
    }
    return text;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
    if (body_.size() > 1) body_ += ',';
    body_.append(json_quoted(name)).append(":").append(json);
    return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    return raw(name, json_quoted(value));
}

JsonObject& JsonObject::text_or_null(std::string_view name,
                                     const std::optional<std::string>& value) {
    return raw(name, value ? json_quoted(*value) : "null");
}

JsonObject& JsonObject::number(std::string_view name, int64_t value) {
    return raw(name, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
}

void JsonArray::add(std::string_view json) {
    if (body_.size() > 1) body_ += ',';
    body_.append(json);
}

}  // namespace stoker::cli
