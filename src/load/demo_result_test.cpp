#include "load/demo_result.hpp"

#include <gtest/gtest.h>

namespace stoker::load {
namespace {

Json producer(int64_t sent, int64_t failed = 0) {
    return {{"messages_sent", sent},
            {"messages_failed", failed},
            {"mb_per_second", 1.5},
            {"run_id", "00000000000000aa"},
            {"ack_ms", {{"p50", 1.25}, {"p99", 9.5}}}};
}

Json part(const char* run, int number, int64_t distinct, int64_t duplicated) {
    return {
        {"run_id", run}, {"producer", number}, {"distinct", distinct}, {"duplicated", duplicated}};
}

Json consumer(Json parts, int64_t failed = 0) {
    Json verified{{"producers", std::move(parts)}, {"end_to_end_ms", {{"p99", 12.0}}}};
    return {{"messages_failed", failed}, {"verified", std::move(verified)}};
}

TEST(DemoResult, holds_when_every_acknowledged_message_was_consumed_once) {
    auto result = demo_result(producer(100), consumer({part("00000000000000aa", 0, 60, 0),
                                                       part("00000000000000aa", 1, 40, 0)}));
    EXPECT_EQ(result.consumed, 100);
    EXPECT_EQ(result.lost(), 0);
    EXPECT_TRUE(result.holds());
}

TEST(DemoResult, messages_of_another_run_do_not_count) {
    auto result = demo_result(producer(100), consumer({part("00000000000000aa", 0, 99, 0),
                                                       part("00000000000000bb", 0, 50, 7)}));
    EXPECT_EQ(result.lost(), 1);
    EXPECT_EQ(result.duplicated, 0);
    EXPECT_FALSE(result.holds());
}

TEST(DemoResult, a_duplicate_or_a_failure_is_not_right) {
    Json parts = Json::array({part("00000000000000aa", 0, 100, 1)});
    EXPECT_FALSE(demo_result(producer(100), consumer(parts)).holds());
    parts[0]["duplicated"] = 0;
    EXPECT_TRUE(demo_result(producer(100), consumer(parts)).holds());
    EXPECT_FALSE(demo_result(producer(100, 1), consumer(parts)).holds());
    EXPECT_FALSE(demo_result(producer(100), consumer(parts, 1)).holds());
}

TEST(DemoResult, a_program_that_said_nothing_is_not_right) {
    EXPECT_FALSE(demo_result(Json(), Json()).holds());
    EXPECT_EQ(demo_result(producer(100), Json()).lost(), 100);
    EXPECT_FALSE(demo_result(producer(0), consumer(Json::array())).holds());
}

TEST(DemoResult, the_table_names_every_figure) {
    std::string table = demo_table(
        demo_result(producer(100), consumer(Json::array({part("00000000000000aa", 0, 98, 3)}))));
    for (const char* word :
         {"sent ", "acknowledged ", "consumed ", "lost                   2",
          "duplicated             3", "MB/s", "p50", "p99", "p99.9", "1.25", "12.00"})
        EXPECT_NE(table.find(word), std::string::npos) << word << " in " << table;
}

}  // namespace
}  // namespace stoker::load
