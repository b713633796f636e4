#include "workload/seal.hpp"

#include <algorithm>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace stoker::workload {
namespace {

constexpr size_t producer_at = 8;
constexpr size_t sequence_at = 12;
constexpr size_t intended_at = 20;
constexpr size_t checksum_at = 28;

int64_t size_of(const std::optional<ByteView>& bytes) {
    return bytes ? int64_t(bytes->size()) : int64_t{-1};
}

/// Of the fields, the key's size, the key, the value's size and the value: with the sizes no byte
/// can move from the key to the value. What is short goes in one piece: a call costs more than it.
uint32_t checksum(ByteView fields, std::optional<ByteView> key, std::optional<ByteView> value) {
    std::array<std::byte, checksum_at + 2 * sizeof(int64_t)> head;
    std::ranges::copy(fields, head.begin());
    store_big_endian(head.data() + checksum_at, size_of(key));
    store_big_endian(head.data() + checksum_at + sizeof(int64_t), size_of(value));
    uint32_t crc = 0;
    if (!key || key->empty()) {
        crc = crc32c(head);
    } else {
        const ByteView front = ByteView(head).first(checksum_at + sizeof(int64_t));
        const ByteView back = ByteView(head).last(sizeof(int64_t));
        crc = crc32c(back, crc32c(*key, crc32c(front)));
    }
    return value ? crc32c(*value, crc) : crc;
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
