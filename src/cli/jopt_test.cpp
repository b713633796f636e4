#include "cli/jopt.hpp"

#include <gtest/gtest.h>

namespace stoker::cli::jopt {
namespace {

using kafka::KafkaException;
using Strings = std::vector<std::string>;

struct Sample {
    Parser parser;
    const Option& topic = parser.accepts("topic", "A topic.").with_required_arg("topic");
    const Option& list = parser.accepts("list", "List all.");
    Option& members = parser.accepts("members", "Show members.").available_if(list);
    const Option& size = parser.accepts("size", "A size.")
                             .with_required_arg("bytes", Type::int32)
                             .defaults_to("16384");
    const Option& state = parser.accepts("state", "A state.").with_optional_arg();
    const Option& wait = parser.accepts("wait", "Time.").with_optional_arg("ms", Type::int64);
    const Option& servers =
        parser.accepts("servers", "Servers.").with_required_arg().separated_by(',');
    const Option& bootstrap = parser.accepts("bootstrap", "Broker.", {"b"}).with_required_arg();
    const Option& verbose = parser.accepts("v", "More.");
    const Option& when =
        parser.accepts("when", "A time.").with_required_arg().one_of({"EARLY", "LATE"}, "");
};

template <class Call>
std::string thrown_by(Call call) {
    try {
        call();
    } catch (const KafkaException& thrown) {
        return thrown.failure().to_string();
    }
    return "nothing";
}

TEST(Jopt, takes_values_after_a_blank_an_equals_sign_or_a_single_dash) {
    const Sample s;
    EXPECT_EQ(s.parser.parse({"--topic", "a"}).text(s.topic), "a");
    EXPECT_EQ(s.parser.parse({"--topic=a=b"}).text(s.topic), "a=b");
    EXPECT_EQ(s.parser.parse({"-topic", "a"}).text(s.topic), "a");
    EXPECT_EQ(s.parser.parse({"-topic=a"}).text(s.topic), "a");
    EXPECT_EQ(s.parser.parse({"--topic="}).text(s.topic), "");
    EXPECT_EQ(s.parser.parse({"-b", "x"}).text(s.bootstrap), "x");
    EXPECT_EQ(s.parser.parse({"-bx"}).text(s.bootstrap), "x");
    EXPECT_EQ(s.parser.parse({"-vbx"}).text(s.bootstrap), "x");
}

TEST(Jopt, a_required_value_may_look_like_an_option) {
    const Sample s;
    const OptionSet options = s.parser.parse({"--topic", "--list"});
    EXPECT_EQ(options.text(s.topic), "--list");
    EXPECT_FALSE(options.has(s.list));
}

TEST(Jopt, an_optional_value_may_not_look_like_an_option_unless_it_is_a_number) {
    const Sample s;
    EXPECT_EQ(s.parser.parse({"--state", "Empty"}).text(s.state), "Empty");
    const OptionSet options = s.parser.parse({"--state", "--list", "--wait", "-5"});
    EXPECT_TRUE(options.has(s.state));
    EXPECT_EQ(options.text(s.state), std::nullopt);
    EXPECT_EQ(options.number(s.wait), -5);
}

TEST(Jopt, two_dashes_end_the_options_and_other_words_are_kept) {
    const Sample s;
    const OptionSet options = s.parser.parse({"word", "-", "--", "--list"});
    EXPECT_FALSE(options.has(s.list));
    EXPECT_EQ(options.others(), (Strings{"word", "-", "--list"}));
}

TEST(Jopt, knows_no_abbreviations) {
    const Sample s;
    const auto parse = [&](std::string word) {
        return thrown_by([&] { s.parser.parse({std::move(word), "x"}); });
    };
    EXPECT_EQ(parse("--boot"),
              "joptsimple.UnrecognizedOptionException: boot is not a recognized option");
    EXPECT_EQ(parse("-vq"), "joptsimple.UnrecognizedOptionException: q is not a recognized option");
}

TEST(Jopt, a_missing_value_is_an_error_at_once) {
    const Sample s;
    EXPECT_EQ(thrown_by([&] { s.parser.parse({"--topic"}); }),
              "joptsimple.OptionMissingRequiredArgumentException: "
              "Option topic requires an argument");
}

TEST(Jopt, a_repeated_option_is_an_error_only_where_one_value_is_asked_for) {
    const Sample s;
    const OptionSet options = s.parser.parse({"--topic", "a", "--topic", "b"});
    EXPECT_EQ(options.texts(s.topic), (Strings{"a", "b"}));
    EXPECT_EQ(thrown_by([&] { (void)options.text(s.topic); }),
              "joptsimple.MultipleArgumentsForOptionException: "
              "Found multiple arguments for option topic, but you asked for only one");
}

TEST(Jopt, numbers_are_judged_when_asked_for) {
    const Sample s;
    EXPECT_EQ(s.parser.parse({}).number(s.size), 16384);
    EXPECT_EQ(s.parser.parse({"--size", "+7"}).number(s.size), 7);
    const OptionSet options = s.parser.parse({"--size", "2147483648"});
    try {
        (void)options.number(s.size);
        FAIL();
    } catch (const KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        EXPECT_EQ(failure.to_string(),
                  "joptsimple.OptionArgumentConversionException: "
                  "Cannot parse argument '2147483648' of option size");
        ASSERT_TRUE(failure.cause && failure.cause->cause);
        EXPECT_EQ(failure.cause->to_string(),
                  "joptsimple.internal.ReflectionException: "
                  "java.lang.NumberFormatException: For input string: \"2147483648\"");
    }
}

TEST(Jopt, words_of_a_list_are_matched_in_any_case) {
    const Sample s;
    EXPECT_EQ(s.parser.parse({"--when", "late"}).text(s.when), "LATE");
    const OptionSet options = s.parser.parse({"--when", "never"});
    EXPECT_EQ(thrown_by([&] { (void)options.text(s.when); }),
              "joptsimple.OptionArgumentConversionException: "
              "Cannot parse argument 'never' of option when");
}

TEST(Jopt, a_separator_splits_values_and_drops_empty_ones) {
    const Sample s;
    EXPECT_EQ(s.parser.parse({"--servers", ",a,,b,"}).texts(s.servers), (Strings{"a", "b"}));
    EXPECT_EQ(s.parser.parse({"--servers", ","}).texts(s.servers), (Strings{","}));
}

TEST(Jopt, options_depend_on_one_another) {
    Sample s;
    EXPECT_EQ(thrown_by([&] { s.parser.parse({"--members"}); }),
              "joptsimple.UnavailableOptionException: "
              "Option(s) [members] are unavailable given other options on the command line");
    EXPECT_EQ(thrown_by([&] { s.parser.parse({"--members", "--list"}); }), "nothing");
    s.members.required();
    EXPECT_EQ(thrown_by([&] { s.parser.parse({"--list"}); }),
              "joptsimple.MissingRequiredOptionsException: Missing required option(s) [members]");
    EXPECT_EQ(thrown_by([&] { s.parser.parse({"--help"}); }), "nothing");
}

TEST(Jopt, help_lists_every_option_in_order_within_80_columns) {
    const Sample s;
    const std::string help = s.parser.help();
    EXPECT_TRUE(help.starts_with("Option"));
    EXPECT_NE(help.find("--size <Integer: bytes>"), std::string::npos);
    EXPECT_NE(help.find("(default: 16384)"), std::string::npos);
    EXPECT_LT(help.find("--members"), help.find("--topic"));
    for (size_t at = 0; at < help.size();) {
        const size_t end = help.find('\n', at);
        EXPECT_LE(end - at, 80u) << help.substr(at, end - at);
        at = end + 1;
    }
}

}  // namespace
}  // namespace stoker::cli::jopt
