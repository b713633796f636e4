#include "schedule/schedule.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stoker::schedule {
namespace {

const Zone& paris() {
    static const Zone zone = Zone::find("Europe/Paris").value();
    return zone;
}

/// 2026-11-21 12:00:00 in Paris.
constexpr int64_t noon = 1'795'258'800'000;

TEST(Period, has_a_number_and_a_unit) {
    EXPECT_EQ(parse_period_ms("250ms"), 250);
    EXPECT_EQ(parse_period_ms("1s"), 1000);
    EXPECT_EQ(parse_period_ms("5m"), 300'000);
    EXPECT_EQ(parse_period_ms("2h"), 7'200'000);
    EXPECT_EQ(parse_period_ms("1d"), 86'400'000);
    for (const char* wrong :
         {"", "1", "s", "0s", "-1s", "1.5s", "1 s", "99999999999d", "99999999999999999999s"}) {
        EXPECT_NE(parse_period_ms(wrong).error().find("is no period"), std::string::npos) << wrong;
    }
}

TEST(Time, of_day_is_the_next_one) {
    EXPECT_EQ(parse_time_ms("12:01", paris(), noon), noon + 60'000);
    EXPECT_EQ(parse_time_ms("12:00", paris(), noon), noon + 86'400'000);
    EXPECT_EQ(parse_time_ms("11:59:30", paris(), noon), noon + 86'400'000 - 30'000);
}

TEST(Time, with_a_date_is_that_instant) {
    EXPECT_EQ(parse_time_ms("2026-11-21T12:00", paris(), 0), noon);
    EXPECT_EQ(parse_time_ms("2026-11-21 12:00:00", paris(), 0), noon);
    EXPECT_EQ(parse_time_ms("2026-11-21T11:00Z", paris(), 0), noon);
    for (const char* wrong : {"", "noon", "25:00", "10:60", "1:00", "10:00:", "2026-02-30T10:00",
                              "2026-11-21", "2026-11-21T10:00+01:00", "-1:00"}) {
        EXPECT_NE(parse_time_ms(wrong, paris(), 0).error().find("is no time"), std::string::npos)
            << wrong;
    }
}

TEST(Recurrence, is_one_of_three) {
    EXPECT_FALSE(Recurrence::parse({}, noon));
    EXPECT_FALSE(Recurrence::parse({.at = "10:00", .every = "1s"}, noon));
    EXPECT_FALSE(Recurrence::parse({.cron = "* * * * *", .time_zone = "Atlantis"}, noon));
    EXPECT_TRUE(Recurrence::parse({.cron = "* * * * *", .time_zone = "Europe/Paris"}, noon));
}

TEST(Schedule, comes_back_from_json_as_it_was) {
    const Schedule all{.id = "a",
                       .topic = "tick",
                       .key = "k",
                       .messages = {"one", "zw\u00f6lf", "\"quoted\"\n"},
                       .random = true,
                       .when = {.cron = "*/5 * * * *", .time_zone = "Europe/Paris"},
                       .catch_up = CatchUp::once,
                       .created_ms = noon};
    EXPECT_EQ(schedule_from_json("a", to_json(all)), all);
    const Schedule least{
        .id = "b", .topic = "t", .messages = {""}, .when = {.every = "1s"}, .created_ms = 1};
    EXPECT_EQ(schedule_from_json("b", to_json(least)), least);
    const Progress progress{.created_ms = 1, .fired_until_ms = 2, .count = 3};
    EXPECT_EQ(progress_from_json(to_json(progress)), progress);
}

TEST(Schedule, a_record_of_somebody_else_is_an_error_and_no_crash) {
    for (const char* wrong : {"", "{}", "[]", "null", "7", "{\"topic\":1}",
                              R"({"topic":"t","messages":"m","created_ms":1})",
                              R"({"topic":"t","messages":[],"created_ms":1})",
                              R"({"topic":"t","messages":["m"],"created_ms":"x"})",
                              R"({"topic":"t","messages":["m"],"created_ms":1,"pick":7})"}) {
        EXPECT_FALSE(schedule_from_json("a", wrong)) << wrong;
    }
    EXPECT_FALSE(progress_from_json("{}"));
    EXPECT_FALSE(parse_key("something else"));
}

TEST(Schedule, its_two_records_have_keys_of_their_own) {
    EXPECT_EQ(parse_key(definition_key("a:b"))->id, "a:b");
    EXPECT_FALSE(parse_key(definition_key("a"))->progress);
    EXPECT_TRUE(parse_key(progress_key("a"))->progress);
}

}  // namespace
}  // namespace stoker::schedule
