// Whose fault a message's lateness is.
#include <gtest/gtest.h>

#include "workload/sender/held_back.hpp"

namespace stoker::workload {
namespace {

TEST(HeldBack, counts_what_of_a_stretch_lies_behind_a_time) {
    HeldBack held;
    held.add(100, 200);
    EXPECT_EQ(held.since(50), 100);
    EXPECT_EQ(held.since(150), 50);
    EXPECT_EQ(held.since(200), 0);
    EXPECT_EQ(held.total_ns(), 100);
}

TEST(HeldBack, adds_stretches_and_forgets_those_that_are_over) {
    HeldBack held;
    held.add(100, 200);
    held.add(300, 400);
    held.add(400, 450);
    EXPECT_EQ(held.since(150), 200);
    EXPECT_EQ(held.since(250), 150);
    EXPECT_EQ(held.since(425), 25);
}

TEST(HeldBack, no_stretch_is_nothing) {
    HeldBack held;
    held.add(10, 10);
    EXPECT_EQ(held.since(0), 0);
}

}  // namespace
}  // namespace stoker::workload
