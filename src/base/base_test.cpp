#include <gtest/gtest.h>

#include <stdexcept>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/crc32c.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"

namespace stoker {
namespace {

uint32_t bit_by_bit_crc32c(ByteView bytes) {
    uint32_t crc = ~0u;
    for (std::byte b : bytes) {
        crc ^= std::to_integer<uint32_t>(b);
        for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
    }
    return ~crc;
}

TEST(Crc32c, knows_the_vectors_of_rfc_3720) {
    EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283u);
    EXPECT_EQ(crc32c(Bytes(32)), 0x8a9136aau);
    EXPECT_EQ(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43u);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32c, equals_the_definition_at_every_length_and_alignment) {
    Random random(7);
    Bytes bytes(14'000);
    for (auto& b : bytes) b = std::byte(random.below(256));
    for (size_t size = 0; size < bytes.size(); size += size < 900 ? 1 : 613) {
        ByteView view = ByteView(bytes).subspan(size % 9, std::min(size, bytes.size() - 9));
        ASSERT_EQ(crc32c(view), bit_by_bit_crc32c(view)) << size;
    }
}

TEST(Crc32c, continues_from_an_earlier_part) {
    EXPECT_EQ(crc32c(bytes_of("6789"), crc32c(bytes_of("12345"))), 0xe3069283u);
}

TEST(Uuid, is_written_as_kafka_writes_it) {
    Uuid one;
    one.bytes[15] = std::byte{1};
    EXPECT_EQ(to_string(Uuid{}), "AAAAAAAAAAAAAAAAAAAAAA");
    EXPECT_EQ(to_string(one), "AAAAAAAAAAAAAAAAAAAAAQ");
    EXPECT_EQ(parse_uuid("AAAAAAAAAAAAAAAAAAAAAQ"), one);
}

TEST(Uuid, survives_a_round_trip) {
    Random random(3);
    for (int i = 0; i < 100; ++i) {
        Uuid id = random.uuid();
        EXPECT_EQ(parse_uuid(to_string(id)), id);
    }
}

TEST(Uuid, refuses_what_is_not_one) {
    EXPECT_FALSE(parse_uuid(""));
    EXPECT_FALSE(parse_uuid("AAAAAAAAAAAAAAAAAAAAA"));
    EXPECT_FALSE(parse_uuid("AAAAAAAAAAAAAAAAAAAAA="));
    EXPECT_FALSE(parse_uuid("AAAAAAAAAAAAAAAAAAAAAB"));  // trailing bits
}

TEST(BigEndian, stores_the_high_byte_first) {
    std::byte place[4];
    store_big_endian(place, int32_t{0x01020304});
    EXPECT_EQ(hex(place), "01020304");
    EXPECT_EQ(load_big_endian<int32_t>(place), 0x01020304);
    EXPECT_EQ(load_big_endian<int16_t>(from_hex("fffe").data()), -2);
}

TEST(Bytes, hexadecimal_refuses_odd_lengths_and_foreign_digits) {
    EXPECT_THROW(from_hex("abc"), std::invalid_argument);
    EXPECT_THROW(from_hex("zz"), std::invalid_argument);
}

TEST(Ids, an_offset_moves_by_counts_of_records) {
    EXPECT_EQ(Offset{5} + 3, Offset{8});
    EXPECT_EQ(Offset{8} - Offset{5}, 3);
    EXPECT_LT(Offset{5}, Offset{8});
}

TEST(ManualClock, moves_only_when_told) {
    ManualClock clock(1000);
    clock.advance_ms(5);
    clock.jump_wall_ms(-100);
    EXPECT_EQ(clock.wall_ms(), 905);
    EXPECT_EQ(clock.monotonic_ms(), 5);
}

}  // namespace
}  // namespace stoker
