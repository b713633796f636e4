#include "storage/properties_file.hpp"

#include <gtest/gtest.h>

#include "storage/disk_error.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

using Entries = std::vector<Properties::Entry>;

Entries parsed(std::string_view text) {
    const auto properties = parse_properties(text);
    return properties ? properties->entries() : Entries{{"error", properties.error()}};
}

TEST(Properties, a_key_ends_at_an_equals_sign_a_colon_or_a_blank) {
    EXPECT_EQ(parsed("a=1\nb:2\nc 3\nd = 4\ne\t:\t5\nf==6\ng  7 8 "), (Entries{{"a", "1"},
                                                                               {"b", "2"},
                                                                               {"c", "3"},
                                                                               {"d", "4"},
                                                                               {"e", "5"},
                                                                               {"f", "=6"},
                                                                               {"g", "7 8 "}}));
}

TEST(Properties, a_line_without_a_value_has_an_empty_one) {
    EXPECT_EQ(parsed("a\nb=\n=c"), (Entries{{"a", ""}, {"b", ""}, {"", "c"}}));
}

TEST(Properties, comments_and_blank_lines_are_skipped) {
    EXPECT_EQ(parsed("# one\n  ! two \\\n\n \t\f\na=1 # not a comment\n"),
              (Entries{{"a", "1 # not a comment"}}));
}

TEST(Properties, a_backslash_at_the_end_continues_the_line) {
    EXPECT_EQ(parsed("a=1,\\\n   2,\\\r\n\t3\nb=\\\\\nc=x\\"),
              (Entries{{"a", "1,2,3"}, {"b", "\\"}, {"c", "x"}}));
    EXPECT_EQ(parsed("a=1\\\n#2\n"), (Entries{{"a", "1#2"}})) << "no comment inside a line";
    EXPECT_EQ(parsed("\\\n#2\na=1"), (Entries{{"a", "1"}})) << "nothing was begun";
}

TEST(Properties, escapes_are_resolved_in_keys_and_values) {
    EXPECT_EQ(parsed(R"(a\ b\=c=\ttab\nline\\ \q\u00e9)"),
              (Entries{{"a b=c", "\ttab\nline\\ q\xc3\xa9"}}));
    EXPECT_EQ(parsed(R"(a=\u20AC\ud83d\ude00)"), (Entries{{"a", "\xe2\x82\xac\xf0\x9f\x98\x80"}}));
    EXPECT_EQ(parsed(R"(a=\ud83dx\ude00)"), (Entries{{"a", "\xef\xbf\xbdx\xef\xbf\xbd"}}));
}

TEST(Properties, a_wrong_unicode_escape_is_told_with_its_line) {
    const Entries error = {{"error", "line 3: \\u needs four hexadecimal digits"}};
    EXPECT_EQ(parsed("a=1\\\n2\nb=\\u12g4"), error);
    EXPECT_EQ(parsed("a=1\n\n\\u12"), error);
    EXPECT_EQ(parsed("\n\na=\\u-123"), error);
}

TEST(Properties, of_a_key_given_twice_the_last_value_counts_in_the_first_place) {
    EXPECT_EQ(parsed("a=1\nb=2\na=3"), (Entries{{"a", "3"}, {"b", "2"}}));
}

TEST(Properties, utf8_passes_through) {
    EXPECT_EQ(parsed("clé=été"), (Entries{{"clé", "été"}}));
}

TEST(Properties, are_written_as_java_writes_them) {
    Properties properties;
    properties.set("a b", " x  y");
    properties.set("#k:=", "!v\\\t\n\r\f");
    // 2026-11-21 11:56:44 UTC
    EXPECT_EQ(format_properties(properties, 1'795'262'204'000),
              "#\n#Sat Nov 21 11:56:44 UTC 2026\n"
              "a\\ b=\\ x  y\n"
              "\\#k\\:\\==\\!v\\\\\\t\\n\\r\\f\n");
    EXPECT_EQ(parse_properties(format_properties(properties, 0)).value(), properties);
}

TEST(Properties, are_looked_up_by_key) {
    Properties properties;
    properties.set("a", "1");
    properties.set("a", "2");
    EXPECT_EQ(properties.get("a"), "2");
    EXPECT_EQ(properties.get("b"), std::nullopt);
}

TEST(Properties, a_file_that_is_none_is_told_apart_from_one_that_is_not_there) {
    MemoryDisk disk;
    EXPECT_TRUE(read_properties(disk, "/p").error().not_found());
    ASSERT_TRUE(replace_file(disk, "/p", bytes_of("a=\\u1")));
    const auto wrong = read_properties(disk, "/p");
    ASSERT_FALSE(wrong);
    EXPECT_TRUE(is_malformed(wrong.error()));
    EXPECT_EQ(wrong.error().what, "/p: line 1: \\u needs four hexadecimal digits");
    ASSERT_TRUE(replace_file(disk, "/p", Bytes((1 << 20) + 1)));
    EXPECT_TRUE(is_malformed(read_properties(disk, "/p").error()));
}

}  // namespace
}  // namespace stoker::storage
