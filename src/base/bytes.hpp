// Bytes and views of them: the currency between the layers.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoker {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

inline ByteView bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}
inline Bytes to_bytes(std::string_view text) {
    return to_bytes(bytes_of(text));
}

inline bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Lower-case hexadecimal digits, two a byte.
std::string hex(ByteView bytes);
/// The reverse; an odd length or a foreign digit throws std::invalid_argument.
Bytes from_hex(std::string_view digits);

}  // namespace stoker
