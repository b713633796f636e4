#include "cli/java_number.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace stoker::cli {
namespace {

TEST(JavaNumber, integers_take_a_sign_and_nothing_else) {
    EXPECT_EQ(parse_java_long("+5"), 5);
    EXPECT_EQ(parse_java_long("-9223372036854775808"), INT64_MIN);
    for (const char* bad : {"", "+", "-", "+-5", " 5", "5 ", "0x1", "9223372036854775808"}) {
        EXPECT_FALSE(parse_java_long(bad).has_value()) << bad;
    }
    EXPECT_EQ(parse_java_int("2147483648").error(), "For input string: \"2147483648\"");
}

TEST(JavaNumber, doubles_are_those_of_parse_double) {
    EXPECT_EQ(parse_java_double(" 1.5d "), 1.5);
    EXPECT_EQ(parse_java_double("1e3"), 1000.0);
    EXPECT_EQ(parse_java_double("-.5"), -0.5);
    EXPECT_EQ(parse_java_double("1e999"), HUGE_VAL);
    EXPECT_TRUE(std::isnan(*parse_java_double("NaN")));
    for (const char* bad : {"abc", "inf", "nan", "1.5x", "--1", "e5"}) {
        EXPECT_FALSE(parse_java_double(bad).has_value()) << bad;
    }
    EXPECT_EQ(parse_java_double("").error(), "empty String");
}

}  // namespace
}  // namespace stoker::cli
