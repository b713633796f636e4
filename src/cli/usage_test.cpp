#include "cli/usage.hpp"

#include <gtest/gtest.h>

#include "cli/test_streams.hpp"

namespace stoker::cli {
namespace {

struct Sample : TestStreams {
    jopt::Parser parser;
    const jopt::Option& a = parser.accepts("a", "First.").with_required_arg();
    const jopt::Option& b = parser.accepts("b", "Second.").with_required_arg();

    template <class Call>
    int status_of(Call call) {
        try {
            call();
        } catch (const Exit& exit) {
            return exit.code;
        }
        return -1;
    }
};

TEST(Usage, help_goes_to_standard_error_with_status_1) {
    Sample s;
    const auto options = s.parser.parse({"--help"});
    EXPECT_EQ(s.status_of([&] { print_help_or_version(s.io, s.parser, options, "About."); }), 1);
    EXPECT_TRUE(s.err_text.starts_with("About.\nOption"));
    EXPECT_EQ(s.out_text, "");
}

TEST(Usage, no_arguments_are_a_call_for_help) {
    Sample s;
    const auto options = s.parser.parse({});
    EXPECT_EQ(s.status_of([&] { print_help_or_version(s.io, s.parser, options, "About."); }), 1);
}

TEST(Usage, the_version_goes_to_standard_output_with_status_0) {
    Sample s;
    const auto options = s.parser.parse({"--version"});
    EXPECT_EQ(s.status_of([&] { print_help_or_version(s.io, s.parser, options, "About."); }), 0);
    EXPECT_EQ(s.out_text, "4.3.0\n");
}

TEST(Usage, texts_are_those_of_upstream) {
    const auto first_line = [](auto call) {
        Sample s;
        EXPECT_EQ(s.status_of([&] { call(s); }), 1);
        return s.err_text.substr(0, s.err_text.find('\n'));
    };
    EXPECT_EQ(first_line([](Sample& s) {
                  check_required_args(s.io, s.parser, s.parser.parse({"--a=1"}), {&s.a, &s.b});
              }),
              "Missing required argument \"[b]\"");
    EXPECT_EQ(first_line([](Sample& s) {
                  check_invalid_args(s.io, s.parser, s.parser.parse({"--a=1", "--b=1"}), s.a,
                                     {&s.b});
              }),
              "Option \"[a]\" can't be used with option \"[b]\"");
    EXPECT_EQ(first_line([](Sample& s) {
                  check_one_of_args(s.io, s.parser, s.parser.parse({}), {&s.a, &s.b});
              }),
              "Exactly one of the following arguments is required: [a], [b]");
    EXPECT_EQ(first_line([](Sample& s) {
                  kafka::ClientProperties properties;
                  set_bootstrap(s.io, s.parser, s.parser.parse({}), properties, s.a, s.b);
              }),
              "You must specify either --bootstrap-controller or --bootstrap-server.");
}

TEST(Usage, key_values_split_at_the_first_equals_sign) {
    const auto pairs = parse_key_values({"a=b=c", "d"});
    ASSERT_TRUE(pairs.has_value());
    EXPECT_EQ((*pairs)[0].second, "b=c");
    EXPECT_EQ((*pairs)[1].second, "");
    const auto missing = parse_key_values({"d"}, false);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().text(), "Missing value for key d}");
}

TEST(Usage, a_missing_properties_file_fails_as_in_java) {
    const auto read = load_properties("no-such-file.properties");
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().to_string(),
              "java.nio.file.NoSuchFileException: no-such-file.properties");
}

TEST(Usage, the_whole_stack_of_causes_is_printed) {
    const auto inner = std::make_shared<const kafka::Failure>(kafka::Failure{.exception = "B"});
    const kafka::Failure failure{.exception = "A", .message = "text", .cause = inner};
    EXPECT_EQ(stack_trace(failure), "A: text\nCaused by: B\n");
}

}  // namespace
}  // namespace stoker::cli
