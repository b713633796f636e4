#include "cli/perf_aliases.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/test_streams.hpp"

namespace stoker::cli {
namespace {

using Strings = std::vector<std::string>;

class PerfAliasesTest : public testing::Test {
protected:
    PerfAliasesTest() {
        const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        file_ = std::filesystem::temp_directory_path() /
                (std::to_string(::getpid()) + "-" + name + ".properties");
        std::ofstream(file_) << "bootstrap.servers=file:1\nacks=1\n";
    }
    ~PerfAliasesTest() override { std::filesystem::remove(file_); }

    std::filesystem::path file_;
};

TEST(JoinedProperties, are_split_at_commas_before_a_name_and_outside_of_quotes) {
    EXPECT_EQ(split_joined_properties("bootstrap.servers=k1:9092,k2:9092,acks=1"),
              (Strings{"bootstrap.servers=k1:9092,k2:9092", "acks=1"}));
    EXPECT_EQ(split_joined_properties("acks=1"), Strings{"acks=1"});
    EXPECT_EQ(split_joined_properties("sasl.jaas.config=x required username=\"a\" "
                                      "password=\"p,q=\\\",r=1\";,linger.ms=5"),
              (Strings{"sasl.jaas.config=x required username=\"a\" password=\"p,q=\\\",r=1\";",
                       "linger.ms=5"}));
    EXPECT_EQ(split_joined_properties(""), Strings{""});
}

TEST_F(PerfAliasesTest, a_config_file_is_under_the_other_properties) {
    const auto properties =
        read_joined_properties({"acks=all,config-file=" + file_.string(), "linger.ms=5"});
    EXPECT_EQ(properties.get("bootstrap.servers"), "file:1");
    EXPECT_EQ(properties.get("acks"), "all");
    EXPECT_EQ(properties.get("linger.ms"), "5");
    EXPECT_FALSE(properties.has("config-file"));
    EXPECT_THROW(read_joined_properties({"canary"}), kafka::KafkaException);
    EXPECT_THROW(read_joined_properties({"config-file=/nonexistent"}), kafka::KafkaException);
}

TEST_F(PerfAliasesTest, a_consumer_finds_its_servers_in_its_file) {
    EXPECT_EQ(consumer_perf_arguments({"--topic", "t", "--messages", "5", "--consumer.config",
                                       file_.string()}),
              (Strings{"--topic", "t", "--num-records", "5", "--command-config", file_.string(),
                       "--bootstrap-server", "file:1"}));
    EXPECT_EQ(consumer_perf_arguments({"--bootstrap-server=b:1", "--consumer.config=" +
                                                                     file_.string()}),
              (Strings{"--bootstrap-server=b:1", "--command-config=" + file_.string()}));
}

TEST_F(PerfAliasesTest, only_the_names_of_the_specification_take_joined_properties) {
    const Args args{"--topic", "t", "--num-records", "1", "--record-size", "1", "--throughput",
                    "-1", "--producer-props", "acks=1,linger.ms=1"};
    TestStreams upstream;
    EXPECT_EQ(run_tool(*find_tool("kafka-producer-perf-test"), args, upstream.io), 1);
    EXPECT_TRUE(upstream.err_text.contains("Invalid property: acks=1,linger.ms=1"))
        << upstream.err_text;
    TestStreams ours;
    EXPECT_EQ(run_tool(*find_tool("kafka-producer-perf"), args, ours.io), 1);
    EXPECT_TRUE(ours.err_text.contains("bootstrap")) << ours.err_text;
}

}  // namespace
}  // namespace stoker::cli
