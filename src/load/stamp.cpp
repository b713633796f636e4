#include "load/stamp.hpp"

#include "base/big_endian.hpp"

namespace stoker::load {

std::array<std::byte, stamp_size> encode(const Stamp& stamp) {
    std::array<std::byte, stamp_size> bytes;
    store_big_endian(bytes.data(), stamp.run);
    store_big_endian(bytes.data() + 8, stamp.producer);
    store_big_endian(bytes.data() + 12, stamp.sequence);
    store_big_endian(bytes.data() + 20, stamp.intended_wall_ns);
    return bytes;
}

std::optional<Stamp> decode_stamp(ByteView header) {
    if (header.size() != stamp_size) return {};
    return Stamp{.run = load_big_endian<uint64_t>(header.data()),
                 .producer = load_big_endian<uint32_t>(header.data() + 8),
                 .sequence = load_big_endian<uint64_t>(header.data() + 12),
                 .intended_wall_ns = load_big_endian<int64_t>(header.data() + 20)};
}

}  // namespace stoker::load
