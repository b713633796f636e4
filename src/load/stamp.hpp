// The header by which a message can be recognised at the other end: who sent it, as which of its
// messages, and when it ought to have been sent. Written by producers with --verify.
//
//     header "stoker": run id u64 | producer u32 | sequence u64 | intended send time, ns of the
//     wall clock, i64; 28 bytes, big-endian
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace stoker::load {

inline constexpr const char* stamp_header = "stoker";

struct Stamp {
    uint64_t run = 0;
    uint32_t producer = 0;
    uint64_t sequence = 0;
    int64_t intended_wall_ns = 0;

    bool operator==(const Stamp&) const = default;
};

inline constexpr size_t stamp_size = 28;

std::array<std::byte, stamp_size> encode(const Stamp& stamp);
/// Nothing when the header is not one of ours.
std::optional<Stamp> decode_stamp(ByteView header);

}  // namespace stoker::load
