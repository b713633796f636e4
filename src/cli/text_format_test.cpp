#include <gtest/gtest.h>

#include "cli/jackson_csv.hpp"
#include "cli/listing.hpp"
#include "kafka/failure.hpp"

namespace stoker::cli {
namespace {

using Strings = std::vector<std::string>;

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
