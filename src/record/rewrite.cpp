#include "record/rewrite.hpp"

#include <algorithm>
#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"

namespace stoker::record {
namespace {

constexpr size_t size_limit = std::numeric_limits<int32_t>::max();

int64_t wrapping_difference(int64_t a, int64_t b) { return int64_t(uint64_t(a) - uint64_t(b)); }

size_t nullable_size(const std::optional<ByteView>& bytes) {
    if (!bytes) return varint_size(-1);
    return varint_size(int32_t(bytes->size())) + bytes->size();
}

std::byte* write_nullable(std::byte* to, const std::optional<ByteView>& bytes) {
    if (!bytes) return write_varint(to, -1);
    to = write_varint(to, int32_t(bytes->size()));
    return std::copy(bytes->begin(), bytes->end(), to);
}

/// What of a batch's header a rewriting decides.
struct Rewritten {
    int16_t attributes = 0;
    int64_t base_timestamp = no_timestamp;
    int64_t max_timestamp = no_timestamp;
    int32_t record_count = 0;
};

void write_header(MutableByteView batch, const BatchHeader& original, const Rewritten& fields) {
    std::byte* at = batch.data();
    store_big_endian(at + field::base_offset, raw(original.base_offset));
    store_big_endian(at + field::batch_length, int32_t(batch.size() - log_overhead));
    store_big_endian(at + field::partition_leader_epoch, raw(original.leader_epoch));
    store_big_endian(at + field::magic, current_magic);
    store_big_endian(at + field::attributes, fields.attributes);
    store_big_endian(at + field::last_offset_delta, original.last_offset_delta);
    store_big_endian(at + field::base_timestamp, fields.base_timestamp);
    store_big_endian(at + field::max_timestamp, fields.max_timestamp);
    store_big_endian(at + field::producer_id, raw(original.producer_id));
    store_big_endian(at + field::producer_epoch, original.producer_epoch);
    store_big_endian(at + field::base_sequence, original.base_sequence);
    store_big_endian(at + field::record_count, fields.record_count);
    store_big_endian(at + field::crc, crc32c(batch.subspan(crc_start)));
}

void append_record(Bytes& bytes, const RecordView& record, Offset base, int64_t base_timestamp) {
    const int64_t time = wrapping_difference(record.timestamp, base_timestamp);
    const auto offset = int32_t(record.offset - base);
    const auto headers = int32_t(record.headers.size());
    const size_t size = 1 + varlong_size(time) + varint_size(offset) + nullable_size(record.key) +
                        nullable_size(record.value) + varint_size(headers) +
                        record.headers.bytes().size();
    const size_t start = bytes.size();
    bytes.resize(start + varint_size(int32_t(size)) + size);
    std::byte* to = write_varint(bytes.data() + start, int32_t(size));
    *to++ = std::byte{0};  // attributes: no record has any yet
    to = write_varlong(to, time);
    to = write_varint(to, offset);
    to = write_nullable(to, record.key);
    to = write_nullable(to, record.value);
    to = write_varint(to, headers);
    to = std::ranges::copy(record.headers.bytes(), to).out;
    STOKER_CHECK(to == bytes.data() + bytes.size(), "a record fills the room it asked for");
}

}  // namespace

std::optional<int64_t> delete_horizon(const BatchHeader& header) {
    if (!header.has_delete_horizon()) return std::nullopt;
    return header.base_timestamp;
}

Bytes rewrite_batch(const BatchHeader& original, std::span<const RecordView> kept,
                    std::optional<int64_t> delete_horizon_ms) {
    STOKER_CHECK(!kept.empty(), "a batch that is rewritten keeps a record");
    constexpr int16_t stays =
        codec_mask | log_append_time_bit | transactional_bit | control_bit;
    Rewritten fields{.attributes = int16_t(original.attributes & stays),
                     .base_timestamp = delete_horizon_ms.value_or(kept.front().timestamp),
                     .record_count = int32_t(kept.size())};
    if (delete_horizon_ms) fields.attributes |= delete_horizon_bit;
    Bytes batch(header_size);
    for (const RecordView& record : kept) {
        append_record(batch, record, original.base_offset, fields.base_timestamp);
        fields.max_timestamp = std::max(fields.max_timestamp, record.timestamp);
    }
    if (original.is_log_append_time()) fields.max_timestamp = original.max_timestamp;
    if (original.codec() != Codec::none) {
        const Bytes records = compress(original.codec(), ByteView(batch).subspan(header_size));
        batch.resize(header_size);
        batch.insert(batch.end(), records.begin(), records.end());
    }
    STOKER_CHECK(batch.size() <= size_limit, "a batch is smaller than 2 GiB");
    write_header(batch, original, fields);
    return batch;
}

Bytes empty_batch(const BatchHeader& original) {
    constexpr int16_t stays = log_append_time_bit | transactional_bit | control_bit;
    Bytes batch(header_size);
    write_header(batch, original,
                 {.attributes = int16_t(original.attributes & stays),
                  .base_timestamp = no_timestamp,
                  .max_timestamp = original.max_timestamp});
    return batch;
}

}  // namespace stoker::record
