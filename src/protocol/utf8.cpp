#include "protocol/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace stoker::protocol {

namespace {

/// The size of the valid sequence at the front of `text`, which is not empty; 0 when there is none.
size_t sequence_size(std::string_view text) {
    auto byte = [&](size_t i) { return uint8_t(text[i]); };
    auto continues = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xbf) {
        return i < text.size() && low <= byte(i) && byte(i) <= high;
    };
    uint8_t first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0;
    if (first < 0xe0) return continues(1) ? 2 : 0;
    if (first < 0xf0) {
        uint8_t low = first == 0xe0 ? 0xa0 : 0x80;
        uint8_t high = first == 0xed ? 0x9f : 0xbf;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first > 0xf4) return 0;
    uint8_t low = first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        uint64_t eight = 0;
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
            if ((eight & 0x8080808080808080) == 0) {
                text.remove_prefix(sizeof eight);
                continue;
            }
        }
        size_t size = sequence_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace stoker::protocol
