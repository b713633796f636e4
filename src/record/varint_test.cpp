#include "record/varint.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.hpp"

namespace stoker::record {
namespace {

Bytes varint(int32_t value) {
    Bytes bytes(varint_size(value));
    EXPECT_EQ(write_varint(bytes.data(), value), bytes.data() + bytes.size());
    return bytes;
}

Bytes varlong(int64_t value) {
    Bytes bytes(varlong_size(value));
    EXPECT_EQ(write_varlong(bytes.data(), value), bytes.data() + bytes.size());
    return bytes;
}

TEST(Varint, is_zigzag_in_groups_of_seven_bits) {
    EXPECT_EQ(hex(varint(0)), "00");
    EXPECT_EQ(hex(varint(-1)), "01");
    EXPECT_EQ(hex(varint(1)), "02");
    EXPECT_EQ(hex(varint(63)), "7e");
    EXPECT_EQ(hex(varint(64)), "8001");
    EXPECT_EQ(hex(varint(std::numeric_limits<int32_t>::max())), "feffffff0f");
    EXPECT_EQ(hex(varint(std::numeric_limits<int32_t>::min())), "ffffffff0f");
    EXPECT_EQ(hex(varlong(std::numeric_limits<int64_t>::max())), "feffffffffffffffff01");
    EXPECT_EQ(hex(varlong(std::numeric_limits<int64_t>::min())), "ffffffffffffffffff01");
}

TEST(Varint, survives_a_round_trip_at_every_width) {
    Random random(11);
    for (int shift = 0; shift < 64; ++shift) {
        for (int i = 0; i < 20; ++i) {
            auto value = int64_t(random.next()) >> shift;
            Bytes bytes = varlong(value);
            VarintReader reader(bytes);
            ASSERT_EQ(reader.varlong(), value);
            ASSERT_EQ(reader.left(), 0u);
            auto narrow = int32_t(value);
            bytes = varint(narrow);
            ASSERT_EQ(VarintReader(bytes).varint(), narrow);
        }
    }
}

TEST(Varint, accepts_needless_zero_groups_as_kafka_does) {
    Bytes bytes = from_hex("8280808000");
    EXPECT_EQ(VarintReader(bytes).varint(), 1);
}

TEST(Varint, refuses_what_does_not_fit_its_type) {
    EXPECT_EQ(VarintReader(from_hex("ffffffff1f")).varint(), std::nullopt);    // a 33rd bit
    EXPECT_EQ(VarintReader(from_hex("ffffffffff01")).varint(), std::nullopt);  // a sixth byte
    EXPECT_EQ(VarintReader(from_hex("ffffffffffffffffff03")).varlong(), std::nullopt);
    EXPECT_EQ(VarintReader(from_hex("ffffffffffffffffffff01")).varlong(), std::nullopt);
}

TEST(Varint, that_is_cut_short_is_refused_and_the_reader_stays) {
    Bytes bytes = from_hex("ffff");
    VarintReader reader(bytes);
    EXPECT_EQ(reader.varint(), std::nullopt);
    EXPECT_EQ(reader.varlong(), std::nullopt);
    EXPECT_EQ(reader.left(), 2u);
    EXPECT_EQ(VarintReader(ByteView()).varint(), std::nullopt);
}

TEST(VarintReader, takes_no_more_than_there_is) {
    Bytes bytes = from_hex("010203");
    VarintReader reader(bytes);
    EXPECT_FALSE(reader.take(4));
    EXPECT_EQ(hex(reader.take(2).value()), "0102");
    EXPECT_EQ(hex(reader.take(1).value()), "03");
    EXPECT_EQ(reader.take(0).value().size(), 0u);
}

}  // namespace
}  // namespace stoker::record
