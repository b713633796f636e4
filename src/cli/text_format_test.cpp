#include <gtest/gtest.h>

#include "cli/jackson_csv.hpp"
#include "cli/java_time.hpp"
#include "cli/listing.hpp"
#include "kafka/failure.hpp"

namespace stoker::cli {
namespace {

using Strings = std::vector<std::string>;

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
    for (const char* bad : {"1h", "P", "PT", "P1H", "PT1D", "P1DT", "PT1M1H", ""}) {
        EXPECT_FALSE(parse_duration_ms(bad).has_value()) << bad;
    }
}

TEST(JacksonCsv, quotes_long_values_and_those_with_early_characters) {
    EXPECT_EQ(jackson_csv_line({"grouped", "0", "-4"}), "grouped,0,-4\n");
    EXPECT_EQ(jackson_csv_line({"a b", "1"}), "\"a b\",1\n");
    EXPECT_EQ(jackson_csv_line({"x\"y"}), "\"x\"\"y\"\n");
    EXPECT_EQ(jackson_csv_line({std::string(25, 'x')}), "\"" + std::string(25, 'x') + "\"\n");
}

TEST(JacksonCsv, reads_quoted_values) {
    EXPECT_EQ(split_csv_line("\"g,1\",t,0,1\r"), (Strings{"g,1", "t", "0", "1"}));
    EXPECT_EQ(split_csv_line("\"a\"\"b\",c"), (Strings{"a\"b", "c"}));
}

TEST(Listing, is_printed_in_three_forms) {
    const Listing listing{
        .columns = {"group", "lag"},
        .rows = {{std::string("a,\"b\""), int64_t{3}}, {std::string("c"), Cell()}}};
    const auto printed = [&](OutputFormat format) {
        std::string text;
        Writer out(text);
        print_listing(out, format, listing);
        return text;
    };
    EXPECT_EQ(printed(OutputFormat::json),
              "[\n  {\"group\": \"a,\\\"b\\\"\", \"lag\": 3},\n"
              "  {\"group\": \"c\", \"lag\": null}\n]\n");
    EXPECT_EQ(printed(OutputFormat::csv), "group,lag\n\"a,\"\"b\"\"\",3\nc,\n");
    EXPECT_EQ(printed(OutputFormat::table), "GROUP  LAG\na,\"b\"  3\nc      -\n");
}

}  // namespace
}  // namespace stoker::cli
