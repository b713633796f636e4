#include "schedule/planner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stoker::schedule {
namespace {

constexpr int64_t second = 1000;
constexpr int64_t minute = 60 * second;
constexpr int64_t created = 1'000'000 * second;

class PlannerTest : public ::testing::Test {
protected:
    Schedule schedule(const std::string& id, CatchUp policy = CatchUp::skip) const {
        return {.id = id,
                .topic = "tick",
                .messages = {"one", "two", "three"},
                .when = {.every = "1s"},
                .catch_up = policy,
                .created_ms = created};
    }
    Planner planner(int64_t running_since_ms = created) {
        return Planner(random_, running_since_ms);
    }
    static std::vector<int64_t> times(const Planner::Due& due) {
        std::vector<int64_t> all;
        for (const Firing& firing : due.firings) all.push_back(firing.scheduled_ms - created);
        return all;
    }

    Random random_{7};
};

using Times = std::vector<int64_t>;

TEST_F(PlannerTest, fires_each_time_once) {
    Planner plan = planner();
    ASSERT_TRUE(plan.put(schedule("a")));
    EXPECT_EQ(plan.next_ms(), created + second);
    EXPECT_EQ(times(plan.take_due(created + second - 1)), Times{});
    EXPECT_EQ(times(plan.take_due(created + second)), Times{second});
    EXPECT_EQ(times(plan.take_due(created + second)), Times{});
    EXPECT_EQ(times(plan.take_due(created + 3 * second)), (Times{2 * second, 3 * second}));
    EXPECT_EQ(plan.next_ms(), created + 4 * second);
}

TEST_F(PlannerTest, messages_are_sent_one_after_another_or_at_random) {
    Planner plan = planner();
    ASSERT_TRUE(plan.put(schedule("a")));
    std::vector<std::string> sent;
    for (const Firing& firing : plan.take_due(created + 4 * second).firings) {
        sent.push_back(firing.message);
    }
    EXPECT_EQ(sent, (std::vector<std::string>{"one", "two", "three", "one"}));
    Schedule any = schedule("b");
    any.random = true;
    ASSERT_TRUE(plan.put(any));
    bool differs = false;
    size_t i = 0;
    for (const Firing& firing : plan.take_due(created + 40 * second).firings) {
        if (firing.id == "b") differs = differs || firing.message != any.messages[i++ % 3];
    }
    EXPECT_TRUE(differs);
}

TEST_F(PlannerTest, what_was_missed_is_skipped_by_default) {
    Planner plan = planner(created + 10 * second);
    ASSERT_TRUE(plan.put(schedule("a")));
    const auto due = plan.take_due(created + 11 * second);
    EXPECT_EQ(times(due), (Times{10 * second, 11 * second}));
    EXPECT_EQ(due.skipped, 9u);
}

TEST_F(PlannerTest, what_was_missed_can_be_caught_up_once) {
    Planner plan = planner(created + 10 * second);
    ASSERT_TRUE(plan.put(schedule("a", CatchUp::once)));
    const auto due = plan.take_due(created + 10 * second);
    EXPECT_EQ(times(due), (Times{9 * second, 10 * second}));
    EXPECT_EQ(due.skipped, 8u);
}

TEST_F(PlannerTest, what_was_missed_can_be_caught_up_whole) {
    Planner plan = planner(created + 3 * second);
    ASSERT_TRUE(plan.put(schedule("a", CatchUp::all)));
    const auto due = plan.take_due(created + 3 * second);
    EXPECT_EQ(times(due), (Times{second, 2 * second, 3 * second}));
    EXPECT_EQ(due.skipped, 0u);
}

TEST_F(PlannerTest, a_long_time_is_caught_up_in_pieces) {
    Planner plan = planner(created + 25'000 * second);
    ASSERT_TRUE(plan.put(schedule("a", CatchUp::all)));
    const int64_t now = created + 25'000 * second;
    EXPECT_EQ(plan.take_due(now).firings.size(), Planner::firings_max);
    EXPECT_EQ(plan.next_ms(), created + 10'001 * second);
    EXPECT_EQ(plan.take_due(now).firings.size(), Planner::firings_max);
    EXPECT_EQ(plan.take_due(now).firings.size(), 5'000u);
    EXPECT_EQ(plan.take_due(now).firings.size(), 0u);
}

TEST_F(PlannerTest, ten_years_of_milliseconds_are_skipped_at_once) {
    const int64_t now = created + int64_t{3650} * 24 * 60 * minute;
    Planner plan = planner(now);
    Schedule often = schedule("a");
    often.when.every = "1ms";
    ASSERT_TRUE(plan.put(often));
    const auto due = plan.take_due(now);
    EXPECT_EQ(due.firings.size(), 1u);
    EXPECT_EQ(due.skipped, uint64_t(now - created - 1));
}

TEST_F(PlannerTest, a_minute_of_outage_is_made_up_for_and_a_longer_one_is_not) {
    Planner plan = planner();
    ASSERT_TRUE(plan.put(schedule("a")));
    EXPECT_EQ(plan.take_due(created + minute).firings.size(), 60u);
    const auto due = plan.take_due(created + 4 * minute);
    EXPECT_EQ(due.firings.size(), 61u);
    EXPECT_EQ(due.skipped, 119u);
}

TEST_F(PlannerTest, progress_that_was_kept_counts_whichever_record_comes_first) {
    const Progress kept{.created_ms = created, .fired_until_ms = created + 5 * second, .count = 5};
    Planner before = planner(), after = planner();
    before.set_progress("a", kept);
    ASSERT_TRUE(before.put(schedule("a")));
    ASSERT_TRUE(after.put(schedule("a")));
    after.set_progress("a", kept);
    for (Planner* plan : {&before, &after}) {
        EXPECT_EQ(plan->next_ms(), created + 6 * second);
        EXPECT_EQ(plan->take_due(created + 6 * second).firings.at(0).message, "three");
    }
}

TEST_F(PlannerTest, progress_of_an_earlier_schedule_of_that_id_does_not_count) {
    Planner plan = planner();
    plan.set_progress(
        "a", {.created_ms = created - minute, .fired_until_ms = created + 5 * second, .count = 5});
    ASSERT_TRUE(plan.put(schedule("a")));
    EXPECT_EQ(plan.next_ms(), created + second);
}

TEST_F(PlannerTest, a_schedule_that_was_put_again_unchanged_goes_on) {
    Planner plan = planner();
    ASSERT_TRUE(plan.put(schedule("a")));
    (void)plan.take_due(created + 3 * second);
    ASSERT_TRUE(plan.put(schedule("a")));
    EXPECT_EQ(plan.next_ms(), created + 4 * second);
}

TEST_F(PlannerTest, a_removed_schedule_does_not_fire) {
    Planner plan = planner();
    ASSERT_TRUE(plan.put(schedule("a")));
    plan.remove("a");
    EXPECT_EQ(plan.next_ms(), std::nullopt);
    EXPECT_TRUE(plan.take_due(created + minute).firings.empty());
}

TEST_F(PlannerTest, a_time_of_day_fires_once_in_all) {
    Planner plan = planner();
    Schedule once = schedule("a");
    once.when = {.at = "2026-12-24T10:00", .time_zone = "Europe/Paris"};
    ASSERT_TRUE(plan.put(once));
    ASSERT_EQ(plan.next_ms(), 1'798'102'800'000);
    EXPECT_EQ(plan.take_due(1'798'102'800'000).firings.size(), 1u);
    EXPECT_EQ(plan.next_ms(), std::nullopt);
}

TEST_F(PlannerTest, a_schedule_that_cannot_be_understood_is_refused) {
    Planner plan = planner();
    Schedule wrong = schedule("a");
    wrong.when = {.every = "soon"};
    EXPECT_NE(plan.put(wrong).error().find("'soon' is no period"), std::string::npos);
    EXPECT_TRUE(plan.entries().empty());
}

}  // namespace
}  // namespace stoker::schedule
