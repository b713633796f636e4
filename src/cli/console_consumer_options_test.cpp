#include "cli/console_consumer_options.hpp"

#include <gtest/gtest.h>

#include "cli/test_streams.hpp"

namespace stoker::cli {
namespace {

class OptionsTest : public testing::Test {
protected:
    TestStreams streams;

    ConsoleConsumerOptions read(Args more) {
        Args args = {"--bootstrap-server", "localhost:9092"};
        args.insert(args.end(), more.begin(), more.end());
        return read_console_consumer_options(args, streams.io);
    }
    /// The first line on standard error of a command line that is refused.
    std::string refused(Args more) {
        streams.err_text.clear();
        try {
            read(std::move(more));
        } catch (const Exit& exit) {
            EXPECT_EQ(exit.code, 1);
        }
        return streams.err_text.substr(0, streams.err_text.find('\n'));
    }
};

TEST_F(OptionsTest, defaults_are_those_of_a_passing_reader) {
    const auto options = read({"--topic", "t"});
    EXPECT_EQ(options.topic, "t");
    EXPECT_TRUE(options.consumer.get("group.id")->starts_with("console-consumer-"));
    EXPECT_EQ(options.consumer.get("enable.auto.commit"), "false");
    EXPECT_EQ(options.consumer.get("auto.offset.reset"), "latest");
    EXPECT_EQ(options.consumer.get("isolation.level"), "read_uncommitted");
    EXPECT_EQ(options.max_messages, -1);
    EXPECT_EQ(options.timeout_ms, INT64_MAX);
}

TEST_F(OptionsTest, a_named_group_commits) {
    const auto options = read({"--topic", "t", "--group", "g"});
    EXPECT_EQ(options.consumer.get("group.id"), "g");
    EXPECT_FALSE(options.consumer.has("enable.auto.commit"));
}

TEST_F(OptionsTest, offsets_of_a_partition_are_numbers_or_ends) {
    EXPECT_EQ(read({"--topic", "t", "--partition", "0"}).offset, -1);
    EXPECT_EQ(read({"--topic", "t", "--partition", "0", "--from-beginning"}).offset, -2);
    EXPECT_EQ(read({"--topic", "t", "--partition", "0", "--offset", "EARLIEST"}).offset, -2);
    EXPECT_EQ(read({"--topic", "t", "--partition", "0", "--offset", "12"}).offset, 12);
    EXPECT_EQ(refused({"--topic", "t", "--partition", "0", "--offset", "-1"}),
              "The provided offset value '-1' is incorrect. Valid values are 'earliest', 'latest', "
              "or a non-negative long.");
}

TEST_F(OptionsTest, contradictions_are_refused_with_upstreams_words) {
    EXPECT_EQ(refused({}), "Exactly one of the following arguments is required: [topic], "
                           "[include]");
    EXPECT_EQ(refused({"--topic", "t", "--offset", "1"}),
              "The partition is required when offset is specified.");
    EXPECT_EQ(refused({"--topic", "t", "--partition", "0", "--group", "g"}),
              "Options group and partition cannot be specified together.");
    EXPECT_EQ(refused({"--topic", "t", "--group", "a", "--command-property", "group.id=b"}),
              "The group ids provided in different places (directly using '--group', via "
              "'--consumer-property', or via '--consumer.config') do not match. Detected group "
              "ids: 'a', 'b'");
    EXPECT_EQ(refused({"--topic", "t", "--from-beginning", "--command-property",
                       "auto.offset.reset=latest"}),
              "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest', "
              "please remove one option");
    EXPECT_EQ(refused({"--topic", "t", "--formatter", "no.such"}), "no.such");
}

TEST_F(OptionsTest, deprecated_options_say_so_on_standard_output) {
    read({"--topic", "t", "--consumer-property", "a=b", "--property", "print.key=true"});
    EXPECT_EQ(streams.out_text,
              "Option --consumer-property is deprecated and will be removed in a future version. "
              "Use --command-property instead.\n"
              "Option --property is deprecated and will be removed in a future version. Use "
              "--formatter-property instead.\n");
}

}  // namespace
}  // namespace stoker::cli
