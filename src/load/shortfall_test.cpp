#include "load/shortfall.hpp"

#include <gtest/gtest.h>

namespace stoker::load {
namespace {

ProducerRun ten_seconds() {
    return {.seconds = 10, .planned_seconds = 10, .messages_due = 10'000, .threads = 2};
}

ProducerStats sent(int64_t count) {
    ProducerStats stats;
    stats.messages_queued = count;
    stats.messages_sent = count;
    return stats;
}

std::string limit(const ProducerStats& stats, const ProducerRun& run, ProcessorUse use = {}) {
    auto found = shortfall(stats, run, use);
    return found ? found->limit : "(none)";
}

TEST(Shortfall, is_none_when_the_messages_went_out_as_planned) {
    EXPECT_FALSE(shortfall(sent(10'000), ten_seconds(), {}));
    EXPECT_FALSE(shortfall(sent(9'950), ten_seconds(), {}));
    EXPECT_FALSE(shortfall({}, {}, {})) << "before the start";
}

TEST(Shortfall, says_what_was_reached_and_what_was_wanted) {
    auto found = shortfall(sent(5'000), ten_seconds(), {.machine = 0.97, .own = 0.4});
    ASSERT_TRUE(found);
    EXPECT_EQ(sentence(*found),
              "rate not reached: 500.0 of 1000.0 msg/s; limited by this machine: its processors "
              "were busy 97 % of the time, 40 % with this program");
}

TEST(Shortfall, names_the_broker_when_the_buffer_was_full) {
    ProducerStats stats = sent(5'000);
    stats.blocked_ns = 10'000'000'000;
    EXPECT_EQ(limit(stats, ten_seconds()),
              "the broker or the network: the buffer of the producers was full 50 % of the time");
}

TEST(Shortfall, names_an_outage) {
    ProducerStats stats = sent(5'000);
    stats.silence_max_us = 4'200'000;
    EXPECT_EQ(limit(stats, ten_seconds(), {.machine = 1, .own = 1}),
              "the broker or the network: no answer for 4.2 s");
}

TEST(Shortfall, names_the_threads_when_they_never_rest) {
    ProducerStats stats = sent(5'000);
    stats.processor_ns_max = 9'500'000'000;
    EXPECT_EQ(limit(stats, ten_seconds(), {.machine = 0.5, .own = 0.5}),
              "the sending threads: busy 95 % of the time; give more --num-threads");
}

TEST(Shortfall, is_one_when_the_answers_come_long_after_the_end) {
    ProducerRun run = ten_seconds();
    run.seconds = 12.5;
    auto found = shortfall(sent(10'000), run, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->reached, 800);
    EXPECT_EQ(found->limit, "the broker or the network: the last answer came 2.5 s after the end");
}

TEST(ProcessorMeter, sees_this_thread_work) {
    ProcessorMeter meter;
    const int64_t begin = thread_processor_ns();
    while (thread_processor_ns() - begin < 50'000'000) continue;
    const ProcessorUse use = meter.since();
    EXPECT_GT(use.machine, 0);
    EXPECT_GT(use.own, 0);
    EXPECT_LE(use.machine, 1);
}

}  // namespace
}  // namespace stoker::load
