#include "node/configuration.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace stoker::node {
namespace {

constexpr const char* of_kafkas_file = "log.segment.bytes";

TEST(Configuration, without_a_file_is_that_of_the_file_that_apache_kafka_ships) {
    auto configs = read_configs("", {}, {});
    ASSERT_TRUE(configs) << configs.error();
    EXPECT_TRUE(configs->given_at_start(of_kafkas_file));
    EXPECT_EQ(configs->int64("log.retention.hours"), 168);
}

TEST(Configuration, of_a_file_is_what_the_file_says_and_no_more) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "configuration_test.properties";
    std::ofstream(file) << "num.partitions=3\n";
    auto configs = read_configs(file.string(), {"log.retention.hours=1"}, {{"log.dirs", "/d"}});
    std::filesystem::remove(file);
    ASSERT_TRUE(configs) << configs.error();
    EXPECT_FALSE(configs->given_at_start(of_kafkas_file));
    EXPECT_EQ(configs->int32("num.partitions"), 3);
    EXPECT_EQ(configs->int64("log.retention.hours"), 1);
    EXPECT_EQ(configs->text("log.dirs"), "/d");
}

}  // namespace
}  // namespace stoker::node
