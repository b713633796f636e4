// What a scrape of the bombers says.
#include "load/bomber_metrics.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <optional>

#include "client/mock_cluster.hpp"
#include "client/test_fixture.hpp"
#include "load/small_bombers.hpp"
#include "load/test_broker.hpp"

namespace stoker::load {
namespace {

using namespace std::chrono_literals;

class BomberMetricsTest : public client::LibrdkafkaTest {};

constexpr int topics = 2;

template <class Options>
Options metered(Options options) {
    options.metrics_port = 0;
    options.command_config = {{"statistics.interval.ms", "50"}};
    return options;
}

ProducerOptions producer_options(const std::string& servers) {
    return metered(small_producer(servers, topics, 1000, 400ms));
}

ConsumerOptions consumer_options(const std::string& servers) {
    return metered(small_consumer(servers, topics));
}

/// The value behind that name and those labels; nothing where they are not.
std::optional<double> value_of(const std::string& text, const std::string& sample) {
    const size_t at = text.find('\n' + sample + ' ');
    if (at == std::string::npos) return std::nullopt;
    const char* from = text.data() + at + sample.size() + 2;
    double value = 0;
    std::from_chars(from, text.data() + text.size(), value);
    return value;
}

/// Looks again and again, for what a client has said of itself since. The time is for failing.
template <class Condition>
bool eventually(const Clock& clock, Condition holds) {
    const int64_t end_ns = clock.monotonic_ns() + std::chrono::nanoseconds(40s).count();
    while (!holds()) {
        if (clock.monotonic_ns() > end_ns) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST_F(BomberMetricsTest, what_a_producer_counts_has_the_names_of_java_s) {
    client::MockCluster cluster;
    const SystemClock clock;
    Stop stop;
    const auto options = producer_options(cluster.bootstrap_servers());
    ProducerBomber bomber(options, clock, stop);
    ProducerMetrics metrics(bomber, options, clock);
    const auto of = [&](const std::string& name) {
        return value_of(metrics.text(), "kafka_producer_producer_metrics_" + name +
                                            "{client_id=\"producer-bomber\"}");
    };
    EXPECT_EQ(of("record_send_total"), 0) << "before it has begun";
    ASSERT_TRUE(bomber.start([] { return false; }));
    // These are of the last interval, and so end with the work.
    EXPECT_TRUE(eventually(clock, [&] {
        return of("request_latency_avg") > 0 && of("batch_size_avg") > 0 &&
               of("request_latency_max") >= of("request_latency_avg");
    }));
    bomber.join();
    EXPECT_EQ(of("record_send_total"), 400);
    EXPECT_EQ(of("record_error_total"), 0);
    EXPECT_GT(of("outgoing_byte_total"), 1000);
    EXPECT_GE(of("connection_count"), 2) << "one of each producer";
    EXPECT_TRUE(metrics.text().contains("kafka_producer_app_info{client_id=\"producer-bomber\""));
}

TEST_F(BomberMetricsTest, and_what_a_consumer_counts_with_its_lag) {
    TestBroker cluster;
    const SystemClock clock;
    Stop stop;
    ProducerBomber producer(producer_options(cluster.bootstrap_servers()), clock, stop);
    ASSERT_TRUE(producer.start([] { return false; }));
    producer.join();
    const auto options = consumer_options(cluster.bootstrap_servers());
    ConsumerBomber bomber(options, clock, stop);
    ConsumerMetrics metrics(bomber, options, clock);
    const auto of = [&](const std::string& name) {
        return value_of(metrics.text(), "kafka_consumer_consumer_" + name +
                                            "{client_id=\"consumer-bomber\"}");
    };
    bomber.start();
    EXPECT_TRUE(eventually(clock, [&] {
        return of("coordinator_metrics_commit_total") >= 1 &&
               of("fetch_manager_metrics_records_consumed_total") == 400 &&
               of("fetch_manager_metrics_records_lag_max") == 0;
    }));
    EXPECT_EQ(of("coordinator_metrics_assigned_partitions"), 8) << "two topics with four each";
    stop.request();
    bomber.join();
    EXPECT_EQ(of("fetch_manager_metrics_records_consumed_total"), 400);
    EXPECT_EQ(of("fetch_manager_metrics_bytes_consumed_total"), producer.stats().bytes_sent);
    EXPECT_GE(of("coordinator_metrics_rebalance_total"), 1);
    EXPECT_EQ(of("coordinator_metrics_failed_commit_total"), 0);
    EXPECT_GE(of("metrics_connection_count"), 1);
    EXPECT_EQ(value_of(metrics.text(),
                       "kafka_consumer_consumer_fetch_manager_metrics_records_lag{client_id="
                       "\"consumer-bomber\",topic=\"t.generated-data-01.json\",partition=\"0\"}"),
              0);
}

TEST_F(BomberMetricsTest, nothing_is_served_or_measured_without_a_port) {
    ProducerOptions options;
    options.config = specified_config();
    const auto served = serve_metrics(options, [] { return std::string(); });
    ASSERT_TRUE(served);
    EXPECT_EQ(*served, nullptr);
    for (const auto& [name, value] : producer_config(options))
        EXPECT_NE(name, "statistics.interval.ms");
}

}  // namespace
}  // namespace stoker::load
