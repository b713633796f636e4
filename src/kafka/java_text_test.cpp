#include "kafka/java_text.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace stoker::kafka {
namespace {

using Strings = std::vector<std::string>;

TEST(JavaText, is_split_as_java_does) {
    using Words = std::vector<std::string>;
    EXPECT_EQ(java_split("a,,b,,", ','), (Words{"a", "", "b"}));
    EXPECT_EQ(java_split(",a", ','), (Words{"", "a"}));
    EXPECT_EQ(java_split("", ','), Words{""});
    EXPECT_EQ(java_split(",,", ','), Words{});
}

TEST(JavaHash, is_that_of_string) {
    EXPECT_EQ(java_hash(""), 0);
    EXPECT_EQ(java_hash("foo"), 101574);
    EXPECT_EQ(java_hash("cleanup.policy"), -537988164);
    EXPECT_EQ(java_hash("café"), 3045921);
    EXPECT_EQ(java_hash("\U0001F600"), 1772899);
}

TEST(JavaHash, of_a_partition_joins_topic_and_number) {
    EXPECT_EQ(java_hash("t", 3), 1170);
}

TEST(JavaHash, length_counts_utf16_units) {
    EXPECT_EQ(java_length("café"), 4u);
    EXPECT_EQ(java_length("\U0001F600"), 2u);
    EXPECT_EQ(java_length("\xff\xfe"), 2u);
    EXPECT_EQ(java_length("\xe2\x82"), 2u);
}

TEST(HashOrder, of_strings_is_that_of_a_hash_map) {
    EXPECT_EQ(in_hash_order(Strings{"retention.ms", "cleanup.policy", "segment.bytes"}),
              (Strings{"cleanup.policy", "retention.ms", "segment.bytes"}));
}

TEST(HashOrder, keeps_insertion_order_within_a_bucket) {
    // "Aa" and "BB" have one hash.
    EXPECT_EQ(in_hash_order(Strings{"BB", "Aa"}), (Strings{"BB", "Aa"}));
    EXPECT_EQ(in_hash_order(Strings{"Aa", "BB"}), (Strings{"Aa", "BB"}));
}

TEST(HashOrder, tables_grow_when_three_quarters_are_passed) {
    EXPECT_EQ(grown_table(0), 16u);
    EXPECT_EQ(grown_table(12), 16u);
    EXPECT_EQ(grown_table(13), 32u);
    EXPECT_EQ(grown_table(25), 64u);
    EXPECT_EQ(presized_table(3), 8u);
    EXPECT_EQ(presized_table(6), 16u);
    EXPECT_EQ(hash_set_table(3), 16u);
    EXPECT_EQ(hash_set_table(12), 32u);
}

TEST(JavaNumber, double_to_string) {
    EXPECT_EQ(java_text(0.0), "0.0");
    EXPECT_EQ(java_text(-0.0), "-0.0");
    EXPECT_EQ(java_text(1024.0), "1024.0");
    EXPECT_EQ(java_text(0.001), "0.001");
    EXPECT_EQ(java_text(0.0001), "1.0E-4");
    EXPECT_EQ(java_text(1e7), "1.0E7");
    EXPECT_EQ(java_text(9999999.5), "9999999.5");
    EXPECT_EQ(java_text(-12.34), "-12.34");
    EXPECT_EQ(java_text(1.5f), "1.5");
    EXPECT_EQ(java_text(0.1f), "0.1");
    EXPECT_EQ(java_text(std::numeric_limits<double>::infinity()), "Infinity");
    EXPECT_EQ(java_text(std::nan("")), "NaN");
    EXPECT_EQ(java_text(1.7976931348623157e308), "1.7976931348623157E308");
}

TEST(JavaNumber, fixed_rounds_half_up_on_the_shortest_decimal) {
    EXPECT_EQ(java_fixed(0.25, 1), "0.3");
    EXPECT_EQ(java_fixed(0.35, 1), "0.4");
    EXPECT_EQ(java_fixed(1.005, 2), "1.01");
    EXPECT_EQ(java_fixed(2.25, 1), "2.3");
    EXPECT_EQ(java_fixed(9.996, 2), "10.00");
    EXPECT_EQ(java_fixed(0.0004, 3), "0.000");
    EXPECT_EQ(java_fixed(0.0, 2), "0.00");
    EXPECT_EQ(java_fixed(-1.5, 0), "-2");
    EXPECT_EQ(java_fixed(123456789.0, 1), "123456789.0");
    EXPECT_EQ(java_fixed(std::nan(""), 2), "NaN");
    EXPECT_EQ(java_fixed(-std::numeric_limits<double>::infinity(), 2), "-Infinity");
}

TEST(JavaText, collections_print_as_java_prints_them) {
    EXPECT_EQ(java_list(Strings{}), "[]");
    EXPECT_EQ(java_list(Strings{"a", "b"}), "[a, b]");
    const std::vector<std::pair<std::string, std::string>> entries = {{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(java_map(entries), "{a=1, b=2}");
}

TEST(JavaText, format_pads_by_characters) {
    EXPECT_EQ(java_format("%-5s|%5s|%s%%%n", {"ab", "cd", "e"}), "ab   |   cd|e%\n");
    EXPECT_EQ(java_format("%-5s|", {"café"}), "café |");
    EXPECT_EQ(java_format("%-2s|", {"long"}), "long|");
}

}  // namespace
}  // namespace stoker::kafka
