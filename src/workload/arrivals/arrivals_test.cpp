// When messages are due, for every shape.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "workload/arrivals/arrivals.hpp"

namespace stoker::workload {
namespace {

std::vector<int64_t> all_of(const std::vector<Phase>& phases, const ArrivalsOptions& options = {}) {
    Arrivals arrivals(phases, options);
    std::vector<int64_t> times;
    while (const auto next = arrivals.next()) times.push_back(next->at_ns);
    return times;
}

const std::vector<Phase> shapes{
    {.duration_s = 10, .rate = 100},
    {.shape = Shape::ramp, .duration_s = 10, .rate = 0, .to = 200},
    {.shape = Shape::ramp, .duration_s = 10, .rate = 200, .to = 0},
    {.shape = Shape::ramp, .duration_s = 10, .rate = 100, .to = 100},
    {.shape = Shape::sine, .duration_s = 10, .rate = 100, .amplitude = 100, .period_s = 3},
    {.shape = Shape::bursts, .duration_s = 10, .rate = 10, .to = 500, .period_s = 4, .burst_s = 1},
    {.shape = Shape::bursts, .duration_s = 10, .rate = 0, .to = 500, .period_s = 4, .burst_s = 1}};

TEST(Phase, when_is_the_reverse_of_count) {
    for (const Phase& phase : shapes) {
        for (double n = 1; n < phase.total(); n += 7.3) {
            const double at = phase.when(n);
            EXPECT_GE(at, 0) << name(phase.shape);
            EXPECT_LE(at, phase.duration_s) << name(phase.shape);
            EXPECT_NEAR(phase.count(at), n, 1e-3) << name(phase.shape);
        }
    }
}

TEST(Arrivals, a_constant_rate_has_even_gaps_and_the_first_at_once) {
    const auto times = all_of({{.duration_s = 1, .rate = 1000}});
    ASSERT_EQ(times.size(), 1000u);
    EXPECT_EQ(times[0], 0);
    EXPECT_NEAR(double(times[500]), 0.5e9, 10);
    EXPECT_NEAR(double(times[999]), 0.999e9, 10);
}

TEST(Arrivals, times_never_fall_and_stay_within_the_load) {
    const auto times = all_of(shapes);
    EXPECT_TRUE(std::ranges::is_sorted(times));
    EXPECT_LT(times.back(), Arrivals::duration_ns(shapes));
}

TEST(Arrivals, producers_together_send_what_one_alone_would) {
    const auto alone = all_of(shapes);
    std::vector<int64_t> together;
    for (int producer = 0; producer < 3; ++producer) {
        const auto part = all_of(shapes, {.producer = producer, .producers = 3});
        together.insert(together.end(), part.begin(), part.end());
    }
    std::ranges::sort(together);
    EXPECT_EQ(together, alone);
}

TEST(Arrivals, random_gaps_keep_the_rate_and_scatter_as_an_exponential_distribution_does) {
    constexpr uint64_t seed = 7;
    const auto times =
        all_of({{.poisson = true, .duration_s = 100, .rate = 1000}}, {.seed = seed});
    // The number's deviation is its root, 316; five times that is next to impossible.
    EXPECT_NEAR(double(times.size()), 100'000, 1600);
    double sum = 0;
    double squares = 0;
    for (size_t i = 1; i < times.size(); ++i) {
        const double gap = double(times[i] - times[i - 1]) / 1e6;
        sum += gap;
        squares += gap * gap;
    }
    const double mean = sum / double(times.size());
    const double deviation = std::sqrt(squares / double(times.size()) - mean * mean);
    EXPECT_NEAR(mean, 1, 0.02);
    EXPECT_NEAR(deviation, 1, 0.03);
}

TEST(Arrivals, a_replay_sends_at_the_recorded_times) {
    const auto times = all_of(
        {{.shape = Shape::replay, .duration_s = 2.001, .times_s = {0, 0.5, 0.5, 2}}});
    EXPECT_EQ(times, (std::vector<int64_t>{0, 500'000'000, 500'000'000, 2'000'000'000}));
}

TEST(Arrivals, without_a_rate_there_is_always_one_more_until_the_phase_is_left) {
    Arrivals arrivals({{.shape = Shape::max, .duration_s = 2}, {.duration_s = 1, .rate = 1}}, {});
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(arrivals.next()->whenever);
    EXPECT_EQ(arrivals.phase_end_ns(), 2'000'000'000);
    arrivals.leave_phase();
    const auto next = arrivals.next();
    ASSERT_TRUE(next);
    EXPECT_FALSE(next->whenever);
    EXPECT_EQ(next->at_ns, 2'000'000'000);
}

}  // namespace
}  // namespace stoker::workload
