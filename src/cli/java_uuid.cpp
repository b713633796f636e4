#include "cli/java_uuid.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/failures.hpp"

namespace stoker::cli {

namespace {

constexpr size_t text_length_max = 24;

std::optional<uint32_t> digit_of(char c) {
    if (c >= 'A' && c <= 'Z') return uint32_t(c - 'A');
    if (c >= 'a' && c <= 'z') return uint32_t(c - 'a') + 26;
    if (c >= '0' && c <= '9') return uint32_t(c - '0') + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return std::nullopt;
}

std::unexpected<kafka::Failure> wrong(std::string why) {
    return kafka::failed(illegal_argument(std::move(why)));
}

/// java.util.Base64's decoder, of URL-safe digits.
kafka::Outcome<std::vector<std::byte>> decode_base64(const std::string& text) {
    if (text.size() == 1) {
        return wrong("Input byte[] should at least have 2 bytes for base64 bytes");
    }
    std::vector<std::byte> bytes;
    uint32_t bits = 0;
    int digits = 0;
    size_t at = 0;
    while (at < text.size() && text[at] != '=') {
        const auto digit = digit_of(text[at]);
        if (!digit) {
            constexpr std::string_view hex = "0123456789abcdef";
            const auto byte = static_cast<unsigned char>(text[at]);
            std::string number(1, hex[byte % 16]);
            if (byte >= 16) number.insert(0, 1, hex[byte / 16]);
            return wrong("Illegal base64 character " + number);
        }
        ++at;
        bits = bits << 6 | *digit;
        if (++digits % 4 == 1) continue;
        bytes.push_back(std::byte(bits >> (8 - digits % 4 * 2) % 8 & 255));
    }
    const int last_unit = digits % 4;
    if (at < text.size()) {
        ++at;
        const bool closed = last_unit != 2 || (at < text.size() && text[at++] == '=');
        if (last_unit == 0 || !closed) {
            return wrong("Input byte array has wrong 4-byte ending unit");
        }
    }
    if (last_unit == 1) return wrong("Last unit does not have enough valid bits");
    if (at < text.size()) {
        return wrong("Input byte array has incorrect ending byte at " + std::to_string(at));
    }
    return bytes;
}

}  // namespace

kafka::Outcome<Uuid> parse_java_uuid(const std::string& text) {
    if (text.size() > text_length_max) {
        return wrong("Input string with prefix `" + text.substr(0, text_length_max) +
                     "` is too long to be decoded as a base64 UUID");
    }
    const auto bytes = decode_base64(text);
    if (!bytes) return kafka::failed(bytes.error());
    Uuid id;
    if (bytes->size() != id.bytes.size()) {
        return wrong("Input string `" + text + "` decoded as " + std::to_string(bytes->size()) +
                     " bytes, which is not equal to the expected 16 bytes of a base64-encoded "
                     "UUID");
    }
    std::ranges::copy(*bytes, id.bytes.begin());
    return id;
}

}  // namespace stoker::cli
