#include "schedule/cron.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <fmt/format.h>

namespace stoker::schedule {
namespace {

Zone zone(const std::string& name) {
    return Zone::find(name).value();
}

std::string shown(int64_t ms, const Zone& zone) {
    const CivilTime t = zone.civil(ms);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute);
}

/// The next `count` times after a local time, in the zone.
std::vector<std::string> times(const std::string& cron, CivilTime after, int count,
                               const std::string& zone_name = "UTC") {
    const Zone at = zone(zone_name);
    const Cron parsed = Cron::parse(cron).value();
    std::vector<std::string> all;
    int64_t ms = at.instant(after);
    for (int i = 0; i < count; ++i) {
        ms = parsed.next_after(ms, at);
        all.push_back(shown(ms, at));
    }
    return all;
}

using Times = std::vector<std::string>;

TEST(Cron, steps_begin_with_the_first_value_of_the_field) {
    EXPECT_EQ(
        times("*/20 * * * *", {.year = 2026, .hour = 9, .minute = 59}, 4),
        (Times{"2026-01-01 10:00", "2026-01-01 10:20", "2026-01-01 10:40", "2026-01-01 11:00"}));
    EXPECT_EQ(times("5/30 10 * * *", {.year = 2026}, 3),
              (Times{"2026-01-01 10:05", "2026-01-01 10:35", "2026-01-02 10:05"}));
}

TEST(Cron, lists_ranges_and_names) {
    EXPECT_EQ(
        times("0 9-10,18 * Mar,may-jun MON-FRI", {.year = 2026, .month = 2}, 4),
        (Times{"2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 18:00", "2026-03-03 09:00"}));
    EXPECT_EQ(times("0 0 * * 7", {.year = 2026, .month = 11, .day = 21}, 1),
              (Times{"2026-11-22 00:00"}));
}

TEST(Cron, a_day_of_the_month_or_of_the_week_will_do_when_both_are_given) {
    EXPECT_EQ(times("0 0 13 * fri", {.year = 2026, .month = 11, .day = 1}, 3),
              (Times{"2026-11-06 00:00", "2026-11-13 00:00", "2026-11-20 00:00"}));
    EXPECT_EQ(times("0 0 */2 * fri", {.year = 2026, .month = 11, .day = 1}, 2),
              (Times{"2026-11-13 00:00", "2026-11-27 00:00"}));
}

TEST(Cron, the_29th_of_february_waits_for_a_leap_year) {
    EXPECT_EQ(times("0 12 29 2 *", {.year = 2026}, 2),
              (Times{"2028-02-29 12:00", "2032-02-29 12:00"}));
}

TEST(Cron, nicknames_stand_for_five_fields) {
    EXPECT_EQ(times("@hourly", {.year = 2026, .minute = 1}, 1), (Times{"2026-01-01 01:00"}));
    EXPECT_EQ(times("@weekly", {.year = 2026, .month = 11, .day = 21}, 1),
              (Times{"2026-11-22 00:00"}));
}

TEST(Cron, a_time_that_clocks_skip_fires_at_the_change) {
    EXPECT_EQ(
        times("30 2 * * *", {.year = 2026, .month = 3, .day = 28, .hour = 12}, 2, "Europe/Paris"),
        (Times{"2026-03-29 03:00", "2026-03-30 02:30"}));
}

TEST(Cron, a_time_that_clocks_show_twice_fires_once) {
    EXPECT_EQ(
        times("30 2 * * *", {.year = 2026, .month = 10, .day = 24, .hour = 12}, 2, "Europe/Paris"),
        (Times{"2026-10-25 02:30", "2026-10-26 02:30"}));
}

TEST(Cron, every_half_hour_goes_on_through_the_hour_that_comes_twice) {
    EXPECT_EQ(times("*/30 * * * *", {.year = 2026, .month = 10, .day = 25, .hour = 1, .minute = 40},
                    6, "Europe/Paris"),
              (Times{"2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 02:00", "2026-10-25 02:30",
                     "2026-10-25 03:00", "2026-10-25 03:30"}));
}

TEST(Cron, what_is_wrong_is_named) {
    const auto error = [](const char* text) { return Cron::parse(text).error(); };
    EXPECT_NE(error("61 * * * *").find("minute '61'"), std::string::npos);
    EXPECT_NE(error("* * 0 * *").find("day of the month '0'"), std::string::npos);
    EXPECT_NE(error("* * * 5-3 *").find("month '5-3'"), std::string::npos);
    EXPECT_NE(error("*/0 * * * *").find("minute '*/0'"), std::string::npos);
    EXPECT_NE(error("* * * *").find("has 4 fields"), std::string::npos);
    EXPECT_NE(error("").find("has 0 fields"), std::string::npos);
    EXPECT_NE(error("0 0 30 2 *").find("never fires"), std::string::npos);
    EXPECT_FALSE(Cron::parse("*/99999999999 * * * *"));
    EXPECT_FALSE(Cron::parse("1,,2 * * * *"));
}

TEST(Zone, an_unknown_zone_is_an_error_that_says_how_to_write_one) {
    EXPECT_NE(Zone::find("Paris").error().find("Europe/Paris"), std::string::npos);
}

TEST(Zone, instants_and_civil_times_agree) {
    const Zone paris = zone("Europe/Paris");
    const CivilTime time{.year = 2026, .month = 7, .day = 14, .hour = 10, .minute = 30};
    EXPECT_EQ(paris.instant(time), 1'784'017'800'000);
    CivilTime back = paris.civil(1'784'017'800'000);
    EXPECT_EQ(back.weekday, 2);
    back.weekday = time.weekday;
    EXPECT_EQ(back, time);
}

}  // namespace
}  // namespace stoker::schedule
