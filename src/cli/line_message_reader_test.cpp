#include "cli/line_message_reader.hpp"

#include <gtest/gtest.h>

#include "kafka/failure.hpp"

namespace stoker::cli {
namespace {

using Properties = std::map<std::string, std::string, std::less<>>;

std::string shown(const std::optional<ByteView>& bytes) {
    return bytes ? "'" + std::string(text_of(*bytes)) + "'" : "null";
}

/// "headers|key|value", or the exception's text.
std::string parsed(Properties properties, std::string_view line) {
    try {
        LineMessageReader reader{kafka::ClientProperties(std::move(properties))};
        const LineRecord& record = reader.parse(line);
        std::string text;
        for (const record::Header& header : record.headers) {
            text += std::string(header.key) + "=" + shown(header.value) + ",";
        }
        return text + "|" + shown(record.key) + "|" + shown(record.value);
    } catch (const kafka::KafkaException& thrown) {
        return thrown.failure().text();
    }
}

TEST(LineMessageReader, a_line_is_a_value_unless_more_is_asked_for) {
    EXPECT_EQ(parsed({}, "a\tb"), "|null|'a\tb'");
    EXPECT_EQ(parsed({}, ""), "|null|''");
}

TEST(LineMessageReader, a_key_ends_at_the_first_separator) {
    const Properties key = {{"parse.key", "true"}, {"key.separator", "::"}};
    EXPECT_EQ(parsed(key, "k::v::w"), "|'k'|'v::w'");
    EXPECT_EQ(parsed(key, "::v"), "|''|'v'");
    EXPECT_EQ(parsed({{"parse.key", " TRUE "}}, "k\tv"), "|'k'|'v'");
}

TEST(LineMessageReader, a_missing_part_is_told_with_the_number_of_the_line) {
    EXPECT_EQ(parsed({{"parse.key", "true"}}, "xx"),
              "No key separator found on line number 1: 'xx'");
    EXPECT_EQ(parsed({{"parse.headers", "true"}}, "xx"),
              "No headers delimiter found on line number 1: 'xx'");
    EXPECT_EQ(parsed({{"parse.headers", "true"}}, "h=a\tv"),
              "No header key separator found in pair 'h=a' on line number 1");
}

TEST(LineMessageReader, errors_may_be_ignored) {
    EXPECT_EQ(parsed({{"parse.key", "true"}, {"ignore.error", "true"}}, "xx"), "|null|'xx'");
    EXPECT_EQ(parsed({{"parse.headers", "true"}, {"ignore.error", "true"}}, "h\tv"),
              "h=null,|null|'v'");
}

TEST(LineMessageReader, headers_stand_before_the_key) {
    const Properties both = {{"parse.headers", "true"}, {"parse.key", "true"}};
    EXPECT_EQ(parsed(both, "a:1,b:2:3\tk\tv"), "a='1',b='2:3',|'k'|'v'");
    EXPECT_EQ(parsed(both, "a:1,,\tk\tv"), "a='1',|'k'|'v'");
}

TEST(LineMessageReader, the_separator_of_headers_is_a_regular_expression) {
    EXPECT_EQ(parsed({{"parse.headers", "true"}, {"headers.separator", "[;|]"}}, "a:1;b:2|c:\tv"),
              "a='1',b='2',c='',|null|'v'");
}

TEST(LineMessageReader, the_null_marker_makes_nothing_of_a_part) {
    const Properties marked = {
        {"parse.headers", "true"}, {"parse.key", "true"}, {"null.marker", "N"}};
    EXPECT_EQ(parsed(marked, "a:N\tN\tN"), "a=null,|null|null");
    EXPECT_EQ(parsed(marked, "N\tk\tv"), "|'k'|'v'");
    EXPECT_EQ(parsed(marked, "N:1\tk\tv"),
              "Header keys should not be equal to the null marker 'N' as they can't be null");
}

TEST(LineMessageReader, separators_must_differ) {
    EXPECT_EQ(parsed({{"headers.separator", ":"}}, ""),
              "headers.separator and headers.key.separator may not be equal");
    EXPECT_EQ(parsed({{"headers.delimiter", ","}}, ""),
              "headers.delimiter and headers.separator may not be equal");
    EXPECT_EQ(parsed({{"null.marker", "\t"}}, ""),
              "null.marker and key.separator may not be equal");
}

}  // namespace
}  // namespace stoker::cli
