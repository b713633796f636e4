// Seal: the header by which a consumer can account for a message: who sent it, as which of its
// messages to this partition, when it ought to have been sent, and a checksum over it all.
//
//     header "stoker-load": run id u64 | producer u32 | sequence u64 | intended send time, ns of
//     the wall clock, i64 | CRC32C u32 of the fields before it, the key and the value; 32 bytes,
//     big-endian. Of an absent key or value the checksum knows that it is absent.
//
// The checksum is not the batch's: that one is renewed by whoever rewrites a batch on the way.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace stoker::workload {

inline constexpr const char* seal_header = "stoker-load";
inline constexpr size_t seal_size = 32;

/// The producer's number in messages that only open connections, before the load.
inline constexpr uint32_t warm_up_producer = 0xffffffffu;

struct Seal {
    uint64_t run = 0;
    uint32_t producer = 0;
    uint64_t sequence = 0;  ///< of this producer in this partition, from 0
    int64_t intended_wall_ns = 0;

    bool operator==(const Seal&) const = default;
};

using SealBytes = std::array<std::byte, seal_size>;

SealBytes encode(const Seal& seal, std::optional<ByteView> key, std::optional<ByteView> value);

struct OpenedSeal {
    Seal seal;
    bool intact = false;  ///< the checksum fits
};
/// Nothing when the header has not the size of one of ours.
std::optional<OpenedSeal> open(ByteView header, std::optional<ByteView> key,
                               std::optional<ByteView> value);

}  // namespace stoker::workload
