#include "storage/producer_snapshot.hpp"

#include <cstdint>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"

namespace stoker::storage {

namespace {

constexpr int16_t version = 1;
constexpr size_t crc_at = 2;
/// The checksum covers everything from here on.
constexpr size_t count_at = 6;
constexpr size_t header_size = 10;
constexpr size_t entry_size = 46;

/// Where each field of an entry starts.
namespace at {
constexpr size_t producer_id = 0;
constexpr size_t epoch = 8;
constexpr size_t last_sequence = 10;
constexpr size_t last_offset = 14;
constexpr size_t offset_delta = 22;
constexpr size_t timestamp = 26;
constexpr size_t coordinator_epoch = 34;
constexpr size_t transaction_start = 38;
}  // namespace at

void encode(const ProducerEntry& entry, std::byte* to) {
    const ProducerBatch* batch = entry.last_batch();
    const ProducerBatch last = batch != nullptr ? *batch : ProducerBatch{};
    store_big_endian(to + at::producer_id, raw(entry.id));
    store_big_endian(to + at::epoch, entry.epoch);
    store_big_endian(to + at::last_sequence, last.last_sequence);
    store_big_endian(to + at::last_offset, raw(last.last_offset));
    store_big_endian(to + at::offset_delta, last.offset_delta);
    store_big_endian(to + at::timestamp, entry.last_timestamp_ms);
    store_big_endian(to + at::coordinator_epoch, entry.coordinator_epoch);
    store_big_endian(to + at::transaction_start, raw(entry.transaction_start));
}

ProducerEntry decode(const std::byte* from) {
    ProducerEntry entry;
    entry.id = ProducerId{load_big_endian<int64_t>(from + at::producer_id)};
    entry.epoch = load_big_endian<int16_t>(from + at::epoch);
    entry.last_timestamp_ms = load_big_endian<int64_t>(from + at::timestamp);
    entry.coordinator_epoch = load_big_endian<int32_t>(from + at::coordinator_epoch);
    entry.transaction_start = Offset{load_big_endian<int64_t>(from + at::transaction_start)};
    if (entry.transaction_start < Offset{0}) entry.transaction_start = Offset{-1};
    const ProducerBatch batch{
        .last_sequence = load_big_endian<int32_t>(from + at::last_sequence),
        .last_offset = Offset{load_big_endian<int64_t>(from + at::last_offset)},
        .offset_delta = load_big_endian<int32_t>(from + at::offset_delta),
        .timestamp_ms = entry.last_timestamp_ms,
    };
    if (batch.last_offset >= Offset{0}) {
        entry.batches[0] = batch;
        entry.batch_count = 1;
    }
    return entry;
}

}  // namespace

Bytes encode_producer_snapshot(std::span<const ProducerEntry> entries) {
    Bytes bytes(header_size + entries.size() * entry_size);
    store_big_endian(bytes.data(), version);
    store_big_endian(bytes.data() + count_at, int32_t(entries.size()));
    std::byte* to = bytes.data() + header_size;
    for (const ProducerEntry& entry : entries) {
        encode(entry, to);
        to += entry_size;
    }
    store_big_endian(bytes.data() + crc_at, crc32c(ByteView(bytes).subspan(count_at)));
    return bytes;
}

std::optional<std::vector<ProducerEntry>> decode_producer_snapshot(ByteView bytes) {
    if (bytes.size() < header_size) return {};
    if (load_big_endian<int16_t>(bytes.data()) != version) return {};
    const auto crc = load_big_endian<uint32_t>(bytes.data() + crc_at);
    if (crc != crc32c(bytes.subspan(count_at))) return {};
    const auto count = load_big_endian<int32_t>(bytes.data() + count_at);
    if (count < 0 || size_t(count) != (bytes.size() - header_size) / entry_size) return {};
    if ((bytes.size() - header_size) % entry_size != 0) return {};
    std::vector<ProducerEntry> entries;
    entries.reserve(size_t(count));
    for (size_t i = 0; i < size_t(count); ++i) {
        entries.push_back(decode(bytes.data() + header_size + i * entry_size));
    }
    return entries;
}

}  // namespace stoker::storage
