#include <gtest/gtest.h>

#include "kafka/consumer_settings.hpp"
#include "kafka/producer_settings.hpp"

namespace stoker::kafka {
namespace {

ClientProperties with(std::map<std::string, std::string, std::less<>> values) {
    return ClientProperties(std::move(values));
}

std::string producer_error(std::map<std::string, std::string, std::less<>> values) {
    const auto settings = read_producer_settings(with(std::move(values)));
    return settings ? "none" : settings.error().text();
}

std::string consumer_error(std::map<std::string, std::string, std::less<>> values) {
    const auto settings = read_consumer_settings(with(std::move(values)));
    return settings ? "none" : settings.error().text();
}

TEST(ProducerSettings, defaults_are_javas) {
    const auto settings = read_producer_settings({});
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->acks, -1);
    EXPECT_EQ(settings->batch_size, 16'384u);
    EXPECT_EQ(settings->linger_ms, 5);
    EXPECT_EQ(settings->in_flight_max, 5u);
    EXPECT_TRUE(settings->idempotent);
    EXPECT_EQ(settings->common.client_id, "producer-1");
}

TEST(ProducerSettings, refusals_name_the_value_and_what_is_allowed) {
    EXPECT_EQ(producer_error({{"acks", "two"}}),
              "Invalid value two for configuration acks: String must be one of: all, -1, 0, 1");
    EXPECT_EQ(producer_error({{"compression.type", "brotli"}}),
              "Invalid value brotli for configuration compression.type: String must be one of: "
              "none, gzip, snappy, lz4, zstd");
    EXPECT_EQ(producer_error({{"batch.size", "-1"}}),
              "Invalid value -1 for configuration batch.size: Value must be at least 0");
    EXPECT_EQ(producer_error({{"delivery.timeout.ms", "10"}}),
              "delivery.timeout.ms should be equal to or larger than linger.ms + "
              "request.timeout.ms");
}

TEST(ProducerSettings, idempotence_is_given_up_silently_unless_it_was_asked_for) {
    const auto silent = read_producer_settings(with({{"acks", "1"}}));
    ASSERT_TRUE(silent);
    EXPECT_FALSE(silent->idempotent);
    const auto no_retries = read_producer_settings(with({{"retries", "0"}}));
    ASSERT_TRUE(no_retries);
    EXPECT_FALSE(no_retries->idempotent);
    EXPECT_EQ(producer_error({{"acks", "1"}, {"enable.idempotence", "true"}}),
              "Must set acks to all in order to use the idempotent producer. Otherwise we cannot "
              "guarantee idempotence.");
}

TEST(ProducerSettings, a_short_default_delivery_timeout_is_made_longer) {
    const auto settings = read_producer_settings(with({{"linger.ms", "200000"}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->delivery_timeout_ms, 230'000);
}

TEST(ConsumerSettings, defaults_are_javas) {
    const auto settings = read_consumer_settings(with({{"group.id", "g"}}));
    ASSERT_TRUE(settings);
    EXPECT_TRUE(settings->auto_commit);
    EXPECT_EQ(settings->reset.kind, OffsetReset::Kind::latest);
    EXPECT_EQ(settings->assignors, (std::vector<std::string>{"range", "cooperative-sticky"}));
    EXPECT_FALSE(settings->cooperative());
    EXPECT_FALSE(settings->consumer_protocol);
    EXPECT_EQ(settings->name, "Consumer clientId=consumer-g-1, groupId=g");
    EXPECT_FALSE(read_consumer_settings({})->auto_commit);
}

TEST(ConsumerSettings, refusals_are_javas) {
    EXPECT_EQ(consumer_error({{"isolation.level", "serializable"}}),
              "Invalid value serializable for configuration isolation.level: String must be one "
              "of: read_committed, read_uncommitted");
    EXPECT_EQ(consumer_error({{"auto.offset.reset", "sometime"}}),
              "Invalid value sometime for configuration auto.offset.reset: Invalid value "
              "`sometime` for configuration auto.offset.reset. The value must be either "
              "'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.");
}

TEST(ConsumerSettings, an_offset_may_be_reset_to_a_while_ago) {
    const auto settings = read_consumer_settings(with({{"auto.offset.reset", "by_duration:P1D"}}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->reset.kind, OffsetReset::Kind::by_duration);
    EXPECT_EQ(settings->reset.duration_ms, 86'400'000);
}

}  // namespace
}  // namespace stoker::kafka
