#include "cli/complete.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace stoker::cli {
namespace {

using Words = std::vector<std::string>;

Words completed(const Words& words) {
    const LiveNames live{.topics = [] { return Words{"orders", "payments", "ordinary"}; },
                         .groups = [] { return Words{"billing", "shipping"}; }};
    return complete(words, live);
}

bool has(const Words& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

TEST(Complete, options_of_the_tool) {
    const Words found = completed({"kafka-topics", "--de"});
    EXPECT_EQ(found, (Words{"--delete", "--delete-config", "--describe"}));
    EXPECT_TRUE(has(completed({"/usr/bin/kafka-topics.sh", ""}), "--bootstrap-server"));
}

TEST(Complete, names_that_the_cluster_has) {
    EXPECT_EQ(completed({"kafka-topics", "--describe", "--topic", "ord"}),
              (Words{"orders", "ordinary"}));
    EXPECT_EQ(completed({"kafka-topics", "--topic=pay"}), (Words{"--topic=payments"}));
    EXPECT_EQ(completed({"kafka-consumer-groups", "--group", ""}), (Words{"billing", "shipping"}));
}

TEST(Complete, the_cluster_is_not_asked_for_what_is_no_name_of_its) {
    const LiveNames unreachable;  // to ask it would throw
    EXPECT_FALSE(complete({"kafka-topics", "--"}, unreachable).empty());
    EXPECT_EQ(complete({"kafka-topics", "--bootstrap-server", ""}, unreachable),
              Words{"localhost:9092"});
}

TEST(Complete, commands_of_tools_that_have_some) {
    const Words commands = completed({"kafka-cluster", ""});
    EXPECT_TRUE(has(commands, "cluster-id"));
    EXPECT_TRUE(has(completed({"kafka-cluster", "cluster-id", "--boot"}), "--bootstrap-server"));
}

TEST(Complete, nothing_for_what_is_no_tool) {
    EXPECT_TRUE(completed({"ls", "-"}).empty());
    EXPECT_TRUE(completed({"kafka-topics"}).empty());
    EXPECT_TRUE(completed({}).empty());
}

TEST(Complete, scripts_name_every_tool) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const std::string script = completion_script(shell).value();
        EXPECT_NE(script.find(" kafka-topics "), std::string::npos) << shell;
        EXPECT_NE(script.find(" kafka-topics.sh"), std::string::npos) << shell;
    }
    EXPECT_FALSE(completion_script("csh"));
}

}  // namespace
}  // namespace stoker::cli
