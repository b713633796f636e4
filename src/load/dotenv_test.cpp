#include "load/dotenv.hpp"

#include <gtest/gtest.h>

namespace stoker::load {
namespace {

std::string value(std::string_view file, const std::string& key = "K") {
    DotEnv parsed = parse_dotenv(file, ".env");
    auto found = parsed.values.find(key);
    return found == parsed.values.end() ? "(none)" : found->second.text;
}

TEST(DotEnv, reads_plain_lines_and_remembers_where_they_stood) {
    DotEnv parsed = parse_dotenv("\n# servers\nA=1\r\n  B = two words \n", ".env");
    EXPECT_EQ(parsed.values.at("A").text, "1");
    EXPECT_EQ(parsed.values.at("A").line, 3);
    EXPECT_EQ(parsed.values.at("B").text, "two words");
    EXPECT_TRUE(parsed.warnings.empty());
}

TEST(DotEnv, quotes_keep_blanks_and_hashes) {
    EXPECT_EQ(value("K=' a # b '"), " a # b ");
    EXPECT_EQ(value("K=\" a # b \" # comment"), " a # b ");
    EXPECT_EQ(value("K=''"), "");
}

TEST(DotEnv, escapes_count_in_double_quotes_only) {
    EXPECT_EQ(value(R"(K="a\nb\"c\\d\q")"), "a\nb\"c\\d\\q");
    EXPECT_EQ(value(R"(K='a\nb')"), "a\\nb");
    EXPECT_EQ(value(R"(K=a\nb)"), "a\\nb");
}

TEST(DotEnv, a_comment_needs_a_blank_before_it) {
    EXPECT_EQ(value("K=pass#word"), "pass#word");
    EXPECT_EQ(value("K=pass # word"), "pass");
    EXPECT_EQ(value("K=# nothing"), "");
}

TEST(DotEnv, an_export_prefix_is_ignored_and_a_variable_may_be_called_export) {
    EXPECT_EQ(value("export K=v"), "v");
    EXPECT_EQ(value("export\tK=v"), "v");
    EXPECT_EQ(value("exported=v", "exported"), "v");
}

TEST(DotEnv, dollars_and_equals_signs_are_kept) {
    EXPECT_EQ(value("K=a=$b=${c}"), "a=$b=${c}");
}

TEST(DotEnv, the_last_line_for_a_key_wins) {
    EXPECT_EQ(value("K=1\nK=2"), "2");
}

TEST(DotEnv, a_malformed_line_is_a_warning_with_its_number_and_without_its_text) {
    DotEnv parsed =
        parse_dotenv("A=1\nhunter2\nB='hunter2\n9x=hunter2\nC='a'hunter2\nD=4", "my.env");
    EXPECT_EQ(parsed.values.size(), 2u);
    ASSERT_EQ(parsed.warnings.size(), 4u);
    for (size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(parsed.warnings[i].starts_with("my.env:" + std::to_string(i + 2) + ":"));
        EXPECT_EQ(parsed.warnings[i].find("hunter2"), std::string::npos);
    }
}

TEST(DotEnv, a_byte_order_mark_is_not_part_of_the_first_name) {
    EXPECT_EQ(value("\xef\xbb\xbfK=v"), "v");
}

}  // namespace
}  // namespace stoker::load
