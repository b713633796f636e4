#include "load/stop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stoker::load {
namespace {

TEST(Stop, a_request_ends_every_wait_at_once) {
    Stop stop;
    std::jthread waiting([&] { EXPECT_TRUE(stop.wait_for(std::chrono::hours(1))); });
    stop.request();
    waiting.join();
    EXPECT_TRUE(stop.requested());
    EXPECT_TRUE(stop.wait_for(std::chrono::hours(1)));
}

TEST(Stop, a_wait_without_a_request_says_so) {
    Stop stop;
    EXPECT_FALSE(stop.wait_for(std::chrono::nanoseconds(1)));
    EXPECT_FALSE(stop.requested());
}

}  // namespace
}  // namespace stoker::load
