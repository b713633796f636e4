#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "base/random.hpp"
#include "metrics/client_instruments.hpp"
#include "metrics/process_metrics.hpp"
#include "metrics/registry.hpp"

namespace stoker::metrics {
namespace {

TEST(TextWriter, a_family_has_help_and_type_and_its_samples_follow) {
    TextWriter writer;
    writer.family("requests_total", Type::counter, "All of them.");
    writer.sample({{"request", "Fetch"}, {"version", "17"}}, 3);
    writer.sample(uint64_t{18446744073709551615u});
    EXPECT_EQ(writer.text(),
              "# HELP requests_total All of them.\n"
              "# TYPE requests_total counter\n"
              "requests_total{request=\"Fetch\",version=\"17\"} 3\n"
              "requests_total 18446744073709551615\n");
}

TEST(TextWriter, whatever_stands_in_a_label_or_a_help_is_escaped) {
    TextWriter writer;
    writer.family("odd", Type::gauge, "a \"quote\", a \\ and a\nline");
    writer.sample({{"group", "a \"quote\", a \\ and a\nline"}}, -1);
    EXPECT_EQ(writer.text(),
              "# HELP odd a \"quote\", a \\\\ and a\\nline\n"
              "# TYPE odd gauge\n"
              "odd{group=\"a \\\"quote\\\", a \\\\ and a\\nline\"} -1\n");
}

TEST(TextWriter, numbers_are_exact_and_what_is_none_has_its_name) {
    TextWriter writer;
    for (const double value : {0.1, 1e300, -2.5, std::nan(""),
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity()})
        writer.sample(value);
    EXPECT_EQ(writer.text(), " 0.1\n 1e+300\n -2.5\n NaN\n +Inf\n -Inf\n");
}

TEST(TextWriter, a_summary_has_quantiles_a_sum_and_a_count) {
    TextWriter writer;
    writer.family("took", Type::summary, "Time.");
    const Label label{"request", "Produce"};
    writer.quantile({&label, 1}, "0.99", 1.5);
    writer.quantile({}, "0.5", 2);
    writer.sum({&label, 1}, 7);
    writer.count({&label, 1}, 4);
    EXPECT_EQ(writer.text(),
              "# HELP took Time.\n# TYPE took summary\n"
              "took{request=\"Produce\",quantile=\"0.99\"} 1.5\n"
              "took{quantile=\"0.5\"} 2\n"
              "took_sum{request=\"Produce\"} 7\n"
              "took_count{request=\"Produce\"} 4\n");
}

TEST(Histogram, every_value_is_known_to_three_percent) {
    Random random(7);
    for (int i = 0; i < 10'000; ++i) {
        const uint64_t value = random.next() >> (22 + random.next() % 42);
        const double known = Histogram::value_of(Histogram::bucket_of(value));
        EXPECT_NEAR(known, double(value), 0.032 * double(value)) << "seed 7, value " << value;
    }
    EXPECT_EQ(Histogram::bucket_of(std::numeric_limits<uint64_t>::max()),
              Histogram::bucket_count - 1);
}

TEST(Histogram, buckets_are_in_order_and_none_is_left_out) {
    size_t last = 0;
    for (uint64_t value = 0; value < 100'000; ++value) {
        const size_t bucket = Histogram::bucket_of(value);
        EXPECT_TRUE(bucket == last || bucket == last + 1) << value;
        last = bucket;
    }
}

TEST(Histogram, several_threads_lose_nothing) {
    Histogram histogram;
    Counter counter;
    constexpr int times = 10'000;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < times; ++n) {
                    histogram.record(5);
                    counter.add();
                }
            });
    }
    Distribution all;
    histogram.add_to(all);
    EXPECT_EQ(all.count, 4u * times);
    EXPECT_EQ(all.sum, 20u * times);
    EXPECT_EQ(counter.value(), 4u * times);
}

Distribution of(const Histogram& histogram) {
    Distribution all;
    histogram.add_to(all);
    return all;
}

