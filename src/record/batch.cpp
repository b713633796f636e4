#include "record/batch.hpp"

#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"

namespace stoker::record {
namespace {

/// Offsets and timestamps are hostile, and a sum of them may wrap; as unsigned numbers that is
/// defined.
int64_t wrapping_sum(int64_t a, int64_t b) { return int64_t(uint64_t(a) + uint64_t(b)); }

template <class T>
T load(ByteView bytes, size_t at) {
    return load_big_endian<T>(bytes.data() + at);
}

/// What a header may say of any batch, wherever it came from.
Result<void> check_common(const BatchHeader& header) {
    if (header.codec() > Codec::zstd) return fail(ErrorCode::unsupported_compression_type);
    if (header.last_offset_delta < 0 || header.record_count < 0)
        return fail(ErrorCode::invalid_record);
    if (int64_t(header.record_count) > int64_t(header.last_offset_delta) + 1)
        return fail(ErrorCode::invalid_record);
    if (header.codec() == Codec::none &&
        size_t(header.record_count) > (header.size() - header_size) / record_size_min)
        return fail(ErrorCode::invalid_record);
    return {};
}

Result<void> check_client(const BatchHeader& header) {
    if (header.base_offset != Offset{0}) return fail(ErrorCode::invalid_record);
    if (int64_t(header.record_count) != int64_t(header.last_offset_delta) + 1)
        return fail(ErrorCode::invalid_record);
    if (header.is_control()) return fail(ErrorCode::invalid_record);
    if (header.has_producer_id() && header.base_sequence < 0)
        return fail(ErrorCode::invalid_record);
    if (header.is_transactional() && !header.has_producer_id())
        return fail(ErrorCode::invalid_record);
    return {};
}

Result<void> check_log(const BatchHeader& header) {
    int64_t base = raw(header.base_offset);
    if (base < 0 || base > std::numeric_limits<int64_t>::max() - header.last_offset_delta)
        return fail(ErrorCode::corrupt_message);
    return {};
}


/// A length (-1 is null) and as many bytes; the outer optional is empty when they are malformed.
std::optional<std::optional<ByteView>> read_nullable(VarintReader& from) {
    std::optional<int32_t> length = from.varint();
    if (!length || *length < -1) return std::nullopt;
    if (*length == -1) return std::optional<ByteView>();
    std::optional<ByteView> bytes = from.take(size_t(*length));
    if (!bytes) return std::nullopt;
    return bytes;
}

std::optional<HeaderView> read_header(VarintReader& from) {
    auto key = read_nullable(from);
    if (!key || !*key) return std::nullopt;
    auto value = read_nullable(from);
    if (!value) return std::nullopt;
    return HeaderView{text_of(**key), *value};
}

void set_timestamp_type(MutableByteView batch, int16_t type_bit, int64_t max_timestamp) {
    STOKER_CHECK(batch.size() >= header_size, "a batch holds its header");
    auto attributes = int16_t(load<int16_t>(batch, field::attributes) & ~log_append_time_bit);
    store_big_endian(batch.data() + field::attributes, int16_t(attributes | type_bit));
    store_big_endian(batch.data() + field::max_timestamp, max_timestamp);
    store_big_endian(batch.data() + field::crc, crc32c(batch.subspan(crc_start)));
}

}  // namespace

Offset BatchHeader::last_offset() const {
    return Offset{wrapping_sum(raw(base_offset), last_offset_delta)};
}

int32_t BatchHeader::last_sequence() const {
    if (base_sequence == no_sequence) return no_sequence;
    return int32_t((uint32_t(base_sequence) + uint32_t(last_offset_delta)) & 0x7fffffff);
}

Result<BatchHeader> parse_header(ByteView bytes) {
    // The magic stands where it does in every version, so that old ones are known for what they
    // are.
    if (bytes.size() > field::magic) {
        auto magic = load<int8_t>(bytes, field::magic);
        if (magic == 0 || magic == 1) return fail(ErrorCode::invalid_record);
        if (magic != current_magic) return fail(ErrorCode::corrupt_message);
    }
    if (bytes.size() < header_size) return fail(ErrorCode::corrupt_message);
    BatchHeader header{
        .base_offset = Offset{load<int64_t>(bytes, field::base_offset)},
        .batch_length = load<int32_t>(bytes, field::batch_length),
        .leader_epoch = LeaderEpoch{load<int32_t>(bytes, field::partition_leader_epoch)},
        .magic = load<int8_t>(bytes, field::magic),
        .crc = load<uint32_t>(bytes, field::crc),
        .attributes = load<int16_t>(bytes, field::attributes),
        .last_offset_delta = load<int32_t>(bytes, field::last_offset_delta),
        .base_timestamp = load<int64_t>(bytes, field::base_timestamp),
        .max_timestamp = load<int64_t>(bytes, field::max_timestamp),
        .producer_id = ProducerId{load<int64_t>(bytes, field::producer_id)},
        .producer_epoch = load<int16_t>(bytes, field::producer_epoch),
        .base_sequence = load<int32_t>(bytes, field::base_sequence),
        .record_count = load<int32_t>(bytes, field::record_count),
    };
    if (header.batch_length < batch_length_min) return fail(ErrorCode::corrupt_message);
    return header;
}

Result<BatchHeader> validate(ByteView batch, Origin origin) {
    Result<BatchHeader> header = parse_header(batch);
    if (!header) return header;
    if (header->size() > batch.size()) return fail(ErrorCode::corrupt_message);
    if (crc32c(batch.subspan(crc_start, header->size() - crc_start)) != header->crc)
        return fail(ErrorCode::corrupt_message);
    if (Result<void> good = check_common(*header); !good) return fail(good.error());
    Result<void> good = origin == Origin::client ? check_client(*header) : check_log(*header);
    if (!good) return fail(good.error());
    return header;
}

Result<std::optional<BatchView>> BatchReader::next() {
    ByteView rest = bytes_.subspan(position_);
    if (rest.empty()) return std::nullopt;
    Result<BatchHeader> header = parse_header(rest);
    if (!header) return fail(header.error());
    if (header->size() > rest.size()) return fail(ErrorCode::corrupt_message);
    position_ += header->size();
    return BatchView{*header, rest.first(header->size())};
}

bool HeaderView::operator==(const HeaderView& other) const {
    if (key != other.key || value.has_value() != other.value.has_value()) return false;
    return !value || equal(*value, *other.value);
}

HeaderRange::Iterator::Iterator(ByteView bytes, size_t count) : reader_(bytes), left_(count) {
    if (left_ > 0) read();
}

HeaderRange::Iterator& HeaderRange::Iterator::operator++() {
    if (--left_ > 0) read();
    return *this;
}

void HeaderRange::Iterator::read() {
    std::optional<HeaderView> header = read_header(reader_);
    STOKER_CHECK(header.has_value(), "the headers were checked when the record was read");
    current_ = *header;
}

RecordReader::RecordReader(const BatchHeader& header, Bytes decompressed, ByteView records)
    : header_(header),
      decompressed_(std::move(decompressed)),
      reader_(records),
      left_(header.record_count) {}

Result<RecordReader> RecordReader::open(const BatchView& batch, size_t decompressed_max) {
    const BatchHeader& header = batch.header;
    if (header.batch_length < batch_length_min || batch.bytes.size() != header.size())
        return fail(ErrorCode::corrupt_message);
    ByteView records = batch.bytes.subspan(header_size);
    Bytes decompressed;
    if (header.codec() != Codec::none) {
        Result<Bytes> output = decompress(header.codec(), records, decompressed_max);
        if (!output) return fail(output.error());
        decompressed = std::move(*output);
        records = decompressed;
    }
    if (header.record_count < 0 || size_t(header.record_count) > records.size() / record_size_min)
        return fail(ErrorCode::invalid_record);
    return RecordReader(header, std::move(decompressed), records);
}

Result<std::optional<RecordView>> RecordReader::next() {
    if (failed_) return fail(ErrorCode::invalid_record);
    if (left_ == 0) {
        if (reader_.left() == 0) return std::nullopt;
        failed_ = true;
        return fail(ErrorCode::invalid_record);
    }
    Result<RecordView> record = read_record();
    if (!record) {
        failed_ = true;
        return fail(record.error());
    }
    --left_;
    return *record;
}

Result<RecordView> RecordReader::read_record() {
    const auto malformed = fail(ErrorCode::invalid_record);
    std::optional<int32_t> size = reader_.varint();
    if (!size || *size < 0) return malformed;
    std::optional<ByteView> body = reader_.take(size_t(*size));
    if (!body) return malformed;

    VarintReader from(*body);
    std::optional<ByteView> attributes = from.take(1);
    if (!attributes) return malformed;
    std::optional<int64_t> timestamp_delta = from.varlong();
    if (!timestamp_delta) return malformed;
    std::optional<int32_t> offset_delta = from.varint();
    if (!offset_delta) return malformed;
    if (*offset_delta <= last_delta_ || *offset_delta > header_.last_offset_delta) return malformed;
    auto key = read_nullable(from);
    if (!key) return malformed;
    auto value = read_nullable(from);
    if (!value) return malformed;
    std::optional<int32_t> header_count = from.varint();
    // A header has two lengths at least.
    if (!header_count || *header_count < 0 || size_t(*header_count) > from.left() / 2)
        return malformed;
    HeaderRange headers(body->last(from.left()), size_t(*header_count));
    for (int32_t i = 0; i < *header_count; ++i)
        if (!read_header(from)) return malformed;
    if (from.left() != 0) return malformed;

    last_delta_ = *offset_delta;
    return RecordView{
        .offset = Offset{wrapping_sum(raw(header_.base_offset), *offset_delta)},
        .timestamp = header_.is_log_append_time()
                         ? header_.max_timestamp
                         : wrapping_sum(header_.base_timestamp, *timestamp_delta),
        .attributes = std::to_integer<int8_t>(attributes->front()),
        .key = *key,
        .value = *value,
        .headers = headers,
    };
}

void assign_offsets(MutableByteView batch, Offset base, LeaderEpoch epoch) {
    STOKER_CHECK(batch.size() >= header_size, "a batch holds its header");
    store_big_endian(batch.data() + field::base_offset, raw(base));
    store_big_endian(batch.data() + field::partition_leader_epoch, raw(epoch));
}

void set_log_append_time(MutableByteView batch, int64_t timestamp_ms) {
    set_timestamp_type(batch, log_append_time_bit, timestamp_ms);
}

void set_create_time(MutableByteView batch, int64_t max_timestamp_ms) {
    set_timestamp_type(batch, 0, max_timestamp_ms);
}

Result<MaxTimestamp> max_timestamp_record(const BatchView& batch, size_t decompressed_max) {
    Result<RecordReader> reader = RecordReader::open(batch, decompressed_max);
    if (!reader) return fail(reader.error());
    std::optional<MaxTimestamp> max;
    for (;;) {
        Result<std::optional<RecordView>> record = reader->next();
        if (!record) return fail(record.error());
        if (!*record) return max.value_or(MaxTimestamp{});
        if (!max || (*record)->timestamp > max->timestamp)
            max = MaxTimestamp{(*record)->timestamp, (*record)->offset};
    }
}

Result<std::optional<MaxTimestamp>> first_record_at_or_after(const BatchView& batch,
                                                             int64_t timestamp_ms,
                                                             size_t decompressed_max) {
    Result<RecordReader> reader = RecordReader::open(batch, decompressed_max);
    if (!reader) return fail(reader.error());
    for (;;) {
        Result<std::optional<RecordView>> record = reader->next();
        if (!record) return fail(record.error());
        if (!*record) return std::nullopt;
        if ((*record)->timestamp >= timestamp_ms)
            return MaxTimestamp{(*record)->timestamp, (*record)->offset};
    }
}

}  // namespace stoker::record
