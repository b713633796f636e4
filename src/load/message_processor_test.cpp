#include "load/message_processor.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "load/message_generator.hpp"

namespace stoker::load {
namespace {

/// A message with the required fields and `more` in front of them.
std::string with(const std::string& more) {
    return "{" + more + ", \"timestamp\": \"2026-01-01T00:00:00\", \"_metadata\": {\"a\": [1]}}";
}

std::string alert_of(const std::string& value) {
    MessageProcessor processor;
    auto done = processor.process(value);
    if (!done) return done.error();
    return processor.type_names()[done->type] + (done->alert ? " alert" : "");
}

TEST(MessageProcessor, metrics_alert_above_80) {
    EXPECT_EQ(alert_of(with(R"("type": "system_metrics", "value": 80.0)")), "system_metrics");
    EXPECT_EQ(alert_of(with(R"("type": "system_metrics", "value": 80.01)")),
              "system_metrics alert");
}

TEST(MessageProcessor, transactions_are_important_above_1000) {
    EXPECT_EQ(alert_of(with(R"("type": "transaction", "amount": 1000)")), "transaction");
    EXPECT_EQ(alert_of(with(R"("type": "transaction", "amount": 1000.5)")), "transaction alert");
}

TEST(MessageProcessor, error_and_fatal_logs_alert) {
    EXPECT_EQ(alert_of(with(R"("type": "log_event", "level": "WARN")")), "log_event");
    EXPECT_EQ(alert_of(with(R"("type": "log_event", "level": "ERROR")")), "log_event alert");
    EXPECT_EQ(alert_of(with(R"("type": "log_event", "level": "FATAL")")), "log_event alert");
}

TEST(MessageProcessor, sensors_of_poor_quality_alert) {
    EXPECT_EQ(alert_of(with(R"("type": "sensor_data", "quality": "fair")")), "sensor_data");
    EXPECT_EQ(alert_of(with(R"("type": "sensor_data", "quality": "poor")")), "sensor_data alert");
}

TEST(MessageProcessor, user_activity_needs_an_action) {
    EXPECT_EQ(alert_of(with(R"("type": "user_activity", "action": "login")")), "user_activity");
    EXPECT_EQ(alert_of(with(R"("type": "user_activity")")),
              "the field action is missing");
}

TEST(MessageProcessor, other_types_need_only_the_required_fields) {
    EXPECT_EQ(alert_of(with(R"("type": "greeting")")), "unknown");
    EXPECT_EQ(alert_of(with(R"("no_type": 1)")), "unknown");
}

TEST(MessageProcessor, timestamp_and_metadata_are_required) {
    EXPECT_EQ(alert_of(R"({"type": "x", "_metadata": {}})"), "the field timestamp is missing");
    EXPECT_EQ(alert_of(R"({"type": "x", "timestamp": 1})"), "the field _metadata is missing");
    EXPECT_EQ(alert_of(R"({"timestamp": 1, "_metadata": "x"})"),
              "the field _metadata is missing");
}

TEST(MessageProcessor, a_timestamp_that_is_no_time_is_invalid) {
    EXPECT_EQ(alert_of(R"({"timestamp": "soon", "_metadata": {}})"),
              "the field timestamp is no time");
    EXPECT_EQ(alert_of(R"({"timestamp": true, "_metadata": {}})"),
              "the field timestamp is no time");
}

TEST(MessageProcessor, times_of_every_form_become_microseconds) {
    constexpr int64_t noon_us = 1'767'268'800'000'000;
    EXPECT_EQ(time_of("2026-01-01T12:00:00.000000+00:00"), noon_us);
    EXPECT_EQ(time_of("2026-01-01T12:00:00Z"), noon_us);
    EXPECT_EQ(time_of("2026-01-01 12:00:00"), noon_us);
    EXPECT_EQ(time_of("2026-01-01T13:30:00.25+0130"), noon_us + 250'000);
    EXPECT_EQ(time_of("2026-01-01T07:00:00.1234567-05:00"), noon_us + 123'456);
    for (const char* text : {"", "2026", "2026-02-30T12:00:00", "2026-01-01T25:00:00",
                             "2026-01-01T12:00:00.", "2026-01-01T12:00:00+1", "-026-01-01T12:00:00",
                             "2026-01-01T12:00:00 x", "2026-01-01T12:0/:00",
                             "2026-01-01T12:00:00+1:00",
                             "2026-01-01T12:00:00+01:0", "2026-01-01T12:00:00+01:000",
                             "2026-1-01T012:00:00", "2026-13-01T12:00:00", "2026-01-01T12:60:00"})
        EXPECT_FALSE(time_of(text)) << text;
    MessageProcessor processor;
    EXPECT_EQ(processor.process(R"({"timestamp": 1767268800, "_metadata": {}})")->time_us, noon_us);
    EXPECT_EQ(processor.process(R"({"timestamp": 1767268800000, "_metadata": {}})")->time_us,
              noon_us);
}

TEST(MessageProcessor, rules_and_required_fields_can_be_others) {
    ProcessingRules rules = specified_rules();
    rules.required_fields = {"shop"};
    rules.types.clear();
    rules.types.push_back({.type = "order",
                           .field = "total",
                           .alert = TypeRule::Alert::above,
                           .threshold = 10});
    MessageProcessor processor(rules);
    auto done = processor.process(R"({"shop": 1, "type": "order", "total": 11})");
    ASSERT_TRUE(done) << done.error();
    EXPECT_EQ(processor.type_names()[done->type], "order");
    EXPECT_TRUE(done->alert);
    EXPECT_FALSE(done->time_us);
    EXPECT_EQ(processor.process(R"({"type": "order"})").error(), "the field shop is missing");
    EXPECT_EQ(processor.process(R"({"shop": 1, "type": "order", "total": "x"})").error(),
              "the field total is not a number");
}

TEST(MessageProcessor, what_is_not_a_json_object_is_invalid) {
    for (const char* value : {"", " ", "hello", "[1]", "\"x\"", "1", "{", "{\"a\"}", "{\"a\": 1",
                              "{\"timestamp\": \"t\", \"_metadata\": {}} x", "\xff\xfe"})
        EXPECT_EQ(alert_of(value), "the value is not a JSON object") << value;
}

TEST(MessageProcessor, processes_everything_that_the_generator_makes) {
    MessageGenerator generator(21);
    MessageProcessor processor;
    for (int i = 0; i < 5000; ++i) {
        auto message = generator.next(1'767'268'800'000'000 + i);
        auto done = processor.process(message.value);
        ASSERT_TRUE(done) << message.value;
        EXPECT_EQ(processor.type_names()[done->type], message.type);
    }
}

TEST(MessageProcessor, survives_damaged_messages) {
    Random random(22);
    MessageGenerator generator(22);
    MessageProcessor processor;
    int invalid = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string value(generator.next(1'767'268'800'000'000).value);
        value.resize(random.below(value.size()));
        if (!value.empty()) value[random.below(value.size())] = char(random.below(256));
        invalid += !processor.process(value);
    }
    EXPECT_EQ(invalid, 5000) << "a message without its end is never valid";
}

}  // namespace
}  // namespace stoker::load