TEST(RecentQuantiles, they_are_those_of_what_was_recorded) {
    Histogram histogram;
    for (uint64_t i = 1; i <= 1000; ++i) histogram.record_alone(i);
    RecentQuantiles recent;
    EXPECT_EQ(recent.quantile(0.5), 0);
    recent.take(of(histogram), 0);
    EXPECT_NEAR(recent.quantile(0.5), 500, 16);
    EXPECT_NEAR(recent.quantile(0.99), 990, 32);
    EXPECT_NEAR(recent.quantile(1), 1000, 32);
    EXPECT_EQ(recent.count(), 1000u);
    EXPECT_EQ(recent.sum(), 500'500u);
}

TEST(RecentQuantiles, what_is_old_fades_and_what_is_new_counts) {
    constexpr int64_t minute_ns = 60'000'000'000;
    Histogram histogram;
    for (int i = 0; i < 1000; ++i) histogram.record_alone(10);
    RecentQuantiles recent;
    recent.take(of(histogram), 0);
    for (int i = 0; i < 100; ++i) histogram.record_alone(20'000);
    recent.take(of(histogram), minute_ns);
    EXPECT_EQ(recent.quantile(0.5), 10);  // 1000 of them still weigh as 400
    for (int i = 0; i < 100; ++i) histogram.record_alone(20'000);
    recent.take(of(histogram), 10 * minute_ns);
    EXPECT_NEAR(recent.quantile(0.05), 20'000, 600);
    recent.take(of(histogram), 1000 * minute_ns);
    EXPECT_NEAR(recent.quantile(0.5), 20'000, 600) << "nothing new: nothing changes";
}

TEST(Registry, the_same_name_and_labels_are_the_same_instrument) {
    ManualClock clock;
    Registry registry(clock);
    registry.counter("sent_total", "Sent.", {{"topic", "b"}}).add(2);
    registry.counter("sent_total", "Sent.", {{"topic", "a"}}).add();
    registry.counter("sent_total", "Sent.", {{"topic", "b"}}).add();
    registry.gauge("lag", "Behind.").set(1.5);
    EXPECT_EQ(registry.text(),
              "# HELP lag Behind.\n# TYPE lag gauge\nlag 1.5\n"
              "# HELP sent_total Sent.\n# TYPE sent_total counter\n"
              "sent_total{topic=\"a\"} 1\nsent_total{topic=\"b\"} 3\n");
}

TEST(Registry, summaries_are_told_in_the_unit_that_people_read) {
    ManualClock clock;
    Registry registry(clock);
    registry.summary("took_seconds", "Time.", 1e9).record(8);
    registry.collect([](TextWriter& writer) {
        writer.family("more", Type::gauge, "More.");
        writer.sample(1);
    });
    const std::string text = registry.text();
    EXPECT_NE(text.find("took_seconds{quantile=\"0.99\"} 8e-09\n"), std::string::npos) << text;
    EXPECT_NE(text.find("took_seconds_count 1\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("# HELP more More.\n# TYPE more gauge\nmore 1\n")) << text;
}

TEST(ClientInstruments, have_the_names_of_java_s_clients) {
    ManualClock clock;
    Registry registry(clock);
    ProducerInstruments producer(registry, "p-1", "1.0");
    producer.records_sent.add(7);
    producer.request_latency_avg_ms.set(2.5);
    ProducerTopicInstruments(registry, "p-1", "orders").bytes.add(100);
    ConsumerInstruments consumer(registry, "c-1", "1.0");
    consumer.records_consumed.add(5);
    ConsumerInstruments(registry, "c-2", "1.0").assigned_partitions.set(3);
    const std::string text = registry.text();
    for (const char* line :
         {"kafka_producer_producer_metrics_record_send_total{client_id=\"p-1\"} 7\n",
          "kafka_producer_producer_metrics_request_latency_avg{client_id=\"p-1\"} 2.5\n",
          "kafka_producer_producer_topic_metrics_byte_total{client_id=\"p-1\",topic=\"orders\"} "
          "100\n",
          "kafka_producer_app_info{client_id=\"p-1\",version=\"1.0\"} 1\n",
          "kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total{client_id=\"c-1\"} "
          "5\n",
          "kafka_consumer_consumer_coordinator_metrics_assigned_partitions{client_id=\"c-2\"} 3\n",
          "kafka_consumer_consumer_metrics_connection_count{client_id=\"c-1\"} 0\n"})
        EXPECT_NE(text.find('\n' + std::string(line)), std::string::npos) << line << text;
}

TEST(ProcessMetrics, this_process_has_memory_descriptors_and_a_start) {
    TextWriter writer;
    write_process_metrics(writer);
    for (const char* name : {"process_cpu_seconds_total ", "process_open_fds ", "process_max_fds ",
                             "process_resident_memory_bytes ", "process_virtual_memory_bytes ",
                             "process_start_time_seconds ", "process_threads "})
        EXPECT_NE(writer.text().find('\n' + std::string(name)), std::string::npos) << name;
}

}  // namespace
}  // namespace stoker::metrics
