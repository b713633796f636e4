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
    if (!done) return std::string(describe(done.error()));
    return std::string(name(done->type)) + (done->alert ? " alert" : "");
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
              "a field that its type needs is missing");
}

TEST(MessageProcessor, other_types_need_only_the_required_fields) {
    EXPECT_EQ(alert_of(with(R"("type": "greeting")")), "unknown");
    EXPECT_EQ(alert_of(with(R"("no_type": 1)")), "unknown");
}

TEST(MessageProcessor, timestamp_and_metadata_are_required) {
    EXPECT_EQ(alert_of(R"({"type": "x", "_metadata": {}})"), "the field timestamp is missing");
    EXPECT_EQ(alert_of(R"({"type": "x", "timestamp": "t"})"), "the field _metadata is missing");
    EXPECT_EQ(alert_of(R"({"timestamp": "t", "_metadata": "x"})"),
              "the field _metadata is missing");
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
        EXPECT_EQ(done->type, message.type);
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
