#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/admin_tool.hpp"
#include "cli/configs.hpp"
#include "cli/feature_levels.hpp"
#include "cli/json_input.hpp"
#include "cli/partition_filter.hpp"
#include "cli/pretty_table.hpp"
#include "cli/reassignment_plan.hpp"
#include "cli/scram_credential.hpp"
#include "cli/test_streams.hpp"
#include "cli/topic_filter.hpp"
#include "cli/topics_print.hpp"

namespace stoker::cli {
namespace {

/// "class: text" of what the call throws; empty when it does not.
template <class Call>
std::string thrown_by(Call&& call) {
    try {
        call();
    } catch (const kafka::KafkaException& thrown) {
        return thrown.failure().to_string();
    }
    return "";
}

TEST(TopicFilter, commas_mean_or_and_the_whole_name_matches) {
    TopicFilter filter(" 'foo, ba.*' ");
    EXPECT_TRUE(filter.allows("foo", false));
    EXPECT_TRUE(filter.allows("bar", false));
    EXPECT_FALSE(filter.allows("food", false));
    EXPECT_TRUE(TopicFilter("__.*").allows("__consumer_offsets", false));
    EXPECT_FALSE(TopicFilter("__.*").allows("__consumer_offsets", true));
    EXPECT_EQ(thrown_by([] { TopicFilter("["); }),
              "java.lang.RuntimeException: [ is an invalid regex.");
}

TEST(PartitionFilter, rules_name_topics_and_ranges_of_partitions) {
    PartitionFilter filter = PartitionFilter::of_rules("a:1,b:0-2,c,d:5-,e:-3,:9");
    EXPECT_TRUE(filter.allows({"a", 1}));
    EXPECT_FALSE(filter.allows({"a", 2}));
    EXPECT_TRUE(filter.allows({"b", 1}));
    EXPECT_FALSE(filter.allows({"b", 2}));
    EXPECT_TRUE(filter.allows({"c", 77}));
    EXPECT_FALSE(filter.allows({"d", 4}));
    EXPECT_TRUE(filter.allows({"d", 5}));
    EXPECT_TRUE(filter.allows({"e", 2}));
    EXPECT_FALSE(filter.allows({"e", 3}));
    EXPECT_TRUE(filter.allows({"anything", 9}));
    EXPECT_EQ(thrown_by([] { PartitionFilter::of_rules("foo:x"); }),
              "java.lang.RuntimeException: org.apache.kafka.tools.TerseException: Invalid rule "
              "specification: foo:x");
}

TEST(PartitionFilter, partitions_of_a_topic_are_numbers_between_commas) {
    PartitionFilter filter = PartitionFilter::of_topic("t", "0,2");
    EXPECT_TRUE(filter.allows({"t", 2}));
    EXPECT_FALSE(filter.allows({"t", 1}));
    EXPECT_TRUE(PartitionFilter::of_topic(std::nullopt, "").allows({"any", 5}));
    EXPECT_NE(thrown_by([] { PartitionFilter::of_topic("t", "x"); }), "");
}

TEST(ReplicaAssignment, is_read_partition_by_partition) {
    auto assignment = parse_replica_assignment("1:2, 2:1");
    EXPECT_EQ(assignment.at(0), (std::vector<int32_t>{1, 2}));
    EXPECT_EQ(assignment.at(1), (std::vector<int32_t>{2, 1}));
    EXPECT_EQ(thrown_by([] { parse_replica_assignment("1:1"); }),
              "org.apache.kafka.tools.AdminCommandFailedException: Partition replica lists may not "
              "contain duplicate entries: 1");
    EXPECT_NE(thrown_by([] { parse_replica_assignment("1:2,1"); })
                  .find("Partition 1 has different replication factor: [1]"),
              std::string::npos);
    EXPECT_EQ(thrown_by([] { parse_replica_assignment("one"); }),
              "java.lang.NumberFormatException: For input string: \"one\"");
}

TEST(TopicConfigs, are_checked_before_the_broker_sees_them) {
    auto configs = parse_topic_configs({"retention.ms = 5", "cleanup.policy=compact"});
    EXPECT_EQ(configs.size(), 2u);
    EXPECT_EQ(configs[1].second, "5");
    EXPECT_NE(thrown_by([] { parse_topic_configs({"retention.ms"}); }).find("requirement failed"),
              std::string::npos);
    EXPECT_EQ(thrown_by([] { parse_topic_configs({"no.such=1"}); }),
              "org.apache.kafka.common.errors.InvalidConfigurationException: Unknown topic config "
              "name: no.such");
    EXPECT_EQ(thrown_by([] { parse_topic_configs({"retention.ms=x"}); }),
              "org.apache.kafka.common.config.ConfigException: Invalid value x for configuration "
              "retention.ms: Not a number of type LONG");
}

TEST(TopicsPrint, a_moving_partition_shows_what_comes_and_goes) {
    TopicsToPrint all;
    kafka::TopicDescription topic{.name = "t"};
    topic.partitions.push_back({.partition = 0, .leader = -1, .replicas = {1, 2, 3}, .isr = {1}});
    all.topics.push_back(topic);
    all.configs.emplace_back();
    all.reassignments[{"t", 0}] = {.replicas = {1, 2, 3}, .adding = {3}, .removing = {1}};
    std::string text;
    {
        Writer out(text);
        print_topics(out, all, {});
    }
    EXPECT_EQ(text,
              "Topic: t\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: \n"
              "\tTopic: t\tPartition: 0\tLeader: none\tReplicas: 1,2,3\tIsr: 1\t"
              "Adding Replicas: 3\tRemoving Replicas: 1\tElr: N/A\tLastKnownElr: N/A\n");
}

TEST(AddedConfigs, brackets_hold_values_with_commas_together) {
    ConfigValues values = parse_added_configs("a=1, b = [x,y] ,c=,d=[k=v]");
    EXPECT_EQ(values, (ConfigValues{{"a", "1"}, {"b", "x,y"}, {"c", ""}, {"d", "k=v"}}));
    EXPECT_NE(thrown_by([] { parse_added_configs("a"); }).find("key=[val1,val2]"),
              std::string::npos);
    EXPECT_NE(thrown_by([] { parse_added_configs("match=client_id=app"); }), "");
    EXPECT_NE(thrown_by([] { check_config_names({{"a b", ""}}); }), "");
}

TEST(ScramCredential, is_salted_as_the_example_of_rfc_7677) {
    // Salt, password and iterations are those of the RFC; its proof follows from this key.
    Bytes salt = from_hex("5b6d99689d12358eeca04b141236fa81");
    EXPECT_EQ(hex(salted_password(scram_mechanism("SCRAM-SHA-256"), "pencil", salt, 4096)),
              "c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d");
}

TEST(ScramCredential, is_read_from_the_value_of_the_config) {
    auto credential = make_scram_credential("bob", "SCRAM-SHA-512", "iterations=8192,password=a,b");
    EXPECT_EQ(credential.iterations, 8192);
    EXPECT_EQ(credential.mechanism, 2);
    EXPECT_EQ(credential.salted_password,
              salted_password(credential.mechanism, "a,b", credential.salt, 8192));
    EXPECT_EQ(make_scram_credential("bob", "SCRAM-SHA-256", "password=x").iterations, 4096);
    EXPECT_EQ(thrown_by([] { make_scram_credential("b", "SCRAM-SHA-256", "iterations=8192"); }),
              "java.lang.IllegalArgumentException: Invalid credential property "
              "SCRAM_SHA_256=iterations=8192");
    EXPECT_EQ(thrown_by([] {
                  make_scram_credential("b", "SCRAM-SHA-256", "iterations=100,password=x");
              }),
              "java.lang.IllegalArgumentException: Iterations 100 is less than the minimum 4096 "
              "required for SCRAM-SHA-256");
}

TEST(FeatureLevels, a_release_is_its_last_metadata_version) {
    EXPECT_EQ(find_metadata_version("3.7")->name, "3.7-IV4");
    EXPECT_EQ(find_metadata_version("4.3-IV0")->level, 30);
    EXPECT_EQ(find_metadata_version("3.0"), nullptr);
    EXPECT_EQ(find_metadata_version("4"), nullptr);
    EXPECT_TRUE(unknown_metadata_version("x").starts_with(
        "Unknown metadata.version 'x'. Supported metadata.version are: 3.3-IV3, 3.4-IV0"));
}

TEST(PrettyTable, a_tab_follows_every_padded_cell) {
    std::string text;
    {
        Writer out(text);
        print_pretty_table(out, {"A", "Long"}, {{"wide", "1"}});
    }
    EXPECT_EQ(text, "A   \tLong\t\nwide\t1   \t\n");
}

TEST(JsonInput, numbers_out_of_range_are_refused) {
    EXPECT_EQ(json_int(*parse_json("2147483647")), 2147483647);
    EXPECT_NE(thrown_by([] { json_int(*parse_json("2147483648")); }), "");
    EXPECT_NE(thrown_by([] { json_int(*parse_json("1.5")); }), "");
    EXPECT_NE(thrown_by([] { json_long(*parse_json("9223372036854775808")); }), "");
    EXPECT_NE(thrown_by([] { json_member(*parse_json("[]"), "a"); }), "");
    EXPECT_FALSE(parse_json("{"));
}

TEST(ReassignmentPlan, keeps_the_folders_that_are_named) {
    ReassignmentPlan plan = parse_reassignment(
        R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],)"
        R"("log_dirs":["any","/d"]}]})");
    EXPECT_EQ(plan.assignment().at({"t", 0}), (std::vector<int32_t>{1, 2}));
    EXPECT_EQ(plan.log_dirs, (LogDirs{{{2, {"t", 0}}, "/d"}}));
    EXPECT_EQ(reassignment_json(plan.assignment(), plan.log_dirs),
              R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],)"
              R"("log_dirs":["any","/d"]}]})");
}

