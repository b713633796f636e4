#include "storage/offset_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.hpp"

namespace stoker::storage {
namespace {

Bytes counting(size_t size) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = std::byte(i);
    return bytes;
}

TEST(OffsetMap, the_hash_is_siphash_as_its_authors_published_it) {
    const HashSecret secret{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    // The first bytes of their vectors for 128 bits, read as little-endian words.
    EXPECT_EQ(hash_key(secret, {}), (KeyHash{0xe6a825ba047f81a3, 0x930255c71472f66d}));
    EXPECT_EQ(hash_key(secret, counting(1)), (KeyHash{0x44af996bd8c187da, 0x45fc229b11597634}));
    EXPECT_EQ(hash_key(secret, counting(8)), (KeyHash{0x61f55862baa9623b, 0xb49714f364e2830f}));
}

TEST(OffsetMap, each_key_has_its_last_offset) {
    Random random(7);
    OffsetMap map(5'000, {random.next(), random.next()});
    std::map<std::string, int64_t> expected;
    for (int64_t offset = 0; offset < 20'000; ++offset) {
        const std::string key = std::to_string(random.below(4'000));
        ASSERT_TRUE(map.put(bytes_of(key), Offset{offset}, 4'500));
        expected[key] = offset;
    }
    EXPECT_EQ(map.size(), expected.size());
    for (const auto& [key, offset] : expected) {
        ASSERT_EQ(map.find(bytes_of(key)), Offset{offset}) << key;
    }
    EXPECT_FALSE(map.find(bytes_of("4000")));
    EXPECT_FALSE(map.find({}));
}

TEST(OffsetMap, a_full_map_refuses_new_keys_and_takes_known_ones) {
    OffsetMap map(10, {1, 2});
    for (int i = 0; i < 9; ++i) {
        ASSERT_TRUE(map.put(bytes_of(std::to_string(i)), Offset{i}, 9));
    }
    EXPECT_FALSE(map.put(bytes_of("9"), Offset{9}, 9));
    EXPECT_FALSE(map.find(bytes_of("9")));
    EXPECT_TRUE(map.put(bytes_of("3"), Offset{10}, 9));
    EXPECT_EQ(map.find(bytes_of("3")), Offset{10});
    EXPECT_DOUBLE_EQ(map.utilization(), 0.9);
}

TEST(OffsetMap, an_empty_key_is_a_key) {
    OffsetMap map(4, {1, 2});
    ASSERT_TRUE(map.put({}, Offset{0}, 3));
    EXPECT_EQ(map.find({}), Offset{0});
}

}  // namespace
}  // namespace stoker::storage
