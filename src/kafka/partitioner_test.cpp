#include "kafka/partitioner.hpp"

#include <gtest/gtest.h>

#include <set>

namespace stoker::kafka {
namespace {

TEST(Partitioner, murmur2_gives_the_numbers_of_javas_clients) {
    EXPECT_EQ(murmur2(bytes_of("21")), -973932308);
    EXPECT_EQ(murmur2(bytes_of("foobar")), -790332482);
    EXPECT_EQ(murmur2(bytes_of("a-little-bit-long-string")), -985981536);
    EXPECT_EQ(murmur2(bytes_of("a-little-bit-longer-string")), -1486304829);
    EXPECT_EQ(murmur2(bytes_of("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
    EXPECT_EQ(murmur2(bytes_of("abc")), 479470107);
}

TEST(Partitioner, a_negative_hash_still_gives_a_partition) {
    EXPECT_EQ(partition_for_key(bytes_of("21"), 7), (-973932308 & 0x7fffffff) % 7);
    EXPECT_EQ(partition_for_key(bytes_of(""), 1), 0);
}

TEST(Partitioner, records_without_a_key_stick_until_a_batch_worth_of_bytes) {
    Random random(7);
    StickyPartitioner sticky(random, 100);
    const int32_t first = sticky.next(1000);
    sticky.added(99, true);
    EXPECT_EQ(sticky.next(1000), first);
    sticky.added(1, true);
    EXPECT_NE(sticky.next(1000), first);
}

TEST(Partitioner, a_batch_that_is_still_open_keeps_the_partition_up_to_twice_its_size) {
    Random random(7);
    StickyPartitioner sticky(random, 100);
    const int32_t first = sticky.next(1000);
    sticky.added(150, false);
    EXPECT_EQ(sticky.next(1000), first);
    sticky.added(50, false);
    EXPECT_NE(sticky.next(1000), first);
}

TEST(Partitioner, fewer_partitions_than_before_make_it_choose_again) {
    Random random(7);
    StickyPartitioner sticky(random, 100);
    while (sticky.next(1000) < 1) sticky.added(200, true);
    EXPECT_EQ(sticky.next(1), 0);
}

}  // namespace
}  // namespace stoker::kafka