TEST(ReassignmentPlan, what_cannot_be_executed_is_told) {
    auto problem = [](const std::string& partitions) {
        return thrown_by([&] {
            check_executable(parse_reassignment("{\"partitions\":[" + partitions + "]}"));
        });
    };
    EXPECT_NE(problem("").find("Partition reassignment list cannot be empty"), std::string::npos);
    EXPECT_NE(problem(R"({"topic":"t","partition":0,"replicas":[]})").find("cannot be empty"),
              std::string::npos);
    EXPECT_NE(problem(R"({"topic":"t","partition":0,"replicas":[1,1]})")
                  .find("t-0 contains multiple entries for 1"),
              std::string::npos);
    std::string one = R"({"topic":"t","partition":0,"replicas":[1]})";
    EXPECT_NE(problem(one + "," + one).find("duplicate topic partitions: t-0"),
              std::string::npos);
    EXPECT_EQ(problem(one), "");
}

TEST(ReassignmentPlan, json_that_ends_too_early_is_told_as_jackson_does) {
    std::string problem = thrown_by([] { parse_reassignment("{\n"); });
    EXPECT_NE(problem.find("Unexpected end-of-input: expected close marker for Object"),
              std::string::npos)
        << problem;
    EXPECT_TRUE(problem.ends_with("line: 2, column: 1]")) << problem;
}

