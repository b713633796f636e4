#include "workload/seal.hpp"

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace stoker::workload {
namespace {

constexpr size_t producer_at = 8;
constexpr size_t sequence_at = 12;
constexpr size_t intended_at = 20;
constexpr size_t checksum_at = 28;

/// The size goes before the bytes, so that no byte can move from the key to the value.
uint32_t with_bytes(uint32_t crc, std::optional<ByteView> bytes) {
    std::array<std::byte, 8> size;
    store_big_endian(size.data(), bytes ? int64_t(bytes->size()) : int64_t{-1});
    crc = crc32c(size, crc);
    return bytes ? crc32c(*bytes, crc) : crc;
}

uint32_t checksum(ByteView fields, std::optional<ByteView> key, std::optional<ByteView> value) {
    return with_bytes(with_bytes(crc32c(fields), key), value);
}

}  // namespace

SealBytes encode(const Seal& seal, std::optional<ByteView> key, std::optional<ByteView> value) {
    SealBytes bytes;
    store_big_endian(bytes.data(), seal.run);
    store_big_endian(bytes.data() + producer_at, seal.producer);
    store_big_endian(bytes.data() + sequence_at, seal.sequence);
    store_big_endian(bytes.data() + intended_at, seal.intended_wall_ns);
    store_big_endian(bytes.data() + checksum_at,
                     checksum(ByteView(bytes).first(checksum_at), key, value));
    return bytes;
}

std::optional<OpenedSeal> open(ByteView header, std::optional<ByteView> key,
                               std::optional<ByteView> value) {
    if (header.size() != seal_size) return std::nullopt;
    const std::byte* at = header.data();
    const auto sum = load_big_endian<uint32_t>(at + checksum_at);
    return OpenedSeal{
        .seal = {.run = load_big_endian<uint64_t>(at),
                 .producer = load_big_endian<uint32_t>(at + producer_at),
                 .sequence = load_big_endian<uint64_t>(at + sequence_at),
                 .intended_wall_ns = load_big_endian<int64_t>(at + intended_at)},
        .intact = sum == checksum(header.first(checksum_at), key, value)};
}

}  // namespace stoker::workload
