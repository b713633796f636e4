#include "record/builder.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"

namespace stoker::record {
namespace {

constexpr size_t size_limit = std::numeric_limits<int32_t>::max();
constexpr int16_t control_version = 0;
constexpr size_t control_key_size = 4;

size_t nullable_size(const std::optional<ByteView>& bytes) {
    if (!bytes) return varint_size(-1);
    return varint_size(int32_t(bytes->size())) + bytes->size();
}

std::byte* write_nullable(std::byte* to, const std::optional<ByteView>& bytes) {
    if (!bytes) return write_varint(to, -1);
    to = write_varint(to, int32_t(bytes->size()));
    return std::copy(bytes->begin(), bytes->end(), to);
}

int64_t wrapping_difference(int64_t a, int64_t b) { return int64_t(uint64_t(a) - uint64_t(b)); }

}  // namespace

BatchBuilder::BatchBuilder(const Options& options) : options_(options), bytes_(header_size) {}

int32_t BatchBuilder::body_size(int64_t timestamp_ms, std::optional<ByteView> key,
                                std::optional<ByteView> value,
                                std::span<const Header> headers) const {
    int64_t first = empty() ? timestamp_ms : base_timestamp_;
    size_t size = 1 + varlong_size(wrapping_difference(timestamp_ms, first)) +
                  varint_size(count_) + nullable_size(key) + nullable_size(value) +
                  varint_size(int32_t(headers.size()));
    for (const Header& header : headers)
        size += nullable_size(bytes_of(header.key)) + nullable_size(header.value);
    STOKER_CHECK(size <= size_limit, "a record is smaller than 2 GiB");
    return int32_t(size);
}

size_t BatchBuilder::record_size(int64_t timestamp_ms, std::optional<ByteView> key,
                                 std::optional<ByteView> value,
                                 std::span<const Header> headers) const {
    int32_t body = body_size(timestamp_ms, key, value, headers);
    return varint_size(body) + size_t(body);
}

void BatchBuilder::append(int64_t timestamp_ms, std::optional<ByteView> key,
                          std::optional<ByteView> value, std::span<const Header> headers) {
    if (empty()) base_timestamp_ = timestamp_ms;
    int32_t body = body_size(timestamp_ms, key, value, headers);
    size_t start = bytes_.size();
    bytes_.resize(start + varint_size(body) + size_t(body));
    std::byte* to = write_varint(bytes_.data() + start, body);
    *to++ = std::byte{0};  // attributes: no record has any yet
    to = write_varlong(to, wrapping_difference(timestamp_ms, base_timestamp_));
    to = write_varint(to, count_);
    to = write_nullable(to, key);
    to = write_nullable(to, value);
    to = write_varint(to, int32_t(headers.size()));
    for (const Header& header : headers) {
        to = write_nullable(to, bytes_of(header.key));
        to = write_nullable(to, header.value);
    }
    STOKER_CHECK(to == bytes_.data() + bytes_.size(), "a record fills the room it asked for");
    max_timestamp_ = std::max(max_timestamp_, timestamp_ms);
    ++count_;
}

size_t BatchBuilder::size_bound() const {
    return header_size + compressed_size_max(options_.codec, bytes_.size() - header_size);
}

void BatchBuilder::write_header(MutableByteView batch) const {
    auto attributes = int16_t(options_.codec);
    if (options_.log_append_time) attributes |= log_append_time_bit;
    if (options_.transactional) attributes |= transactional_bit;
    if (options_.control) attributes |= control_bit;
    std::byte* at = batch.data();
    store_big_endian(at + field::base_offset, raw(options_.base_offset));
    store_big_endian(at + field::batch_length, int32_t(batch.size() - log_overhead));
    store_big_endian(at + field::partition_leader_epoch, raw(options_.leader_epoch));
    store_big_endian(at + field::magic, current_magic);
    store_big_endian(at + field::attributes, attributes);
    store_big_endian(at + field::last_offset_delta, count_ - 1);
    store_big_endian(at + field::base_timestamp, base_timestamp_);
    store_big_endian(at + field::max_timestamp,
                     options_.log_append_time ? options_.append_time_ms : max_timestamp_);
    store_big_endian(at + field::producer_id, raw(options_.producer_id));
    store_big_endian(at + field::producer_epoch, options_.producer_epoch);
    store_big_endian(at + field::base_sequence, options_.base_sequence);
    store_big_endian(at + field::record_count, count_);
    store_big_endian(at + field::crc, crc32c(batch.subspan(crc_start)));
}

Bytes BatchBuilder::build() && {
    STOKER_CHECK(!empty(), "a batch has a record");
    if (options_.codec != Codec::none) {
        Bytes records =
            compress(options_.codec, ByteView(bytes_).subspan(header_size), options_.level);
        bytes_.resize(header_size);
        bytes_.insert(bytes_.end(), records.begin(), records.end());
    }
    STOKER_CHECK(bytes_.size() <= size_limit, "a batch is smaller than 2 GiB");
    write_header(bytes_);
    return std::move(bytes_);
}

Bytes control_key(ControlType type) {
    Bytes key(control_key_size);
    store_big_endian(key.data(), control_version);
    store_big_endian(key.data() + 2, int16_t(type));
    return key;
}

std::optional<ControlType> control_type(ByteView key) {
    if (key.size() < control_key_size) return std::nullopt;
    return ControlType{load_big_endian<int16_t>(key.data() + 2)};
}

Bytes build_batch(const EndTransactionMarker& marker) {
    BatchBuilder builder({
        .base_offset = marker.base_offset,
        .producer_id = marker.producer_id,
        .producer_epoch = marker.producer_epoch,
        .transactional = true,
        .control = true,
        .leader_epoch = marker.leader_epoch,
    });
    std::array<std::byte, 6> value;
    store_big_endian(value.data(), control_version);
    store_big_endian(value.data() + 2, marker.coordinator_epoch);
    Bytes key = control_key(marker.commit ? ControlType::commit : ControlType::abort);
    builder.append(marker.timestamp_ms, key, value);
    return std::move(builder).build();
}

}  // namespace stoker::record
