#include "load/schedule.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace stoker::load {
namespace {

constexpr int64_t second_ns = 1'000'000'000;

TEST(Schedule, sends_rate_times_duration_messages) {
    for (int64_t rate : {1, 3, 7, 1000, 999'983}) {
        Schedule schedule({.messages_per_second = rate, .duration_ns = 5 * second_ns});
        EXPECT_EQ(schedule.total(), 5 * rate);
    }
    EXPECT_EQ(Schedule({.messages_per_second = 100, .duration_ns = second_ns / 4}).total(), 25);
}

TEST(Schedule, messages_become_due_at_their_time_as_the_clock_moves) {
    ManualClock clock;
    Schedule schedule({.messages_per_second = 1000,
                       .duration_ns = 2 * second_ns,
                       .start_ns = clock.monotonic_ns() + 10'000'000});
    EXPECT_EQ(schedule.due(clock.monotonic_ns()), 0) << "before the start";
    clock.advance_ms(10);
    EXPECT_EQ(schedule.due(clock.monotonic_ns()), 1) << "the first one is due at the start";
    clock.advance_ms(1);
    EXPECT_EQ(schedule.due(clock.monotonic_ns()), 2);
    clock.advance_ms(500);
    EXPECT_EQ(schedule.due(clock.monotonic_ns()), 502) << "a pause is caught up";
    clock.advance_ms(100'000);
    EXPECT_EQ(schedule.due(clock.monotonic_ns()), 2000) << "and nothing after the end";
}

TEST(Schedule, every_message_is_due_at_its_intended_time_and_not_a_nanosecond_earlier) {
    for (int64_t rate : {1, 3, 7, 1000, 4999, 1'000'003}) {
        Schedule schedule(
            {.messages_per_second = rate, .duration_ns = 3 * second_ns, .start_ns = 12345});
        for (int64_t n = 0; n < schedule.total(); n += 1 + schedule.total() / 500) {
            int64_t at = schedule.intended_ns(n);
            EXPECT_GE(schedule.due(at), n + 1) << "rate " << rate;
            EXPECT_LE(schedule.due(at - 1), n) << "rate " << rate;
        }
    }
}

TEST(Schedule, threads_share_the_rate_evenly_and_leave_nothing_out) {
    constexpr int threads = 7;
    int64_t total = 0;
    std::vector<bool> seen(5000);
    for (int t = 0; t < threads; ++t) {
        Schedule schedule({.messages_per_second = 1000,
                           .duration_ns = 5 * second_ns,
                           .thread = t,
                           .threads = threads});
        total += schedule.total();
        for (int64_t n = 0; n < schedule.total(); ++n) {
            EXPECT_FALSE(seen.at(size_t(schedule.global(n))));
            seen.at(size_t(schedule.global(n))) = true;
            EXPECT_EQ(schedule.intended_ns(n), schedule.global(n) * 1'000'000);
        }
    }
    EXPECT_EQ(total, 5000);
}

TEST(Schedule, a_day_at_ten_million_a_second_does_not_overflow) {
    Schedule schedule({.messages_per_second = 10'000'000, .duration_ns = 86'400 * second_ns});
    EXPECT_EQ(schedule.total(), 864'000'000'000);
    EXPECT_EQ(schedule.intended_ns(schedule.total()), 86'400 * second_ns);
}

}  // namespace
}  // namespace stoker::load
