// Both bombers in this process, against a broker, or librdkafka's mock of one where that will do.
#include <gtest/gtest.h>

#include "client/mock_cluster.hpp"
#include "client/test_fixture.hpp"
#include "load/small_bombers.hpp"
#include "load/test_broker.hpp"

namespace stoker::load {
namespace {

using namespace std::chrono_literals;

class BombersTest : public client::LibrdkafkaTest {};
class ProducerBomberTest : public client::LibrdkafkaTest {};
class ConsumerBomberTest : public client::LibrdkafkaTest {};
class ProducerConfigTest : public client::LibrdkafkaTest {};

constexpr auto patience = 40s;

constexpr int topics = 3;

ProducerOptions producer_options(const std::string& servers, int64_t rate,
                                 std::chrono::nanoseconds duration) {
    auto options = small_producer(servers, topics, rate, duration);
    options.verify = true;
    return options;
}

ConsumerOptions consumer_options(const std::string& servers) {
    auto options = small_consumer(servers, topics);
    options.verify = true;
    return options;
}

bool never() {
    return false;
}

/// Sends everything and returns the final figures.
ProducerStats sent_by(ProducerBomber& bomber) {
    auto started = bomber.start(never);
    EXPECT_TRUE(started) << started.error();
    bomber.join();
    EXPECT_FALSE(bomber.failure());
    return bomber.stats();
}

/// Lets the consumers run until they have seen `count` messages, and ends them.
ConsumerStats consumed_by(ConsumerBomber& bomber, Stop& stop, int64_t count) {
    SystemClock clock;
    bomber.start();
    int64_t end_ns = clock.monotonic_ns() + std::chrono::nanoseconds(patience).count();
    while (bomber.stats().messages_consumed < count && clock.monotonic_ns() < end_ns &&
           bomber.running())
        std::this_thread::yield();
    stop.request();
    bomber.join();
    EXPECT_FALSE(bomber.running());
    EXPECT_EQ(bomber.failure().value_or(""), "");
    return bomber.stats();
}

bool is_told(const std::vector<ConsumerBomber::Event>& events, const std::string& words) {
    return std::ranges::any_of(events, [&](auto& event) { return event.text.contains(words); });
}

TEST_F(BombersTest, partitions_that_are_named_get_everything_and_are_read_by_all_consumers) {
    TestBroker cluster;
    SystemClock clock;
    Stop stop;
    auto options = producer_options(cluster.bootstrap_servers(), 1000, 300ms);
    options.num_partitions = 4;
    options.partitions = {1, 3};
    options.message_size = 2048;
    ProducerBomber producer(options, clock, stop);
    ProducerStats sent = sent_by(producer);
    EXPECT_EQ(sent.messages_sent, 300);
    EXPECT_EQ(sent.bytes_sent, 300 * 2048);

    Stop consumer_stop;
    auto reading = consumer_options(cluster.bootstrap_servers());
    reading.partitions = {1, 3};
    reading.num_consumers = 2;
    ConsumerBomber bomber(reading, clock, consumer_stop);
    ConsumerStats got = consumed_by(bomber, consumer_stop, 300);
    EXPECT_EQ(got.messages_consumed, 300);
    EXPECT_EQ(bomber.verified().value()["distinct"], 300);
    EXPECT_EQ(got.lag.size(), 6u);
    for (auto& [partition, lag] : got.lag) EXPECT_EQ(partition.partition % 2, 1);
}

TEST_F(ProducerBomberTest, does_not_start_where_a_named_partition_is_missing) {
    client::MockCluster cluster;
    auto options = producer_options(cluster.bootstrap_servers(), 10, 1s);
    for (auto& topic : options.topics()) cluster.create_topic(topic, 2);
    options.partitions = {0, 2};
    SystemClock clock;
    Stop stop;
    ProducerBomber bomber(options, clock, stop);
    auto started = bomber.start(never);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error(), "--partitions names 2, and a topic has only 2 partitions");
}

TEST_F(BombersTest, everything_that_is_produced_is_consumed_once) {
    TestBroker cluster;
    SystemClock clock;
    Stop stop;
    const auto options = producer_options(cluster.bootstrap_servers(), 4000, 500ms);
    ProducerBomber producer(options, clock, stop);
    ProducerStats sent = sent_by(producer);
    EXPECT_EQ(sent.messages_sent, 2000);
    EXPECT_EQ(sent.messages_queued, 2000);
    EXPECT_EQ(sent.messages_failed, 0);
    EXPECT_EQ(sent.ack_us.count(), 2000);
    EXPECT_EQ(sent.topics_created.size(), 3u);

    Stop consumer_stop;
    ConsumerBomber bomber(consumer_options(cluster.bootstrap_servers()), clock, consumer_stop);
    ConsumerStats got = consumed_by(bomber, consumer_stop, 2000);
    EXPECT_EQ(got.messages_consumed, 2000);
    EXPECT_EQ(got.messages_processed, 2000);
    EXPECT_EQ(got.messages_failed, 0);
    EXPECT_EQ(got.bytes_consumed, sent.bytes_sent);
    int64_t of_types = 0;
    EXPECT_EQ(got.by_type.size(), 5u);
    for (auto& [type, count] : got.by_type) {
        EXPECT_GT(count, 300) << type;
        of_types += count;
    }
    EXPECT_EQ(of_types, 2000);
    EXPECT_EQ(got.age_us.count(), 2000);
    EXPECT_EQ(got.by_topic.size(), 3u);
    for (auto& [partition, lag] : got.lag) EXPECT_EQ(lag, 0) << partition.topic;
    Json verified = bomber.verified().value();
    EXPECT_EQ(verified["distinct"], 2000);
    EXPECT_EQ(verified["duplicated"], 0);
    EXPECT_EQ(verified["unstamped"], 0);
    EXPECT_EQ(verified["producers"].size(), 2u);
    for (auto& part : verified["producers"]) {
        EXPECT_EQ(part["run_id"], run_name(producer.run().run_id));
        EXPECT_EQ(part["missing_below_highest"], 0);
    }
}

TEST_F(BombersTest, a_consumer_counts_what_it_cannot_process_and_goes_on) {
    TestBroker cluster;
    auto producer =
        client::Producer::create(client::connection_config(cluster.bootstrap_servers(), {}), {});
    ASSERT_TRUE(producer);
    size_t topic = (*producer)->topic("t.generated-data-01.json");
    for (const char* value : {"hello", "{\"timestamp\": 1, \"_metadata\": {}}", "{}"})
        ASSERT_FALSE((*producer)->produce({.topic = topic, .value = value, .partition = 0}));
    ASSERT_TRUE((*producer)->flush(10s));

    SystemClock clock;
    Stop stop;
    auto options = consumer_options(cluster.bootstrap_servers());
    options.num_topics = 1;
    ConsumerBomber bomber(options, clock, stop);
    ConsumerStats got = consumed_by(bomber, stop, 3);
    EXPECT_EQ(got.messages_consumed, 3);
    EXPECT_EQ(got.messages_failed, 2);
    EXPECT_EQ(got.processing_errors, 2);
    EXPECT_EQ(got.messages_processed, 1);
    EXPECT_EQ(got.error_rate(), 2);
    EXPECT_EQ(got.by_type["unknown"], 1);
    EXPECT_EQ(bomber.verified().value()["unstamped"], 3);
    auto events = bomber.take_events();
    EXPECT_TRUE(is_told(events, "t.generated-data-01.json [0] at offset 0: the value is not"));
    EXPECT_TRUE(is_told(events, "[0] at offset 2: the field timestamp is missing"));
}

TEST_F(ProducerBomberTest, does_not_start_where_no_broker_answers) {
    client::MockCluster cluster;
    auto options = producer_options(cluster.bootstrap_servers(), 10, 1s);
    options.bootstrap_servers = "127.0.0.1:1";
    options.config.retry.attempts_max = 2;
    SystemClock clock;
    Stop stop;
    ProducerBomber bomber(options, clock, stop);
    std::vector<std::string> notices;
    auto started = bomber.start(never, [&](auto& text) { notices.push_back(text); });
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().find("attempt 2 of 2"), std::string::npos);
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_TRUE(notices[0].starts_with("attempt 1: 127.0.0.1:1: no broker answered"));
    EXPECT_NE(started.error().find("127.0.0.1:1"), std::string::npos);
    EXPECT_NE(started.error().find("refused"), std::string::npos);
}

