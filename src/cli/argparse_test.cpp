#include "cli/argparse.hpp"

#include <gtest/gtest.h>

#include "cli/test_streams.hpp"

namespace stoker::cli::argparse {
namespace {

using Strings = std::vector<std::string>;

struct Sample : TestStreams {
    Parser parser{"kafka-sample"};
    const Argument& config = parser.add({"--command-config"}, "Properties.").metavar("FILE");
    Group& where = parser.add_group(true);
    const Argument& server = where.add({"--bootstrap-server", "-b"}, "A broker.");
    const Argument& controller = where.add({"--bootstrap-controller", "-C"}, "A controller.");
    Parser& describe = parser.add_command("describe", "Describe it.");
    const Argument& status = describe.add({"--status"}, "Short.").store_true();
    const Argument& id = describe.add({"--id", "-i"}, "Number.").type(Type::int32).required();
    const Argument& props = describe.add({"--props"}, "Pairs.").one_or_more();
    const Argument& feature = describe.add({"--feature"}, "Levels.").append();
    Parser& destroy = parser.add_command("destroy", "Remove it.");

    std::string error_of(const Args& args) {
        try {
            parser.parse(args, io);
        } catch (const ParseError& error) {
            return error.help_shown ? "help" : error.message;
        }
        return "nothing";
    }
};

const Args good = {"--bootstrap-server", "x:1", "describe", "-i", "7"};

Args with(Args args, const Args& more) {
    args.insert(args.end(), more.begin(), more.end());
    return args;
}

TEST(Argparse, options_stand_before_and_after_the_command_they_belong_to) {
    Sample s;
    const Namespace found = s.parser.parse(with(good, {"--status"}), s.io);
    EXPECT_EQ(found.text(s.server), "x:1");
    EXPECT_EQ(found.number(s.id), 7);
    EXPECT_TRUE(found.given(s.status));
    EXPECT_TRUE(found.chose(s.describe));
    EXPECT_FALSE(found.chose(s.destroy));
    EXPECT_EQ(s.error_of(with(good, {"--command-config", "f"})),
              "unrecognized arguments: '--command-config'");
}

TEST(Argparse, options_and_commands_may_be_abbreviated) {
    Sample s;
    const Namespace found = s.parser.parse({"--bootstrap-s=x", "desc", "--id=-7"}, s.io);
    EXPECT_EQ(found.text(s.server), "x");
    EXPECT_EQ(found.number(s.id), -7);
    EXPECT_EQ(s.error_of({"--bootstrap", "x"}),
              "ambiguous option: --bootstrap could match --bootstrap-controller, "
              "--bootstrap-server");
    EXPECT_EQ(s.error_of({"-b", "x", "de"}), "ambiguous command: de could match describe, destroy");
}

TEST(Argparse, short_options_take_the_rest_of_their_word) {
    Sample s;
    EXPECT_EQ(s.parser.parse({"-bx", "describe", "-i7"}, s.io).number(s.id), 7);
    EXPECT_EQ(s.error_of({"-z"}), "unrecognized arguments: '-z'");
}

TEST(Argparse, words_up_to_the_next_option_belong_to_a_list) {
    Sample s;
    const Namespace found = s.parser.parse(
        with(good, {"--props", "a=1", "b=2", "--feature", "x", "--feature", "y"}), s.io);
    EXPECT_EQ(found.texts(s.props), (Strings{"a=1", "b=2"}));
    EXPECT_EQ(found.texts(s.feature), (Strings{"x", "y"}));
    EXPECT_EQ(s.error_of(with(good, {"--props", "--status"})),
              "argument --props: expected 1 argument(s)");
}

TEST(Argparse, errors_have_the_texts_of_upstream) {
    Sample s;
    EXPECT_EQ(s.error_of({}), "too few arguments");
    EXPECT_EQ(s.error_of({"-b", "x"}), "too few arguments");
    EXPECT_EQ(s.error_of({"-b", "x", "-C", "y"}),
              "argument --bootstrap-controller/-C: not allowed with argument "
              "--bootstrap-server/-b");
    EXPECT_EQ(s.error_of({"destroy"}),
              "one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is required");
    EXPECT_EQ(s.error_of({"-b", "x", "describe"}), "argument --id/-i is required");
    EXPECT_EQ(s.error_of({"-b", "x", "what"}),
              "invalid choice: 'what' (choose from 'describe', 'destroy')");
    EXPECT_EQ(s.error_of({"-b", "x", "describe", "-i", "z"}),
              "argument --id/-i: could not convert 'z' to Integer (For input string: \"z\")");
    EXPECT_EQ(s.error_of({"-b"}), "argument --bootstrap-server/-b: expected one argument");
    EXPECT_EQ(s.error_of(with(good, {"--status=x"})),
              "argument --status: ignore implicit argument 'x'");
    EXPECT_EQ(s.error_of(with(good, {"a", "b"})), "unrecognized arguments: 'a b'");
}

TEST(Argparse, what_is_missing_is_told_after_what_is_wrong) {
    Sample s;
    EXPECT_EQ(s.error_of({"describe", "--what"}), "unrecognized arguments: '--what'");
}

TEST(Argparse, usage_is_laid_out_within_75_columns) {
    const Sample s;
    EXPECT_EQ(s.parser.usage(),
              "usage: kafka-sample [-h] [--command-config FILE]\n"
              "                    (--bootstrap-server BOOTSTRAP_SERVER |\n"
              "                    --bootstrap-controller BOOTSTRAP_CONTROLLER)\n"
              "                    {describe,destroy} ...\n");
    EXPECT_EQ(s.destroy.usage(),
              "usage: kafka-sample (--bootstrap-server BOOTSTRAP_SERVER |\n"
              "                    --bootstrap-controller BOOTSTRAP_CONTROLLER) destroy\n"
              "                    [-h]\n");
}

TEST(Argparse, an_error_shows_the_usage_of_the_command_it_is_in) {
    Sample s;
    EXPECT_THROW(s.parser.parse_or_exit({"-b", "x", "describe"}, s.io), Exit);
    EXPECT_TRUE(s.err_text.starts_with("usage: kafka-sample"));
    EXPECT_TRUE(s.err_text.ends_with("kafka-sample: error: argument --id/-i is required\n"));
}

TEST(Argparse, help_is_printed_on_standard_output) {
    Sample s;
    EXPECT_EQ(s.error_of({"-h"}), "help");
    EXPECT_NE(s.out_text.find("positional arguments:\n  {describe,destroy}\n"), std::string::npos);
    EXPECT_NE(s.out_text.find("  --command-config FILE  Properties.\n"), std::string::npos);
}

}  // namespace
}  // namespace stoker::cli::argparse
