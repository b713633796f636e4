#include "record/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string>

#include "base/big_endian.hpp"
#include "base/crc32c.hpp"
#include "base/random.hpp"
#include "record/builder.hpp"

namespace stoker::record {
namespace {

constexpr int64_t time_ms = 1'700'000'000'000;
constexpr size_t unlimited = 1 << 24;
constexpr Codec codecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

/// Three records, ten milliseconds apart.
Bytes sample(Codec codec = Codec::none) {
    BatchBuilder builder({.codec = codec});
    Header header{"h", bytes_of("1")};
    builder.append(time_ms, bytes_of("key"), bytes_of("value"), std::span(&header, 1));
    builder.append(time_ms + 20, std::nullopt, bytes_of("no key"));
    builder.append(time_ms + 10, bytes_of("tombstone"), std::nullopt);
    return std::move(builder).build();
}

/// The batch with a number of its header replaced and a checksum that is right again.
template <class T>
Bytes with(Bytes batch, size_t at, T value) {
    store_big_endian(batch.data() + at, value);
    store_big_endian(batch.data() + field::crc, crc32c(ByteView(batch).subspan(crc_start)));
    return batch;
}

/// A batch whose bytes behind the header are `records`, as they are given.
Bytes raw_batch(ByteView records, int32_t count, int16_t attributes = 0) {
    Bytes batch(header_size);
    batch.insert(batch.end(), records.begin(), records.end());
    store_big_endian(batch.data() + field::batch_length, int32_t(batch.size() - log_overhead));
    store_big_endian(batch.data() + field::magic, current_magic);
    store_big_endian(batch.data() + field::attributes, attributes);
    store_big_endian(batch.data() + field::last_offset_delta, count - 1);
    store_big_endian(batch.data() + field::base_timestamp, time_ms);
    store_big_endian(batch.data() + field::producer_id, int64_t{-1});
    return with(batch, field::record_count, count);
}

BatchView view(const Bytes& bytes) { return {parse_header(bytes).value(), bytes}; }

ErrorCode error_of(const Bytes& batch, Origin origin = Origin::client) {
    Result<BatchHeader> header = validate(batch, origin);
    return header ? ErrorCode::none : header.error();
}

ErrorCode reading_error(const Bytes& batch) {
    auto count = for_each_record(view(batch), unlimited, [](const RecordView&) {});
    return count ? ErrorCode::none : count.error();
}

/// One record's error when it is the only one of a batch; `hex_digits` begin with its length.
ErrorCode record_error(std::string_view hex_digits) {
    return reading_error(raw_batch(from_hex(hex_digits), 1));
}

TEST(BatchHeader, tells_what_the_attributes_say) {
    BatchHeader header{.attributes = 0x10 | 0x20 | 4};
    EXPECT_EQ(header.codec(), Codec::zstd);
    EXPECT_TRUE(header.is_transactional());
    EXPECT_TRUE(header.is_control());
    EXPECT_FALSE(header.is_log_append_time());
    EXPECT_FALSE(header.has_producer_id());
    EXPECT_TRUE(BatchHeader{.producer_id = ProducerId{0}}.has_producer_id());
    EXPECT_TRUE(BatchHeader{.attributes = 0x08}.is_log_append_time());
    EXPECT_TRUE(BatchHeader{.attributes = 0x40}.has_delete_horizon());
}

TEST(BatchHeader, counts_sequences_past_their_end_from_zero) {
    constexpr int32_t end = std::numeric_limits<int32_t>::max();
    auto last = [](int32_t base, int32_t delta) {
        return BatchHeader{.last_offset_delta = delta, .base_sequence = base}.last_sequence();
    };
    EXPECT_EQ(last(5, 2), 7);
    EXPECT_EQ(last(end, 0), end);
    EXPECT_EQ(last(end, 1), 0);
    EXPECT_EQ(last(end - 1, 4), 2);
    EXPECT_EQ(last(no_sequence, 4), no_sequence);
}

TEST(ParseHeader, reads_a_header_without_the_rest_of_its_batch) {
    Bytes batch = sample();
    Result<BatchHeader> header = parse_header(ByteView(batch).first(header_size));
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->size(), batch.size());
    EXPECT_EQ(header->record_count, 3);
    EXPECT_EQ(header->max_timestamp, time_ms + 20);
}

TEST(ParseHeader, refuses_what_is_too_short_for_a_header) {
    Bytes batch = sample();
    for (size_t size = 0; size < header_size; ++size)
        EXPECT_EQ(parse_header(ByteView(batch).first(size)).error(), ErrorCode::corrupt_message);
}

TEST(ParseHeader, refuses_lengths_that_cannot_be) {
    for (int32_t length : {48, 0, -1, std::numeric_limits<int32_t>::min()})
        EXPECT_EQ(parse_header(with(sample(), field::batch_length, length)).error(),
                  ErrorCode::corrupt_message);
    EXPECT_TRUE(parse_header(with(sample(), field::batch_length,
                                  std::numeric_limits<int32_t>::max())));
}

TEST(ParseHeader, answers_old_magics_as_kafka_does_and_foreign_ones_as_corrupt) {
    for (int8_t magic : std::initializer_list<int8_t>{0, 1})
        EXPECT_EQ(parse_header(with(sample(), field::magic, magic)).error(),
                  ErrorCode::invalid_record);
    for (int8_t magic : std::initializer_list<int8_t>{3, 127, -1, -128})
        EXPECT_EQ(parse_header(with(sample(), field::magic, magic)).error(),
                  ErrorCode::corrupt_message);
    // A whole message of magic 0 is shorter than a header of magic 2.
    Bytes message(34);
    EXPECT_EQ(parse_header(message).error(), ErrorCode::invalid_record);
}

TEST(Validate, accepts_what_a_client_builds_in_every_codec) {
    for (Codec codec : codecs) EXPECT_EQ(error_of(sample(codec)), ErrorCode::none) << int(codec);
}

TEST(Validate, detects_every_bit_flip_but_those_in_the_leader_epoch) {
    for (Codec codec : codecs) {
        Bytes batch = sample(codec);
        for (size_t bit = 0; bit < batch.size() * 8; ++bit) {
            // Who appends the batch stamps its epoch: nothing guards it.
            if (bit / 8 >= field::partition_leader_epoch && bit / 8 < field::magic) continue;
            batch[bit / 8] ^= std::byte(1 << bit % 8);
            ASSERT_NE(error_of(batch), ErrorCode::none) << "bit " << bit;
            batch[bit / 8] ^= std::byte(1 << bit % 8);
        }
    }
}

TEST(Validate, detects_every_bit_flip_under_the_checksum_in_a_log) {
    Bytes batch = sample();
    for (size_t bit = field::magic * 8; bit < batch.size() * 8; ++bit) {
        batch[bit / 8] ^= std::byte(1 << bit % 8);
        ASSERT_NE(error_of(batch, Origin::log), ErrorCode::none) << "bit " << bit;
        batch[bit / 8] ^= std::byte(1 << bit % 8);
    }
}

TEST(Validate, detects_every_truncation) {
    for (Codec codec : codecs) {
        Bytes batch = sample(codec);
        for (size_t size = 0; size < batch.size(); ++size)
            ASSERT_EQ(validate(ByteView(batch).first(size)).error(), ErrorCode::corrupt_message);
    }
}

TEST(Validate, looks_at_the_first_batch_only) {
    Bytes batch = sample();
    size_t size = batch.size();
    batch.resize(size + 100);
    ASSERT_TRUE(validate(batch).has_value());
    EXPECT_EQ(validate(batch)->size(), size);
}

TEST(Validate, refuses_counts_and_offsets_that_contradict_one_another) {
    for (Origin origin : {Origin::client, Origin::log}) {
        EXPECT_EQ(error_of(with(sample(), field::record_count, 4), origin),
                  ErrorCode::invalid_record);
        EXPECT_EQ(error_of(with(sample(), field::record_count, -1), origin),
                  ErrorCode::invalid_record);
        EXPECT_EQ(error_of(with(sample(), field::last_offset_delta, 1), origin),
                  ErrorCode::invalid_record);
        EXPECT_EQ(error_of(with(sample(), field::last_offset_delta, -1), origin),
                  ErrorCode::invalid_record);
        // As many records as offsets, but not as many bytes.
        Bytes many = with(sample(), field::last_offset_delta, 999);
        EXPECT_EQ(error_of(with(many, field::record_count, 1'000), origin),
                  ErrorCode::invalid_record);
    }
}

TEST(Validate, allows_missing_records_in_a_log_and_not_from_a_client) {
    Bytes fewer = with(sample(), field::last_offset_delta, 9);
    EXPECT_EQ(error_of(fewer, Origin::log), ErrorCode::none);
    EXPECT_EQ(error_of(fewer, Origin::client), ErrorCode::invalid_record);
    Bytes none = raw_batch({}, 0);
    EXPECT_EQ(error_of(with(none, field::last_offset_delta, 0), Origin::log), ErrorCode::none);
    EXPECT_EQ(error_of(none, Origin::client), ErrorCode::invalid_record);
}

TEST(Validate, wants_a_clients_offsets_to_start_at_zero) {
    Bytes batch = with(sample(), field::base_offset, int64_t{1});
    EXPECT_EQ(error_of(batch, Origin::client), ErrorCode::invalid_record);
    EXPECT_EQ(error_of(batch, Origin::log), ErrorCode::none);
}

TEST(Validate, refuses_offsets_in_a_log_that_are_negative_or_overflow) {
    constexpr int64_t end = std::numeric_limits<int64_t>::max();
    auto at = [](int64_t base) {
        return error_of(with(sample(), field::base_offset, base), Origin::log);
    };
    EXPECT_EQ(at(-1), ErrorCode::corrupt_message);
    EXPECT_EQ(at(end), ErrorCode::corrupt_message);
    EXPECT_EQ(at(end - 2), ErrorCode::none);
}

TEST(Validate, refuses_control_batches_from_clients) {
    Bytes batch = with(sample(), field::attributes, control_bit);
    EXPECT_EQ(error_of(batch, Origin::client), ErrorCode::invalid_record);
    EXPECT_EQ(error_of(batch, Origin::log), ErrorCode::none);
}

TEST(Validate, wants_a_sequence_where_there_is_a_producer_id) {
    Bytes batch = with(sample(), field::producer_id, int64_t{7});
    EXPECT_EQ(error_of(with(batch, field::base_sequence, -1)), ErrorCode::invalid_record);
    EXPECT_EQ(error_of(with(batch, field::base_sequence, -2)), ErrorCode::invalid_record);
    EXPECT_EQ(error_of(with(batch, field::base_sequence, 0)), ErrorCode::none);
    // A transaction marker has a producer but no sequence.
    EXPECT_EQ(error_of(with(batch, field::base_sequence, -1), Origin::log), ErrorCode::none);
}

TEST(Validate, wants_a_producer_id_where_there_is_a_transaction) {
    Bytes batch = with(sample(), field::attributes, transactional_bit);
    EXPECT_EQ(error_of(batch), ErrorCode::invalid_record);
    batch = with(with(batch, field::producer_id, int64_t{7}), field::base_sequence, 0);
    EXPECT_EQ(error_of(batch), ErrorCode::none);
}

TEST(Validate, refuses_codecs_that_do_not_exist) {
    for (int16_t codec : std::initializer_list<int16_t>{5, 6, 7})
        EXPECT_EQ(error_of(with(sample(), field::attributes, codec)),
                  ErrorCode::unsupported_compression_type);
}

TEST(BatchReader, gives_one_batch_after_another) {
    Bytes all = sample();
    Bytes second = sample(Codec::lz4);
    size_t first_size = all.size();
    all.insert(all.end(), second.begin(), second.end());
    BatchReader reader(all);
    EXPECT_EQ((*reader.next())->bytes.size(), first_size);
    EXPECT_EQ(reader.position(), first_size);
    EXPECT_TRUE(equal((*reader.next())->bytes, second));
    EXPECT_EQ(reader.position(), all.size());
    EXPECT_EQ(reader.next().value(), std::nullopt);
    EXPECT_EQ(reader.next().value(), std::nullopt);
}

TEST(BatchReader, stops_where_the_rest_is_no_whole_batch) {
    Bytes all = sample();
    size_t whole = all.size();
    Bytes second = sample();
    all.insert(all.end(), second.begin(), second.end() - 1);
    BatchReader reader(all);
    ASSERT_TRUE(reader.next().value());
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(reader.next().error(), ErrorCode::corrupt_message);
        EXPECT_EQ(reader.position(), whole);
    }
}

TEST(RecordReader, gives_what_was_put_in_whatever_the_codec) {
    for (Codec codec : codecs) {
        Bytes batch = with(sample(codec), field::base_offset, int64_t{100});
        RecordReader reader = RecordReader::open(view(batch), unlimited).value();
        RecordView first = reader.next().value().value();
        EXPECT_EQ(first.offset, Offset{100});
        EXPECT_EQ(first.timestamp, time_ms);
        EXPECT_EQ(text_of(first.key.value()), "key");
        EXPECT_EQ(text_of(first.value.value()), "value");
        ASSERT_EQ(first.headers.size(), 1u);
        EXPECT_EQ(*first.headers.begin(), (HeaderView{"h", bytes_of("1")}));
        RecordView second = reader.next().value().value();
        EXPECT_EQ(second.offset, Offset{101});
        EXPECT_EQ(second.key, std::nullopt);
        EXPECT_TRUE(second.headers.empty());
        RecordView third = reader.next().value().value();
        EXPECT_EQ(third.timestamp, time_ms + 10);
        EXPECT_EQ(third.value, std::nullopt);
        EXPECT_EQ(reader.next().value(), std::nullopt);
        EXPECT_EQ(text_of(first.key.value()), "key");  // views live as long as the reader
    }
}

TEST(RecordReader, keeps_its_records_when_it_is_moved) {
    Bytes batch = sample(Codec::zstd);
    RecordReader reader = RecordReader::open(view(batch), unlimited).value();
    RecordView first = reader.next().value().value();
    RecordReader moved = std::move(reader);
    EXPECT_EQ(text_of(first.key.value()), "key");
    EXPECT_EQ(text_of(moved.next().value()->value.value()), "no key");
}

TEST(RecordReader, keeps_to_the_cap_when_it_decompresses) {
    BatchBuilder builder({.codec = Codec::zstd});
    builder.append(time_ms, std::nullopt, Bytes(100'000));
    Bytes batch = std::move(builder).build();
    EXPECT_EQ(RecordReader::open(view(batch), 100'000).error(), ErrorCode::corrupt_message);
    EXPECT_TRUE(RecordReader::open(view(batch), 100'012).has_value());
}

TEST(RecordReader, refuses_a_view_that_is_not_its_batch) {
    Bytes batch = sample();
    BatchView shorter{parse_header(batch).value(), ByteView(batch).first(batch.size() - 1)};
    EXPECT_EQ(RecordReader::open(shorter, unlimited).error(), ErrorCode::corrupt_message);
}

TEST(RecordReader, accepts_the_least_record_there_is) {
    EXPECT_EQ(record_error("0c"  // six bytes: attributes, two deltas, null key, null value, 0
                           "000000010100"),
              ErrorCode::none);
}

TEST(RecordReader, refuses_lengths_and_counts_that_lie) {
    for (const char* record : {
             "0e000000010100",            // one byte longer than what is there
             "0a000000010100",            // one byte shorter
             "0dffffffffffff",            // a negative length
             "ffffffff0f0000000000",      // a length of -2^31
             "feffffff0f0000000000",      // a length of 2^31-1
             "0e00000001010000",          // a byte behind the record's end
             "0c000000030100",            // a key of -2 bytes
             "0c000000020100",            // a key that reaches into the value's length
             "0c000000010300",            // a value of -2 bytes
             "0c000000017e00",            // a value that is longer than the record
             "0c000000010101",            // -1 headers
             "0c000000010102",            // a header that is not there
             "100000000101020101",        // a header with a null key
             "100000000101020003",        // a header's value of -2 bytes
             "16000000010102026b0276fe",  // a byte behind the last header
             "140000000101feffffff0f",    // 2^31-1 headers
             "1400808080808080808080",    // a timestamp that does not end
             "0e00008080808080",          // an offset that does not end
             "00",                        // no attributes
             "0200",                      // nothing but attributes
         }) {
        Bytes padded = from_hex(record);
        padded.resize(std::max(padded.size(), record_size_min));
        EXPECT_EQ(reading_error(raw_batch(padded, 1)), ErrorCode::invalid_record) << record;
    }
}

TEST(RecordReader, refuses_offsets_that_do_not_rise_or_leave_the_range) {
    auto read = [](std::string_view first_delta, std::string_view second_delta) {
        std::string records = "0c0000" + std::string(first_delta) + "010100" + "0c0000" +
                              std::string(second_delta) + "010100";
        return reading_error(raw_batch(from_hex(records), 2));
    };
    EXPECT_EQ(read("00", "02"), ErrorCode::none);
    EXPECT_EQ(read("00", "00"), ErrorCode::invalid_record);
    EXPECT_EQ(read("02", "00"), ErrorCode::invalid_record);
    EXPECT_EQ(read("01", "02"), ErrorCode::invalid_record);  // -1
    EXPECT_EQ(read("00", "04"), ErrorCode::invalid_record);  // 2 of 0..1
}

TEST(RecordReader, refuses_a_number_of_records_that_is_not_theirs) {
    std::string record = "0c000000010100";
    std::string second = "0c000002010100";
    EXPECT_EQ(reading_error(raw_batch(from_hex(record + second), 1)), ErrorCode::invalid_record);
    EXPECT_EQ(reading_error(raw_batch(from_hex(record + second), 3)), ErrorCode::invalid_record);
    EXPECT_EQ(reading_error(raw_batch(from_hex(record), 0)), ErrorCode::invalid_record);
    EXPECT_EQ(reading_error(raw_batch({}, 0)), ErrorCode::none);
}

TEST(RecordReader, repeats_its_error) {
    Bytes batch = raw_batch(from_hex("0c0000000101010c000002010100"), 2);
    RecordReader reader = RecordReader::open(view(batch), unlimited).value();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.next().error(), ErrorCode::invalid_record);
}

TEST(RecordReader, survives_deltas_at_the_ends_of_their_range) {
    Bytes batch = raw_batch(from_hex("1e00ffffffffffffffffff0100010100"), 1);
    batch = with(batch, field::base_timestamp, std::numeric_limits<int64_t>::min());
    batch = with(batch, field::base_offset, std::numeric_limits<int64_t>::max());
    RecordReader reader = RecordReader::open(view(batch), unlimited).value();
    EXPECT_EQ(reader.next().value()->timestamp, 0);
}

TEST(RecordReader, never_crashes_on_random_bytes) {
    Random random;
    for (int i = 0; i < 20'000; ++i) {
        Bytes records(random.below(60));
        for (std::byte& b : records) b = std::byte(random.below(random.below(2) ? 16 : 256));
        Bytes batch = raw_batch(records, int32_t(random.below(5)), int16_t(random.below(8)));
        size_t seen = 0;
        auto count = for_each_record(view(batch), 1'000, [&](const RecordView& record) {
            for (const HeaderView& header : record.headers) seen += header.key.size();
            ++seen;
        });
        ASSERT_TRUE(!count || *count <= 4) << "seed " << random.seed();
    }
}

TEST(RecordReader, never_crashes_on_damaged_batches) {
    Random random;
    for (int i = 0; i < 20'000; ++i) {
        Bytes batch = sample(codecs[random.below(5)]);
        for (uint64_t flips = random.below(4) + 1; flips > 0; --flips) {
            size_t at = crc_start + random.below(batch.size() - crc_start);
            batch[at] ^= std::byte(1 << random.below(8));
        }
        auto count = for_each_record(view(batch), 10'000, [](const RecordView& record) {
            for (const HeaderView& header : record.headers) EXPECT_LE(header.key.size(), 100u);
        });
        ASSERT_TRUE(!count || *count <= 1'500) << "seed " << random.seed();
    }
}

TEST(AssignOffsets, stamps_offset_and_epoch_and_leaves_the_checksum_right) {
    Bytes batch = sample(Codec::gzip);
    assign_offsets(batch, Offset{1'000}, LeaderEpoch{7});
    BatchHeader header = validate(batch, Origin::log).value();
    EXPECT_EQ(header.base_offset, Offset{1'000});
    EXPECT_EQ(header.last_offset(), Offset{1'002});
    EXPECT_EQ(header.leader_epoch, LeaderEpoch{7});
}

TEST(SetLogAppendTime, gives_every_record_the_time_of_the_append) {
    for (Codec codec : codecs) {
        Bytes batch = sample(codec);
        set_log_append_time(batch, time_ms + 500);
        BatchHeader header = validate(batch).value();
        EXPECT_TRUE(header.is_log_append_time());
        EXPECT_EQ(header.codec(), codec);
        EXPECT_EQ(header.max_timestamp, time_ms + 500);
        auto count = for_each_record(view(batch), unlimited, [](const RecordView& record) {
            EXPECT_EQ(record.timestamp, time_ms + 500);
        });
        EXPECT_EQ(count, 3u);
    }
}

TEST(SetCreateTime, gives_every_record_its_own_time_back) {
    Bytes batch = sample(Codec::gzip);
    Bytes appended = batch;
    set_log_append_time(appended, time_ms + 500);
    ASSERT_NE(hex(appended), hex(batch));
    set_create_time(appended, time_ms + 20);
    EXPECT_EQ(hex(appended), hex(batch));
}

TEST(MaxTimestampRecord, is_the_first_of_the_latest_records) {
    BatchBuilder builder({.base_offset = Offset{40}, .codec = Codec::snappy});
    for (int64_t delta : {3, 9, 1, 9}) builder.append(time_ms + delta, std::nullopt, std::nullopt);
    Bytes batch = std::move(builder).build();
    MaxTimestamp max = max_timestamp_record(view(batch), unlimited).value();
    EXPECT_EQ(max.timestamp, time_ms + 9);
    EXPECT_EQ(max.offset, Offset{41});
}

TEST(MaxTimestampRecord, is_the_first_record_when_the_log_gave_the_time) {
    Bytes batch = sample();
    set_log_append_time(batch, time_ms + 500);
    MaxTimestamp max = max_timestamp_record(view(batch), unlimited).value();
    EXPECT_EQ(max.timestamp, time_ms + 500);
    EXPECT_EQ(max.offset, Offset{0});
}

TEST(MaxTimestampRecord, of_an_empty_batch_is_unknown) {
    MaxTimestamp max = max_timestamp_record(view(raw_batch({}, 0)), unlimited).value();
    EXPECT_EQ(max.timestamp, no_timestamp);
    EXPECT_EQ(max.offset, Offset{-1});
}

TEST(FirstRecordAtOrAfter, finds_the_first_in_the_order_of_offsets) {
    Bytes batch = sample();
    auto offset_at = [&](int64_t delta) {
        auto found = first_record_at_or_after(view(batch), time_ms + delta, unlimited).value();
        return found ? raw(found->offset) : -1;
    };
    EXPECT_EQ(offset_at(-1), 0);
    EXPECT_EQ(offset_at(0), 0);
    EXPECT_EQ(offset_at(1), 1);
    EXPECT_EQ(offset_at(20), 1);
    EXPECT_EQ(offset_at(21), -1);
}

TEST(TimestampSearches, report_a_malformed_batch) {
    Bytes batch = raw_batch(from_hex("0c000000010101"), 1);
    EXPECT_EQ(max_timestamp_record(view(batch), unlimited).error(), ErrorCode::invalid_record);
    EXPECT_EQ(first_record_at_or_after(view(batch), 0, unlimited).error(),
              ErrorCode::invalid_record);
}

}  // namespace
}  // namespace stoker::record
