// That uncompressed batches are Apache Kafka's byte for byte is shown in golden_test.cpp.
#include "record/builder.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace stoker::record {
namespace {

constexpr int64_t time_ms = 1'700'000'000'000;

BatchView view(const Bytes& bytes) { return {parse_header(bytes).value(), bytes}; }

TEST(BatchBuilder, is_empty_until_a_record_comes) {
    BatchBuilder builder({});
    EXPECT_TRUE(builder.empty());
    EXPECT_EQ(builder.size_bound(), header_size);
    builder.append(time_ms, std::nullopt, std::nullopt);
    EXPECT_FALSE(builder.empty());
    EXPECT_EQ(builder.record_count(), 1);
}

TEST(BatchBuilder, knows_what_a_record_adds_before_it_is_added) {
    BatchBuilder builder({});
    Header header{"header", std::nullopt};
    for (int64_t time : {time_ms, time_ms + 100'000, int64_t{0}}) {
        size_t before = builder.size_bound();
        size_t added = builder.record_size(time, bytes_of("k"), Bytes(200), std::span(&header, 1));
        builder.append(time, bytes_of("k"), Bytes(200), std::span(&header, 1));
        EXPECT_EQ(builder.size_bound(), before + added);
    }
    size_t bound = builder.size_bound();
    EXPECT_EQ(std::move(builder).build().size(), bound);
}

TEST(BatchBuilder, keeps_to_its_bound_when_compression_makes_it_longer) {
    Random random(21);
    for (Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
        BatchBuilder builder({.codec = codec});
        Bytes noise(100'000);
        for (std::byte& b : noise) b = std::byte(random.below(256));
        builder.append(time_ms, std::nullopt, noise);
        size_t bound = builder.size_bound();
        size_t size = std::move(builder).build().size();
        EXPECT_LE(size, bound) << int(codec);
        EXPECT_GT(size, noise.size());
    }
}

TEST(BatchBuilder, writes_what_its_options_say) {
    BatchBuilder builder({
        .base_offset = Offset{77},
        .producer_id = ProducerId{5},
        .producer_epoch = 6,
        .base_sequence = 7,
        .transactional = true,
        .control = true,
        .log_append_time = true,
        .append_time_ms = time_ms + 9,
        .leader_epoch = LeaderEpoch{8},
    });
    builder.append(time_ms, std::nullopt, std::nullopt);
    Bytes batch = std::move(builder).build();
    BatchHeader header = validate(batch, Origin::log).value();
    EXPECT_EQ(header.base_offset, Offset{77});
    EXPECT_EQ(header.producer_id, ProducerId{5});
    EXPECT_EQ(header.producer_epoch, 6);
    EXPECT_EQ(header.base_sequence, 7);
    EXPECT_TRUE(header.is_transactional());
    EXPECT_TRUE(header.is_control());
    EXPECT_TRUE(header.is_log_append_time());
    EXPECT_EQ(header.base_timestamp, time_ms);
    EXPECT_EQ(header.max_timestamp, time_ms + 9);
    EXPECT_EQ(header.leader_epoch, LeaderEpoch{8});
}

struct OwnRecord {
    int64_t timestamp;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;

    bool operator==(const OwnRecord&) const = default;
};

std::optional<std::string> random_text(Random& random, size_t size_max) {
    if (random.below(5) == 0) return std::nullopt;
    std::string text(random.below(size_max), ' ');
    for (char& c : text) c = char(random.below(256) & random.below(256));
    return text;
}

OwnRecord random_record(Random& random) {
    OwnRecord record{int64_t(random.next()) >> random.below(64), random_text(random, 40),
                     random_text(random, random.below(50) == 0 ? 50'000 : 300), {}};
    for (uint64_t n = random.below(4); n > 0; --n)
        record.headers.emplace_back(random_text(random, 20).value_or(""), random_text(random, 90));
    return record;
}

std::optional<ByteView> bytes_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return stoker::bytes_of(*text);
}

std::optional<std::string> string_of(const std::optional<ByteView>& bytes) {
    if (!bytes) return std::nullopt;
    return std::string(text_of(*bytes));
}

Bytes build(const std::vector<OwnRecord>& records, Codec codec) {
    BatchBuilder builder({.codec = codec});
    for (const OwnRecord& record : records) {
        std::vector<Header> headers;
        for (const auto& [key, value] : record.headers) headers.push_back({key, bytes_of(value)});
        builder.append(record.timestamp, bytes_of(record.key), bytes_of(record.value), headers);
    }
    return std::move(builder).build();
}

std::vector<OwnRecord> read(const Bytes& batch) {
    std::vector<OwnRecord> records;
    auto count = for_each_record(view(batch), 1 << 24, [&](const RecordView& record) {
        OwnRecord own{record.timestamp, string_of(record.key), string_of(record.value), {}};
        for (const HeaderView& header : record.headers)
            own.headers.emplace_back(header.key, string_of(header.value));
        EXPECT_EQ(record.offset, Offset{int64_t(records.size())});
        records.push_back(own);
    });
    EXPECT_EQ(count, records.size());
    return records;
}

TEST(BatchBuilder, survives_round_trips_of_random_records) {
    Random random;
    for (int round = 0; round < 300; ++round) {
        std::vector<OwnRecord> records;
        for (uint64_t n = random.below(60) + 1; n > 0; --n)
            records.push_back(random_record(random));
        Bytes batch = build(records, Codec(random.below(5)));
        ASSERT_TRUE(validate(batch).has_value()) << "seed " << random.seed();
        ASSERT_EQ(read(batch), records) << "seed " << random.seed();
    }
}

TEST(BatchBuilder, takes_timestamps_at_the_ends_of_their_range) {
    std::vector<OwnRecord> records;
    for (int64_t time : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                         int64_t{0}})
        records.push_back({time, std::nullopt, std::nullopt, {}});
    EXPECT_EQ(read(build(records, Codec::none)), records);
}

TEST(ControlKey, is_a_version_and_a_type) {
    EXPECT_EQ(hex(control_key(ControlType::leader_change)), "00000002");
    EXPECT_EQ(control_type(from_hex("00000001")), ControlType::commit);
    EXPECT_EQ(control_type(from_hex("000100ff")), ControlType{255});
    EXPECT_EQ(control_type(from_hex("000000")), std::nullopt);
}

}  // namespace
}  // namespace stoker::record