TEST_F(ProducerBomberTest, a_stop_ends_it_early_and_waits_for_what_was_sent) {
    client::MockCluster cluster;
    SystemClock clock;
    Stop stop;
    ProducerBomber bomber(producer_options(cluster.bootstrap_servers(), 1000, 1h), clock, stop);
    ASSERT_TRUE(bomber.start(never));
    while (bomber.stats().messages_sent < 100) std::this_thread::yield();
    stop.request();
    bomber.join();
    ProducerStats stats = bomber.stats();
    EXPECT_EQ(stats.messages_sent, stats.messages_queued);
    EXPECT_EQ(stats.messages_unsent, 0);
    EXPECT_LT(bomber.run().seconds, 60);
}

TEST_F(ConsumerBomberTest, gives_up_after_its_attempts) {
    client::MockCluster cluster;
    auto options = consumer_options(cluster.bootstrap_servers());
    options.bootstrap_servers = "127.0.0.1:1";
    SystemClock clock;
    Stop stop;
    options.config.retry = {.attempts_max = 2, .attempt_timeout = 1ms, .first_delay = 1ms};
    ConsumerBomber bomber(options, clock, stop);
    bomber.start();
    bomber.join();
    ASSERT_TRUE(bomber.failure());
    EXPECT_NE(bomber.failure()->find("attempt 2 of 2"), std::string::npos);
}

