#include "base/uuid.hpp"

#include <cstdint>

namespace stoker {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string to_string(const Uuid& id) {
    std::string text;
    uint32_t bits = 0;
    int held = 0;
    for (std::byte b : id.bytes) {
        bits = bits << 8 | std::to_integer<uint32_t>(b);
        for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 63];
    }
    text += alphabet[bits << (6 - held) & 63];  // 128 bits leave two
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != 22) return std::nullopt;
    Uuid id;
    uint32_t bits = 0;
    int held = 0;
    size_t at = 0;
    for (char c : text) {
        size_t value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | uint32_t(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        id.bytes[at++] = std::byte(bits >> held & 255);
    }
    if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;  // trailing bits must be zero
    return id;
}

}  // namespace stoker
