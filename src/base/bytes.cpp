#include "base/bytes.hpp"

#include <stdexcept>

namespace stoker {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    throw std::invalid_argument("not a hexadecimal digit");
}

}  // namespace

std::string hex(ByteView bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::byte b : bytes) {
        text += digits[std::to_integer<int>(b) >> 4];
        text += digits[std::to_integer<int>(b) & 15];
    }
    return text;
}

Bytes from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) throw std::invalid_argument("an odd number of hexadecimal digits");
    Bytes bytes;
    bytes.reserve(digits.size() / 2);
    for (size_t i = 0; i < digits.size(); i += 2)
        bytes.push_back(std::byte(digit(digits[i]) << 4 | digit(digits[i + 1])));
    return bytes;
}

}  // namespace stoker
