// The search for the highest rate, against clusters that are a formula.
#include <gtest/gtest.h>

#include "workload/slo/slo.hpp"

namespace stoker::workload {
namespace {

/// Keeps any service level up to a rate.
TryRate cluster_up_to(double capacity) {
    return [capacity](double rate) -> std::expected<SloTrial, std::string> {
        return SloTrial{.rate = rate, .held = rate <= capacity};
    };
}

TEST(Slo, is_a_percentile_and_a_limit) {
    const auto slo = parse_slo("p99.9 < 20ms");
    ASSERT_TRUE(slo);
    EXPECT_EQ(slo->percentile, 99.9);
    EXPECT_EQ(slo->limit.count(), 20'000);
    for (const char* wrong : {"", "p99", "99<20ms", "p99<20", "p0<1s", "p101<1s", "p99<0ms", "p<1s",
                              "p99>20ms", "p9x<1s"})
        EXPECT_FALSE(parse_slo(wrong)) << wrong;
}

TEST(SloSearch, finds_the_highest_rate_within_its_precision) {
    for (const double capacity : {130.0, 1000.0, 77'777.0}) {
        const auto result = search_rate({}, cluster_up_to(capacity));
        EXPECT_LE(result.highest_rate, capacity);
        EXPECT_GE(result.highest_rate, capacity * 0.94);
        EXPECT_TRUE(result.bounded);
        EXPECT_EQ(result.status(), Status::good);
    }
}

TEST(SloSearch, goes_below_the_rate_where_it_began) {
    const auto result = search_rate({.start_rate = 1000}, cluster_up_to(70));
    EXPECT_NEAR(result.highest_rate, 70, 5);
}

TEST(SloSearch, a_level_that_no_rate_keeps_is_not_reached) {
    const auto result = search_rate({}, cluster_up_to(0));
    EXPECT_EQ(result.highest_rate, 0);
    EXPECT_EQ(result.status(), Status::not_reached);
}

TEST(SloSearch, ends_where_the_generator_is_no_faster_and_says_that_there_may_be_more) {
    const auto result = search_rate({}, [](double rate) -> std::expected<SloTrial, std::string> {
        if (rate < 1000) return SloTrial{.rate = rate, .held = true};
        return SloTrial{.rate = rate, .verdict = {Status::no_report, "the generator"}};
    });
    EXPECT_EQ(result.highest_rate, 800);
    EXPECT_FALSE(result.bounded);
}

TEST(SloSearch, a_generator_that_is_too_slow_from_the_start_is_no_word_about_the_cluster) {
    const auto result = search_rate({}, [](double rate) -> std::expected<SloTrial, std::string> {
        return SloTrial{.rate = rate, .verdict = {Status::no_report, "the generator"}};
    });
    EXPECT_EQ(result.status(), Status::no_report);
    EXPECT_EQ(slo_text({}, result), "the generator\n");
}

TEST(SloSearch, a_finding_ends_it_and_fails) {
    const auto result = search_rate({}, [](double rate) -> std::expected<SloTrial, std::string> {
        return SloTrial{.rate = rate, .verdict = {Status::failed, "1 lost"}};
    });
    EXPECT_EQ(result.status(), Status::failed);
    EXPECT_EQ(result.failure, "1 lost");
    EXPECT_EQ(result.trials.size(), 1u);
}

}  // namespace
}  // namespace stoker::workload
