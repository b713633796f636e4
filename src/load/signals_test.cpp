#include "load/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace stoker::load {
namespace {

TEST(Signals, a_termination_is_reported_and_not_fatal) {
    Signals signals;
    EXPECT_FALSE(signals.wait_for(std::chrono::nanoseconds(0)));
    raise(SIGTERM);
    EXPECT_TRUE(signals.wait_for(std::chrono::hours(1)));
    EXPECT_TRUE(signals.wait_for(std::chrono::nanoseconds(0))) << "it stays true";
}

TEST(Signals, the_second_one_ends_the_process) {
    EXPECT_EXIT(
        {
            Signals signals;
            raise(SIGINT);
            signals.wait_for(std::chrono::hours(1));
            raise(SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace stoker::load
