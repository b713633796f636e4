#include <gtest/gtest.h>

#include "base/test_folder.hpp"
#include "cli/test_streams.hpp"
#include "cli/tool_list.hpp"

namespace stoker::cli {
namespace {

constexpr const char* cluster = "QWthLXJlZmVyZW5jZS0xMA";

struct Storage : TestStreams {
    TestFolder folder;
    std::string config = folder.write(
        "server.properties",
        "process.roles=broker,controller\nnode.id=3\nlog.dirs=" + folder.path("data") + "\n");

    int run(Args args) {
        out_text.clear();
        err_text.clear();
        return run_tool({"kafka-storage", run_storage}, args, io);
    }
    Args format(const Args& more = {}) const {
        Args args = {"format", "--standalone", "-t", cluster, "-c", config};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
};

TEST(Storage, a_random_id_has_22_characters) {
    Storage s;
    EXPECT_EQ(s.run({"random-uuid"}), 0);
    EXPECT_EQ(s.out_text.size(), 23u);
}

TEST(Storage, a_folder_that_is_not_there_is_a_problem) {
    Storage s;
    EXPECT_EQ(s.run({"info", "-c", s.config}), 1);
    EXPECT_EQ(s.out_text, "Found problem:\n  " + s.folder.path("data") + " does not exist\n\n");
}

TEST(Storage, a_formatted_folder_tells_its_cluster_and_node) {
    Storage s;
    EXPECT_EQ(s.run(s.format()), 0);
    EXPECT_TRUE(s.out_text.ends_with("Formatting dynamic metadata voter directory " +
                                     s.folder.path("data") + " with metadata.version 4.3-IV0.\n"));
    EXPECT_EQ(s.run({"info", "-c", s.config}), 0);
    EXPECT_NE(
        s.out_text.find("Found metadata: {cluster.id=" + std::string(cluster) + ", directory.id="),
        std::string::npos);
    EXPECT_NE(s.out_text.find(", node.id=3, version=1}\n\n"), std::string::npos);
}

TEST(Storage, a_folder_is_formatted_once) {
    Storage s;
    EXPECT_EQ(s.run(s.format()), 0);
    EXPECT_EQ(s.run(s.format()), 1);
    EXPECT_EQ(s.err_text, "Log directory " + s.folder.path("data") +
                              " is already formatted. Use --ignore-formatted to ignore this "
                              "directory and format the others.\n");
    EXPECT_EQ(s.run(s.format({"--ignore-formatted"})), 0);
    EXPECT_EQ(s.out_text, "All of the log directories are already formatted.\n");
}

TEST(Storage, a_controller_is_told_how_its_quorum_begins) {
    Storage s;
    EXPECT_EQ(s.run({"format", "-t", cluster, "-c", s.config}), 1);
    EXPECT_TRUE(s.err_text.starts_with("Because controller.quorum.voters is not set"));
}

TEST(Storage, levels_that_a_broker_does_not_start_at_are_refused) {
    Storage s;
    EXPECT_EQ(s.run(s.format({"--feature", "group.version=0"})), 1);
    EXPECT_EQ(s.err_text, "A Stoker broker starts a cluster at group.version=1 only.\n");
    EXPECT_EQ(s.run(s.format({"--release-version", "3.9-IV0"})), 1);
    EXPECT_EQ(s.run(s.format({"--feature", "group.version=1"})), 0);
}

TEST(Storage, two_kinds_of_quorum_at_once_are_refused) {
    Storage s;
    EXPECT_EQ(s.run(s.format({"--no-initial-controllers"})), 1);
    EXPECT_TRUE(
        s.err_text.ends_with("kafka-storage: error: argument --no-initial-controllers/-N: "
                             "not allowed\nwith argument --standalone/-s\n"))
        << s.err_text;
}

}  // namespace
}  // namespace stoker::cli
