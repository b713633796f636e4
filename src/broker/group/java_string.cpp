#include "broker/group/java_string.hpp"

namespace stoker::broker {

namespace {

/// Calls visit(unit) for every UTF-16 code unit. A byte that begins no sequence counts as itself,
/// so that any input ends.
template <class Visit>
void each_utf16_unit(std::string_view utf8, Visit visit) {
    for (size_t at = 0; at < utf8.size();) {
        const auto byte = [&](size_t i) -> uint32_t {
            return at + i < utf8.size() ? static_cast<unsigned char>(utf8[at + i]) : 0;
        };
        const uint32_t first = byte(0);
        if (first < 0xc0) {
            visit(first);
            at += 1;
        } else if (first < 0xe0) {
            visit((first & 0x1f) << 6 | (byte(1) & 0x3f));
            at += 2;
        } else if (first < 0xf0) {
            visit((first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f));
            at += 3;
        } else {
            const uint32_t point = (first & 0x07) << 18 | (byte(1) & 0x3f) << 12 |
                                   (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
            visit(0xd800 + ((point - 0x10000) >> 10 & 0x3ff));
            visit(0xdc00 + (point & 0x3ff));
            at += 4;
        }
    }
}

}  // namespace

size_t java_length(std::string_view utf8) {
    size_t length = 0;
    each_utf16_unit(utf8, [&](uint32_t) { ++length; });
    return length;
}

int32_t java_hash(std::string_view utf8) {
    uint32_t hash = 0;
    each_utf16_unit(utf8, [&](uint32_t unit) { hash = 31 * hash + unit; });
    return static_cast<int32_t>(hash);
}

size_t java_hash_bucket(std::string_view utf8, size_t entries) {
    size_t buckets = 16;
    while (entries * 4 > buckets * 3) buckets *= 2;
    auto hash = uint32_t(java_hash(utf8));
    return (hash ^ hash >> 16) & (buckets - 1);
}

}  // namespace stoker::broker
