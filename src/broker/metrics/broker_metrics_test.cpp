// What is counted, and what a scrape says of it.
#include "broker/metrics/broker_metrics.hpp"

#include <gtest/gtest.h>

#include "broker/metrics/request_metrics.hpp"
#include "broker/test_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"

namespace stoker::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 12;

bool has_line(const std::string& text, const std::string& line) {
    return ('\n' + text).find('\n' + line + '\n') != std::string::npos;
}

TEST(RequestMetrics, each_stretch_of_a_request_is_timed_and_requests_are_counted_by_version) {
    constexpr uint32_t produce_9 = produce_version;
    constexpr uint32_t unknown_api = 99 << 16;
    RequestMetrics metrics;
    const auto one = metrics.make_observer();
    const auto two = metrics.make_observer();
    const net::FrameTimes times{.begins = produce_9,
                                .received_ns = 1'000'000,
                                .begun_ns = 2'000'000,
                                .handled_ns = 4'000'000,
                                .answered_ns = 4'000'000,
                                .sending_ns = 4'000'000};
    one->finished(times, 8'000'000);
    two->finished(times, 8'000'000);
    one->finished({.begins = unknown_api}, 1);
    one->finished({.begins = ~uint32_t{0}}, 1);
    metrics::TextWriter writer;
    metrics.write(writer, 0);
    const std::string prefix = "kafka_network_requestmetrics_";
    const std::string& text = writer.text();
    EXPECT_TRUE(has_line(text, prefix + "requests_total{request=\"Produce\",version=\"9\"} 2"));
    EXPECT_TRUE(has_line(text, prefix + "totaltimems_sum{request=\"Produce\"} 14"));
    EXPECT_TRUE(has_line(text, prefix + "totaltimems_count{request=\"Produce\"} 2"));
    EXPECT_TRUE(has_line(text, prefix + "requestqueuetimems_sum{request=\"Produce\"} 2"));
    EXPECT_TRUE(has_line(text, prefix + "localtimems_sum{request=\"Produce\"} 4"));
    EXPECT_TRUE(has_line(text, prefix + "remotetimems_sum{request=\"Produce\"} 0"));
    EXPECT_TRUE(has_line(text, prefix + "responsesendtimems_sum{request=\"Produce\"} 8"));
    EXPECT_EQ(text.find("Fetch"), std::string::npos) << "what nobody asked for is not there";
}

TEST(RequestMetrics, every_error_code_of_an_answer_counts) {
    RequestMetrics metrics;
    ProduceResponse response;
    auto& partitions = response.responses.emplace_back().partition_responses;
    partitions.resize(3);
    partitions[1].error_code = ErrorCode::message_too_large;
    metrics.count_errors(response);
    metrics.count_errors(response);
    metrics::TextWriter writer;
    metrics.write(writer, 0);
    const std::string prefix = "kafka_network_requestmetrics_errors_total{request=\"Produce\",";
    EXPECT_TRUE(has_line(writer.text(), prefix + "error=\"NONE\"} 4")) << writer.text();
    EXPECT_TRUE(has_line(writer.text(), prefix + "error=\"MESSAGE_TOO_LARGE\"} 2"));
}

class Traffic : public ::testing::Test {
protected:
    Traffic() {
        EXPECT_TRUE(test_.broker().metadata().create_topic(
            {.name = "t", .partitions = 2, .configs = {{"max.message.bytes", "200"}}}));
    }
    void produce(Bytes batch) {
        ProduceRequest request{.acks = -1, .topic_data = {{.name = "t"}}};
        request.topic_data[0].partition_data.push_back(
            {.index = PartitionId{1}, .records = protocol::Records{.bytes = batch}});
        test_.ask<ProduceResponse>(request, produce_version);
    }
    void fetch(int64_t from) {
        FetchRequest request{.max_wait_ms = 0, .min_bytes = 1, .max_bytes = 1 << 20};
        request.topics = {{.topic = "t"}};
        request.topics[0].partitions = {{.partition = PartitionId{1},
                                         .fetch_offset = Offset{from},
                                         .partition_max_bytes = 1 << 20}};
        test_.ask<FetchResponse>(request, fetch_version);
    }
    TrafficTotals total() {
        auto [topics, totals] = test_.broker().metadata().topics_and_retired();
        for (const auto& topic : topics)
            for (const auto& partition : topic->partitions) totals.add(partition->counters());
        return totals;
    }

