#include "kafka/java_time.hpp"

#include <gtest/gtest.h>

namespace stoker::kafka {
namespace {

TEST(DateTime, has_milliseconds_and_an_optional_zone) {
    EXPECT_EQ(parse_date_time("1970-01-01T00:00:00.001"), 1);
    EXPECT_EQ(parse_date_time("2020-01-01T00:00:00.000Z"), 1577836800000);
    EXPECT_EQ(parse_date_time("2020-01-01T00:00:00.000+02:00"), 1577829600000);
    EXPECT_EQ(parse_date_time("2020-01-01T00:00:00.000-0130"), 1577842200000);
    EXPECT_EQ(parse_date_time("2020-01-01T00:00:00.000+02"), 1577829600000);
}

TEST(DateTime, what_is_none_fails_as_in_java) {
    EXPECT_EQ(parse_date_time("yesterday").error().text(),
              "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
    for (const char* bad : {"2020-01-01T00:00:00", "2020-02-30T00:00:00.000",
                            "2020-01-01T24:00:00.000", "2020-01-01T00:00:00.000+25"}) {
        ASSERT_FALSE(parse_date_time(bad).has_value()) << bad;
        EXPECT_TRUE(parse_date_time(bad).error().text().starts_with("Unparseable date: ")) << bad;
    }
}

TEST(Duration, is_that_of_java_time) {
    EXPECT_EQ(parse_duration_ms("PT1H"), 3600000);
    EXPECT_EQ(parse_duration_ms("P1DT2H3M4.5S"), 93784500);
    EXPECT_EQ(parse_duration_ms("p1d"), 86400000);
    EXPECT_EQ(parse_duration_ms("-PT1.25S"), -1250);
    EXPECT_EQ(parse_duration_ms("PT-1M"), -60000);
    for (const char* bad : {"1h", "P", "PT", "P1H", "PT1D", "P1DT", "PT1M1H", "PT1", "P1Y",
                            "PT1e300S", "P999999999999D", ""}) {
        EXPECT_FALSE(parse_duration_ms(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace stoker::kafka
