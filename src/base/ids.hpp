// Strong ids: numbers that must not be mixed up. Each is an enum class, so it costs nothing,
// travels through the protocol codec as its integer, and compares; Offset also moves by a plain
// count of records.
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

namespace stoker {

/// A record's place in its partition. Offsets differ by counts of records (int64_t).
enum class Offset : int64_t {};
/// A partition's number within its topic, from 0.
enum class PartitionId : int32_t {};
enum class ProducerId : int64_t { none = -1 };
/// Rises whenever the leader of a partition changes; on one node, with every restart.
enum class LeaderEpoch : int32_t { none = -1 };

template <class E>
    requires std::is_enum_v<E>
constexpr auto raw(E id) {
    return static_cast<std::underlying_type_t<E>>(id);
}

constexpr Offset operator+(Offset offset, int64_t records) {
    return Offset{raw(offset) + records};
}
constexpr Offset operator-(Offset offset, int64_t records) {
    return Offset{raw(offset) - records};
}
constexpr int64_t operator-(Offset a, Offset b) {
    return raw(a) - raw(b);
}
constexpr Offset& operator+=(Offset& offset, int64_t records) {
    return offset = offset + records;
}

}  // namespace stoker