TEST_F(ProducerConfigTest, holds_the_specification_s_settings) {
    ProducerOptions options;
    client::Config config = producer_config(options);
    std::map<std::string, std::string> settings(config.begin(), config.end());
    EXPECT_EQ(settings["acks"], "all");
    EXPECT_EQ(settings["retries"], "3");
    EXPECT_EQ(settings["retry.backoff.ms"], "100");
    EXPECT_EQ(settings["request.timeout.ms"], "30000");
    EXPECT_EQ(settings["compression.type"], "gzip");
    EXPECT_EQ(settings["compression.level"], "3");
    EXPECT_EQ(settings["batch.size"], "16384");
    EXPECT_EQ(settings["linger.ms"], "10");
    EXPECT_EQ(settings["queue.buffering.max.kbytes"], "32768");
    EXPECT_EQ(settings["message.max.bytes"], "1048576");
    EXPECT_EQ(settings["enable.idempotence"], "true");
    EXPECT_TRUE(client::Producer::create(config, {}));
}

TEST_F(ProducerConfigTest, takes_what_the_configuration_changes_and_stays_possible) {
    ProducerOptions options;
    options.config.producer = {{"acks", "1"}, {"compression.type", "lz4"}};
    options.command_config = {{"linger.ms", "0"}};
    client::Config config = producer_config(options);
    std::map<std::string, std::string> settings;
    for (auto& [name, value] : config) settings[name] = value;
    EXPECT_EQ(settings["acks"], "1");
    EXPECT_EQ(settings["compression.type"], "lz4");
    EXPECT_FALSE(settings.contains("compression.level"));
    EXPECT_EQ(settings["linger.ms"], "0");
    EXPECT_EQ(settings["enable.idempotence"], "false") << "it needs acks=all";
    EXPECT_TRUE(client::Producer::create(config, {}));
}

TEST_F(ProducerConfigTest, takes_the_level_of_gzip_that_it_is_told) {
    ProducerOptions options;
    options.config.producer = {{"compression.level", "9"}};
    std::map<std::string, std::string> settings;
    for (auto& [name, value] : producer_config(options)) settings[name] = value;
    EXPECT_EQ(settings["compression.level"], "9");
}

}  // namespace
}  // namespace stoker::load
