#include "cli/consumer_groups.hpp"

#include <gtest/gtest.h>

#include "cli/group_words.hpp"
#include "cli/test_streams.hpp"
#include "cli/tool_list.hpp"

namespace stoker::cli {
namespace {

struct Groups : TestStreams {
    int run(Args args) {
        return run_tool({"kafka-consumer-groups", run_consumer_groups}, args, io);
    }
    /// The first line of what wrong usage is told with.
    std::string refusal(Args args) {
        err_text.clear();
        args.insert(args.begin(), {"--bootstrap-server", "localhost:1"});
        EXPECT_EQ(run(args), 1);
        return err_text.substr(0, err_text.find('\n'));
    }
};

TEST(ConsumerGroups, wrong_usage_is_told_in_the_words_of_upstream) {
    Groups g;
    EXPECT_EQ(g.refusal({"--group", "g"}),
              "Command must include exactly one action: --list, --describe, --delete, "
              "--reset-offsets, --delete-offsets, --validate-regex");
    EXPECT_EQ(g.refusal({"--list", "--group", "g"}),
              "Option \"[group]\" can't be used with option \"[list]\"");
    EXPECT_EQ(g.refusal({"--describe", "--group", "g", "--members", "--state"}),
              "Option [describe] takes at most one of these options: [members], [offsets], "
              "[state]");
    EXPECT_EQ(g.refusal({"--describe", "--group", "g", "--state", "Stable"}),
              "Option [describe] does not take a value for [state]");
    EXPECT_EQ(g.refusal({"--delete", "--group", "g", "--topic", "t"}),
              "The consumer does not support topic-specific offset deletion from a consumer "
              "group.");
    EXPECT_EQ(g.refusal({"--reset-offsets", "--group", "g", "--dry-run", "--execute"}),
              "Option [reset-offsets] only accepts one of [execute] and [dry-run]");
    EXPECT_EQ(
        g.refusal({"--reset-offsets", "--group", "g", "--dry-run", "--to-earliest", "--to-latest"}),
        "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"");
    EXPECT_EQ(g.refusal({"--create", "--group", "g"}),
              "Exception in thread \"main\" joptsimple.UnrecognizedOptionException: create is not "
              "a recognized option");
}

TEST(ConsumerGroups, a_regular_expression_is_judged_without_a_broker) {
    Groups g;
    EXPECT_EQ(g.run({"--validate-regex", "foo.*|bar"}), 0);
    EXPECT_EQ(g.run({"--validate-regex", "["}), 0);
    EXPECT_EQ(g.out_text,
              "The regular expression `foo.*|bar` is valid.\n"
              "The regular expression `[` is invalid: missing closing ].\n");
}

TEST(ConsumerGroups, an_error_is_printed_and_exits_0_as_upstream) {
    Groups g;
    EXPECT_EQ(g.run({"--bootstrap-server", "localhost:1", "--list", "--timeout", "soon"}), 0);
    EXPECT_EQ(g.out_text,
              "\nError: Executing consumer group command failed due to "
              "Cannot parse argument 'soon' of option timeout\n");
}

TEST(ConsumerGroups, states_and_types_are_words_in_any_case) {
    EXPECT_EQ(group_states_or_throw("stable, EMPTY"),
              (std::vector<std::string>{"Stable", "Empty"}));
    EXPECT_TRUE(group_states_or_throw("").empty());
    EXPECT_THROW(group_states_or_throw("busy"), kafka::KafkaException);
    EXPECT_EQ(group_types_or_throw("classic"), std::vector<std::string>{"Classic"});
    EXPECT_THROW(group_types_or_throw("share"), kafka::KafkaException);
}

TEST(ResetOffsets, partitions_follow_a_colon) {
    EXPECT_EQ(ResetOffsets::parse_partitions("t:0,2"), (Partitions{{"t", 0}, {"t", 2}}));
    EXPECT_THROW(ResetOffsets::parse_partitions("t:x"), kafka::KafkaException);
    EXPECT_THROW(ResetOffsets::parse_partitions("t:"), kafka::KafkaException);
}

TEST(ResetOffsets, a_plan_is_a_table_as_wide_as_its_names) {
    TestStreams s;
    print_plans(s.out, {{"a-group-of-a-long-name", {{{"t", 0}, 5}}}});
    EXPECT_EQ(s.out_text,
              "\nGROUP                  TOPIC           PARTITION  NEW-OFFSET"
              "\na-group-of-a-long-name t               0          5\n");
}

TEST(ResetOffsets, a_plan_of_nothing_is_an_empty_line) {
    TestStreams s;
    print_plans(s.out, {});
    EXPECT_EQ(s.out_text, "\n");
}

TEST(ResetOffsets, csv_names_the_group_only_where_there_are_several) {
    const GroupPlans plans = {{"g", {{{"t", 0}, 5}}}};
    EXPECT_EQ(plans_to_csv(plans, false), "t,0,5\n");
    EXPECT_EQ(plans_to_csv(plans, true), "g,t,0,5\n");
}

}  // namespace
}  // namespace stoker::cli