TEST(ReassignmentPlan, a_proposal_spreads_replicas_over_different_brokers_and_racks) {
    Assignment current;
    for (int32_t i = 0; i < 12; ++i) current[{"t", i}] = {1, 2};
    std::vector<kafka::Node> brokers{{.id = 1, .rack = "a"}, {.id = 2, .rack = "a"},
                                     {.id = 3, .rack = "b"}, {.id = 4, .rack = "b"}};
    Random random(5);
    Assignment proposed = propose_assignment(current, brokers, random);
    std::map<int32_t, int> load;
    for (const auto& [where, replicas] : proposed) {
        ASSERT_EQ(replicas.size(), 2u);
        EXPECT_NE(replicas[0] <= 2, replicas[1] <= 2) << "both replicas in one rack";
        for (int32_t broker : replicas) ++load[broker];
    }
    for (int32_t id = 1; id <= 4; ++id) EXPECT_EQ(load[id], 6);
    brokers.resize(1);
    EXPECT_NE(thrown_by([&] { propose_assignment(current, brokers, random); })
                  .find("replication factor of 2 cannot be reached"),
              std::string::npos);
}

TEST(ReassignmentPlan, throttles_name_sources_and_new_destinations) {
    Moves moves = plan_moves({}, {{{"t", 0}, {2, 3}}}, {{{"t", 0}, {1, 2}}});
    EXPECT_EQ(leader_throttle(moves.at("t")), "0:1,0:2");
    EXPECT_EQ(follower_throttle(moves.at("t")), "0:3");
    EXPECT_EQ(brokers_of(moves), (std::set<int32_t>{1, 2, 3}));
    kafka::Reassignment active{.replicas = {1, 4}, .adding = {4}, .removing = {1}};
    moves = plan_moves({{{"t", 0}, active}}, {{{"t", 0}, {5}}}, {});
    EXPECT_EQ(leader_throttle(moves.at("t")), "0:1");
    EXPECT_EQ(follower_throttle(moves.at("t")), "0:5");
}

}  // namespace
}  // namespace stoker::cli