    TestBroker test_;
};

TEST_F(Traffic, is_counted_where_it_happens) {
    const Bytes batch = batch_of({"a", "b", "c"}, 1000);
    produce(batch);
    produce(batch);
    fetch(0);
    fetch(3);
    fetch(100);
    const TrafficTotals totals = total();
    EXPECT_EQ(totals.messages_in, 6u);
    EXPECT_EQ(totals.bytes_in, 2 * batch.size());
    EXPECT_EQ(totals.bytes_out, 3 * batch.size()) << "both batches, then the second again";
    EXPECT_EQ(totals.produce_requests, 2u);
    EXPECT_EQ(totals.failed_produce_requests, 0u);
    EXPECT_EQ(totals.fetch_requests, 3u);
    EXPECT_EQ(totals.failed_fetch_requests, 1u) << "100 is out of range";
}

TEST_F(Traffic, refused_batches_count_as_failed_and_large_ones_as_rejected) {
    const Bytes large = batch_of({std::string(300, 'x')}, 1000);
    produce(large);
    Bytes torn = batch_of({"a"}, 1000);
    torn.back() ^= std::byte{1};
    produce(torn);
    const TrafficTotals totals = total();
    EXPECT_EQ(totals.produce_requests, 2u);
    EXPECT_EQ(totals.failed_produce_requests, 2u);
    EXPECT_EQ(totals.bytes_rejected, large.size());
    EXPECT_EQ(totals.messages_in, 0u);
}

TEST_F(Traffic, of_a_deleted_topic_stays_in_the_total) {
    produce(batch_of({"a"}, 1000));
    const auto topic = test_.broker().metadata().find("t");
    ASSERT_TRUE(test_.broker().metadata().delete_topic(topic->id));
    EXPECT_EQ(total().messages_in, 1u);
}

TEST_F(Traffic, is_told_by_topic_and_in_total_and_partitions_with_their_logs) {
    const Bytes batch = batch_of({"a", "b"}, 1000);
    produce(batch);
    net::ServerOptions options;
    options.listeners.emplace_back();
    const auto server = net::Server::start(
        std::move(options), [](const net::Peer&, MutableByteView, net::Responder responder) {
            std::move(responder).drop();
            return net::Next::now;
        });
    ASSERT_TRUE(server) << server.error();
    BrokerMetrics metrics(test_.broker(), **server);
    const std::string text = metrics.text();
    const std::string size = std::to_string(batch.size());
    for (const std::string& line : {
             std::string("kafka_server_brokertopicmetrics_messagesin_total 2"),
             std::string("kafka_server_brokertopicmetrics_messagesin_total{topic=\"t\"} 2"),
             "kafka_log_log_size{topic=\"t\",partition=\"1\"} " + size,
             std::string("kafka_log_log_logendoffset{topic=\"t\",partition=\"1\"} 2"),
             std::string("kafka_log_log_logendoffset{topic=\"t\",partition=\"0\"} 0"),
             std::string("kafka_server_replicamanager_partitioncount 2"),
             std::string("kafka_controller_kafkacontroller_globaltopiccount 1"),
             std::string("kafka_coordinator_group_groupmetadatamanager_numgroups 0"),
             std::string("kafka_server_raftmetrics_current_state{current_state=\"leader\"} 1"),
         })
        EXPECT_TRUE(has_line(text, line)) << line << '\n' << text;
    EXPECT_EQ(text.find("bytesout_total{"), std::string::npos) << "nobody has read anything";
}

}  // namespace
}  // namespace stoker::broker
