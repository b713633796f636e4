#include "record/rewrite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "record/builder.hpp"

namespace stoker::record {
namespace {

constexpr size_t no_limit = 1 << 20;

struct Parsed {
    Bytes bytes;
    BatchHeader header;
    BatchView view() const { return {header, bytes}; }
};

Parsed parsed(Bytes bytes) {
    const auto header = validate(bytes, Origin::log);
    EXPECT_TRUE(header);
    return {std::move(bytes), *header};
}

/// Five records, the third a tombstone, of a producer in a transaction.
Parsed five(Codec codec, bool append_time = false) {
    BatchBuilder builder({.base_offset = Offset{100},
                          .codec = codec,
                          .producer_id = ProducerId{7},
                          .producer_epoch = 3,
                          .base_sequence = 40,
                          .transactional = true,
                          .log_append_time = append_time,
                          .append_time_ms = 9'000,
                          .leader_epoch = LeaderEpoch{5}});
    const Header header{"trace", bytes_of("abc")};
    for (int i = 0; i < 5; ++i) {
        const std::string key = "key " + std::to_string(i);
        const std::string value(50, char('a' + i));
        std::optional<ByteView> body = bytes_of(value);
        if (i == 2) body.reset();
        builder.append(1'000 + i * 10, bytes_of(key), body, {&header, size_t(i % 2)});
    }
    return parsed(std::move(builder).build());
}

/// The batch with the records of these places.
Parsed keep(const Parsed& batch, const std::vector<int>& places,
            std::optional<int64_t> horizon = std::nullopt) {
    auto reader = RecordReader::open(batch.view(), no_limit);
    std::vector<RecordView> kept;
    for (int i = 0; i < batch.header.record_count; ++i) {
        const RecordView record = **reader->next();
        if (std::ranges::find(places, i) != places.end()) kept.push_back(record);
    }
    return parsed(rewrite_batch(batch.header, kept, horizon));
}

TEST(Rewrite, what_stays_keeps_its_offset_and_the_batch_its_bounds_and_sequences) {
    for (const Codec codec :
         {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
        const Parsed batch = keep(five(codec), {1, 3});
        EXPECT_EQ(batch.header.codec(), codec);
        EXPECT_EQ(batch.header.base_offset, Offset{100});
        EXPECT_EQ(batch.header.last_offset(), Offset{104});
        EXPECT_EQ(batch.header.producer_id, ProducerId{7});
        EXPECT_EQ(batch.header.producer_epoch, 3);
        EXPECT_EQ(batch.header.base_sequence, 40);
        EXPECT_EQ(batch.header.last_sequence(), 44);
        EXPECT_EQ(batch.header.leader_epoch, LeaderEpoch{5});
        EXPECT_TRUE(batch.header.is_transactional());
        EXPECT_EQ(batch.header.base_timestamp, 1'010);
        EXPECT_EQ(batch.header.max_timestamp, 1'030);
        auto reader = RecordReader::open(batch.view(), no_limit);
        const RecordView first = **reader->next();
        EXPECT_EQ(first.offset, Offset{101});
        EXPECT_EQ(first.timestamp, 1'010);
        EXPECT_EQ(text_of(*first.key), "key 1");
        EXPECT_EQ(first.headers.size(), 1u);
        EXPECT_EQ((*first.headers.begin()).key, "trace");
        const RecordView second = **reader->next();
        EXPECT_EQ(second.offset, Offset{103});
        EXPECT_EQ(text_of(*second.value), std::string(50, 'd'));
        EXPECT_FALSE(*reader->next());
    }
}

TEST(Rewrite, all_records_without_a_horizon_are_the_same_bytes_again) {
    const Parsed batch = five(Codec::none);
    EXPECT_EQ(keep(batch, {0, 1, 2, 3, 4}).bytes, batch.bytes);
}

TEST(Rewrite, a_horizon_is_the_base_timestamp_and_changes_no_records_time) {
    const Parsed batch = keep(five(Codec::none), {0, 2}, 50'000);
    EXPECT_EQ(delete_horizon(batch.header), 50'000);
    EXPECT_EQ(batch.header.max_timestamp, 1'020);
    auto reader = RecordReader::open(batch.view(), no_limit);
    EXPECT_EQ((**reader->next()).timestamp, 1'000);
    const RecordView tombstone = **reader->next();
    EXPECT_EQ(tombstone.timestamp, 1'020);
    EXPECT_FALSE(tombstone.value);
    EXPECT_EQ(delete_horizon(five(Codec::none).header), std::nullopt);
}

TEST(Rewrite, append_time_stays_the_batchs) {
    const Parsed batch = keep(five(Codec::none, true), {4}, 50'000);
    EXPECT_TRUE(batch.header.is_log_append_time());
    EXPECT_EQ(batch.header.max_timestamp, 9'000);
    auto reader = RecordReader::open(batch.view(), no_limit);
    EXPECT_EQ((**reader->next()).timestamp, 9'000);
}

TEST(Rewrite, an_empty_batch_keeps_what_a_producer_and_a_reader_need) {
    const Parsed batch = parsed(empty_batch(five(Codec::zstd).header));
    EXPECT_EQ(batch.bytes.size(), header_size);
    EXPECT_EQ(batch.header.record_count, 0);
    EXPECT_EQ(batch.header.codec(), Codec::none);
    EXPECT_EQ(batch.header.last_offset(), Offset{104});
    EXPECT_EQ(batch.header.last_sequence(), 44);
    EXPECT_EQ(batch.header.max_timestamp, 1'040);
    EXPECT_TRUE(batch.header.is_transactional());
    auto reader = RecordReader::open(batch.view(), no_limit);
    EXPECT_FALSE(*reader->next());
}

}  // namespace
}  // namespace stoker::record
