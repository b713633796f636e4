#include "load/wall_time.hpp"

#include <gtest/gtest.h>

namespace stoker::load {
namespace {

TEST(IsoTime, writes_microseconds_and_the_utc_offset) {
    EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00.000000+00:00");
    EXPECT_EQ(iso_time(1'709'210'096'000'789), "2024-02-29T12:34:56.000789+00:00");
    EXPECT_EQ(iso_time(253'402'300'799'999'999), "9999-12-31T23:59:59.999999+00:00");
}

TEST(IsoTime, changes_with_the_second_and_within_it) {
    IsoTime time;
    EXPECT_EQ(time.format(59'999'999), "1970-01-01T00:00:59.999999+00:00");
    EXPECT_EQ(time.format(60'000'000), "1970-01-01T00:01:00.000000+00:00");
    EXPECT_EQ(time.format(60'000'001), "1970-01-01T00:01:00.000001+00:00");
}

TEST(WallNs, is_after_2026_began) {
    EXPECT_GT(wall_ns(), 1'767'225'600'000'000'000);
}

}  // namespace
}  // namespace stoker::load
