// When one run is worse than another, and when it only looks so.
#include <gtest/gtest.h>

#include "workload/compare/compare.hpp"
#include "workload/ledger/group_ledger.hpp"

namespace stoker::workload {
namespace {

using load::Json;

constexpr uint64_t seed = 3;

/// Thirty seconds around a middle, a few percent up and down.
Samples around(double rate, double p50_us, double p99_us, double noise = 0.02) {
    Samples samples{.runs = 1};
    for (int i = 0; i < 30; ++i) {
        const double swing = 1 + noise * ((i * 7 % 11) - 5) / 5;
        samples.messages_per_second.push_back(rate * swing);
        samples.response_p50_us.push_back(p50_us * swing);
        samples.response_p99_us.push_back(p99_us * swing);
    }
    return samples;
}

TEST(Compare, equal_runs_are_the_same) {
    const auto a = around(1000, 500, 2000);
    const auto differences = compare(a, a, {.seed = seed});
    ASSERT_EQ(differences.size(), 3u);
    for (const auto& one : differences) EXPECT_EQ(one.judgement, Judgement::same) << one.metric;
    EXPECT_FALSE(is_worse(a, a, differences));
}

TEST(Compare, a_slower_run_is_worse_and_its_interval_holds_the_change) {
    const auto a = around(1000, 500, 2000);
    const auto b = around(1000, 500, 2600);
    const auto differences = compare(a, b, {.seed = seed});
    EXPECT_EQ(differences[1].judgement, Judgement::same);
    EXPECT_EQ(differences[2].judgement, Judgement::worse);
    EXPECT_LE(differences[2].low, 30);
    EXPECT_GE(differences[2].high, 30);
    EXPECT_TRUE(is_worse(a, b, differences));
    EXPECT_FALSE(is_worse(b, a, compare(b, a, {.seed = seed})));
}

TEST(Compare, fewer_messages_a_second_are_worse_and_more_are_better) {
    const auto a = around(1000, 500, 2000);
    const auto b = around(800, 500, 2000);
    EXPECT_EQ(compare(a, b, {.seed = seed})[0].judgement, Judgement::worse);
    EXPECT_EQ(compare(b, a, {.seed = seed})[0].judgement, Judgement::better);
}

TEST(Compare, what_scatters_too_much_is_unclear_and_not_worse) {
    const auto a = around(1000, 500, 2000, 0.9);
    const auto b = around(1000, 500, 2200, 0.9);
    const auto differences = compare(a, b, {.seed = seed});
    EXPECT_EQ(differences[2].judgement, Judgement::unclear);
    EXPECT_FALSE(is_worse(a, b, differences));
}

TEST(Compare, a_few_seconds_prove_nothing) {
    const Samples few{.messages_per_second = {1, 2}, .runs = 1};
    EXPECT_EQ(compare(few, few, {})[0].judgement, Judgement::unclear);
}

TEST(Compare, findings_that_are_new_make_a_run_worse) {
    const auto a = around(1000, 500, 2000);
    auto b = a;
    b.findings = 1;
    EXPECT_TRUE(is_worse(a, b, compare(a, b, {.seed = seed})));
}

/// A report of one second, with other counts than zero where `more` has them.
std::string report(Json more) {
    Json one{{"workload", "w"}, {"status", 0}, {"duration_s", 1}, {"failed", 0}, {"unsent", 0},
             {"unanswered", 0}, {"intervals", Json::array()}};
    for (size_t i = 0; i < findings; ++i) one[std::string(name(Finding(i)))] = 0;
    one.update(more);
    return one.dump() + "\n";
}

TEST(Compare, messages_that_were_not_acknowledged_count_as_findings) {
    for (const char* name : {"failed", "unanswered", "unsent", "lost"})
        EXPECT_EQ(samples_of(report({{name, 3}, {"status", 1}}), "f")->findings, 3) << name;
}

TEST(Compare, messages_read_again_where_readers_come_and_go_are_no_findings) {
    EXPECT_EQ(samples_of(report({{"redelivered", 3}}), "f")->findings, 0);
    EXPECT_EQ(samples_of(report({{"redelivered", 3}, {"status", 1}}), "f")->findings, 3);
}

TEST(Compare, runs_of_two_workloads_are_not_one_side) {
    EXPECT_EQ(samples_of(report(Json::object()) + report({{"workload", "x"}}), "f").error(),
              "f:2: a run of x, and those before it are of w");
}

TEST(Compare, what_is_no_report_is_named_with_its_line) {
    EXPECT_EQ(samples_of("text\n{\"x\":1}\n", "f").error(),
              "f:2: no report of stoker load run --json");
    EXPECT_EQ(samples_of("text\n", "f").error(), "f: no report of stoker load run --json");
    EXPECT_NE(samples_of("{\"intervals\":null}\n", "f").error().find("the bottleneck"),
              std::string::npos);
}

}  // namespace
}  // namespace stoker::workload
