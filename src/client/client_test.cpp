// Producer and Consumer against librdkafka's mock cluster, through their public interface.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "client/consumer.hpp"
#include "client/mock_cluster.hpp"
#include "client/producer.hpp"
#include "client/test_fixture.hpp"

namespace stoker::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConfigTest : public LibrdkafkaTest {};
class ProducerTest : public LibrdkafkaTest {};
class ConsumerTest : public LibrdkafkaTest {};

bool never() {
    return false;
}

std::string value_of(const Config& config, const std::string& property) {
    std::string value = "(none)";
    for (auto& [name, text] : config)
        if (name == property) value = text;
    return value;
}

std::unique_ptr<Producer> producer_to(const std::string& servers, Producer::Events events) {
    auto config = connection_config(servers, {});
    config.emplace_back("enable.idempotence", "true");
    auto producer = Producer::create(config, std::move(events));
    EXPECT_TRUE(producer) << producer.error().text;
    return std::move(*producer);
}

std::unique_ptr<Consumer> consumer_of(const MockCluster& cluster, Consumer::Events events = {}) {
    auto config = connection_config(cluster.bootstrap_servers(), {});
    config.emplace_back("group.id", "readers");
    config.emplace_back("auto.offset.reset", "earliest");
    auto consumer = Consumer::create(config, std::move(events));
    EXPECT_TRUE(consumer) << consumer.error().text;
    EXPECT_TRUE((*consumer)->connect(seconds(10), never));
    EXPECT_TRUE((*consumer)->subscribe({"numbers"}));
    return std::move(*consumer);
}

/// Sends "0" … "count-1" to the topic "numbers" and waits for every acknowledgement.
void send_numbers(const MockCluster& cluster, int count) {
    auto producer = producer_to(cluster.bootstrap_servers(), {});
    size_t topic = producer->topic("numbers");
    ASSERT_TRUE(producer->await_topics(seconds(10), never));
    for (int i = 0; i < count; ++i)
        ASSERT_FALSE(producer->produce({.topic = topic, .value = std::to_string(i)}));
    ASSERT_TRUE(producer->flush(seconds(10)));
}

std::vector<std::string> read_numbers(Consumer& consumer, size_t count) {
    std::vector<std::string> values;
    for (int polls = 0; polls < 200 && values.size() < count; ++polls) {
        auto message = consumer.poll(milliseconds(100));
        if (!message || message->error()) continue;
        values.emplace_back(message->value());
        consumer.store(*message);
    }
    return values;
}

/// What the group "readers" committed for partition 0 of "numbers", asked by a bystander: the mock
/// cluster lets nobody join a group whose last member has just left.
int64_t committed_offset(const MockCluster& cluster) {
    auto config = connection_config(cluster.bootstrap_servers(), {});
    config.emplace_back("group.id", "readers");
    auto bystander = make_instance(RD_KAFKA_CONSUMER, *make_conf(config), nullptr);
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "numbers", 0);
    EXPECT_FALSE(rd_kafka_committed(bystander->get(), list, 10'000));
    int64_t offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
}

TEST_F(ProducerTest, sends_to_the_partition_that_a_record_names) {
    MockCluster cluster;
    cluster.create_topic("letters", 3);
    std::vector<int32_t> partitions;
    auto producer = producer_to(cluster.bootstrap_servers(), {.on_delivery = [&](auto& delivery) {
                                    partitions.push_back(delivery.partition);
                                }});
    ASSERT_TRUE(producer->connect(seconds(10), never));
    size_t topic = producer->topic("letters");
    ASSERT_TRUE(producer->await_topics(seconds(10), never));
    EXPECT_EQ(producer->partitions_min(), 3);
    for (int32_t partition : {2, 0, 2})
        ASSERT_FALSE(producer->produce({.topic = topic, .value = "a", .partition = partition}));
    ASSERT_TRUE(producer->flush(seconds(10)));
    std::ranges::sort(partitions);
    EXPECT_EQ(partitions, (std::vector<int32_t>{0, 2, 2}));
}

TEST(ClientError, tells_what_is_wrong_with_a_cluster) {
    EXPECT_EQ(cause_of(error_of(RD_KAFKA_RESP_ERR__TRANSPORT)), Cause::unreachable);
    EXPECT_EQ(cause_of(error_of(RD_KAFKA_RESP_ERR__RESOLVE)), Cause::name);
    EXPECT_EQ(cause_of(error_of(RD_KAFKA_RESP_ERR__AUTHENTICATION)), Cause::credentials);
    EXPECT_EQ(cause_of(error_of(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)), Cause::permission);
    const Error untrusted{RD_KAFKA_RESP_ERR__SSL, "handshake: certificate verify failed: broker"};
    EXPECT_EQ(cause_of(untrusted), Cause::untrusted);
    EXPECT_TRUE(is_refusal(untrusted));
    EXPECT_EQ(cause_of({RD_KAFKA_RESP_ERR__SSL, "tlsv13 alert certificate required"}),
              Cause::certificate_required);
    EXPECT_EQ(cause_of({RD_KAFKA_RESP_ERR__TRANSPORT,
                        "Receive failed: error:0A000418:SSL routines::tlsv1 alert unknown ca"}),
              Cause::certificate_required);
    const Error dropped{RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: Disconnected"};
    EXPECT_FALSE(is_refusal(dropped)) << "a broker that is restarted does that, too";
}

TEST(ConnectionConfig, says_nothing_of_sasl_and_tls_that_the_protocol_does_not_have) {
    Security security{.username = "admin", .password = "secret", .ssl_ca_file = "ca.pem"};
    auto config = connection_config("a:1", security);
    EXPECT_EQ(value_of(config, "security.protocol"), "PLAINTEXT");
    EXPECT_EQ(value_of(config, "sasl.password"), "(none)");
    EXPECT_EQ(value_of(config, "ssl.ca.location"), "(none)");
    security.protocol = "SASL_SSL";
    config = connection_config("a:1", security);
    EXPECT_EQ(value_of(config, "sasl.mechanism"), "PLAIN");
    EXPECT_EQ(value_of(config, "sasl.username"), "admin");
    EXPECT_EQ(value_of(config, "ssl.ca.location"), "ca.pem");
    EXPECT_EQ(value_of(config, "enable.ssl.certificate.verification"), "true");
}

TEST(ConnectionConfig, checks_no_certificate_only_when_told) {
    Security security{.protocol = "SSL", .verify_certificates = false};
    auto config = connection_config("a:1", security);
    EXPECT_EQ(value_of(config, "enable.ssl.certificate.verification"), "false");
    EXPECT_EQ(value_of(config, "ssl.endpoint.identification.algorithm"), "none");
}

std::string set_in(const Config& config, const char* property) {
    rd_kafka_conf_t* conf = make_conf(config).value();
    std::array<char, 64> text{};
    size_t size = text.size();
    rd_kafka_conf_get(conf, property, text.data(), &size);
    rd_kafka_conf_destroy(conf);
    return text.data();
}

TEST_F(ConfigTest, what_is_written_goes_at_once_unless_it_is_told_otherwise) {
    EXPECT_EQ(set_in({}, "socket.nagle.disable"), "true");
    EXPECT_EQ(set_in({{"socket.nagle.disable", "false"}}, "socket.nagle.disable"), "false");
}

TEST_F(ConfigTest, an_unknown_property_is_an_error_that_names_it) {
    auto producer = Producer::create({{"no.such.property", "1"}}, {});
    ASSERT_FALSE(producer);
    EXPECT_NE(producer.error().text.find("no.such.property"), std::string::npos);
}

TEST(Error, a_refused_password_is_a_refusal_and_a_lost_connection_is_not) {
    EXPECT_TRUE(is_refusal(error_of(RD_KAFKA_RESP_ERR__AUTHENTICATION)));
    EXPECT_FALSE(is_refusal(error_of(RD_KAFKA_RESP_ERR__TRANSPORT)));
}

TEST_F(ProducerTest, tells_what_became_of_every_record) {
    MockCluster cluster;
    std::set<int64_t> tags;
    size_t bytes = 0;
    auto producer = producer_to(cluster.bootstrap_servers(), {.on_delivery =
                                                                  [&](const Delivery& delivery) {
                                                                      EXPECT_FALSE(delivery.error);
                                                                      EXPECT_GE(delivery.offset, 0);
                                                                      tags.insert(delivery.tag);
                                                                      bytes +=
                                                                          delivery.value.size();
                                                                  },
                                                              .on_error = {}});
    ASSERT_TRUE(producer->connect(seconds(10), never));
    size_t topic = producer->topic("numbers");
    ASSERT_TRUE(producer->await_topics(seconds(10), never));
    for (int i = 0; i < 100; ++i)
        ASSERT_FALSE(producer->produce({.topic = topic, .value = "four", .tag = i}));
    EXPECT_TRUE(producer->flush(seconds(10)));
    EXPECT_EQ(tags.size(), 100u);
    EXPECT_EQ(bytes, 400u);
    EXPECT_EQ(producer->outstanding(), 0);
}

TEST_F(ProducerTest, purged_records_are_reported_as_failed) {
    int failed = 0;
    auto producer = producer_to(
        "127.0.0.1:1",
        {.on_delivery = [&](const Delivery& delivery) { failed += delivery.error != 0; },
         .on_error = {}});
    size_t topic = producer->topic("nowhere");
    ASSERT_FALSE(producer->produce({.topic = topic, .value = "lost"}));
    EXPECT_GE(producer->outstanding(), 1);
    producer->purge();
    EXPECT_TRUE(producer->flush(seconds(10)));
    EXPECT_EQ(failed, 1);
}

TEST_F(ProducerTest, connecting_to_a_port_where_nobody_listens_fails_with_a_reason) {
    auto producer = producer_to("127.0.0.1:1", {});
    auto connected = producer->connect(seconds(10), never);
    ASSERT_FALSE(connected);
    EXPECT_NE(connected.error().text.find("refused"), std::string::npos);
}

TEST_F(ProducerTest, stops_waiting_for_a_broker_when_told) {
    auto producer = producer_to("192.0.2.1:9092", {});
    EXPECT_FALSE(producer->connect(std::chrono::hours(1), [] { return true; }));
}

TEST_F(ConsumerTest, reads_headers_keys_and_values_back) {
    MockCluster cluster;
    auto producer = producer_to(cluster.bootstrap_servers(), {});
    Header header{"stamp", bytes_of("abc")};
    size_t topic = producer->topic("numbers");
    ASSERT_TRUE(producer->await_topics(seconds(10), never));
    ASSERT_FALSE(
        producer->produce({.topic = topic, .key = "k", .value = "v", .headers = {&header, 1}}));
    ASSERT_TRUE(producer->flush(seconds(10)));

    auto consumer = consumer_of(cluster);
    std::optional<Message> message;
    for (int polls = 0; polls < 200 && (!message || message->error()); ++polls)
        message = consumer->poll(milliseconds(100));
    ASSERT_TRUE(message && !message->error());
    EXPECT_EQ(message->topic(), "numbers");
    EXPECT_EQ(message->key(), "k");
    EXPECT_EQ(message->value(), "v");
    ASSERT_TRUE(message->header("stamp"));
    EXPECT_TRUE(equal(*message->header("stamp"), bytes_of("abc")));
    EXPECT_FALSE(message->header("other"));
}

TEST_F(ConsumerTest, commits_what_was_stored_and_no_more_when_it_closes) {
    MockCluster cluster;
    cluster.create_topic("numbers", 1);
    send_numbers(cluster, 100);
    auto consumer = consumer_of(cluster);
    EXPECT_EQ(read_numbers(*consumer, 40).size(), 40u);
    auto unread = consumer->poll(seconds(10));
    ASSERT_TRUE(unread && unread->value() == "40") << "handed out, but not stored";
    consumer->close();
    EXPECT_EQ(committed_offset(cluster), 40);
}

TEST_F(ConsumerTest, closing_does_not_wait_for_ever_for_a_broker_that_is_gone) {
    MockCluster cluster;
    cluster.create_topic("numbers", 1);
    send_numbers(cluster, 10);
    auto consumer = consumer_of(cluster);
    EXPECT_EQ(read_numbers(*consumer, 10).size(), 10u);
    cluster.stop_broker(1);
    EXPECT_FALSE(consumer->close(milliseconds(200)));
}

TEST_F(ConsumerTest, tells_when_partitions_come_and_go) {
    MockCluster cluster;
    cluster.create_topic("numbers", 3);
    send_numbers(cluster, 30);
    size_t came = 0;
    size_t gone = 0;
    auto consumer = consumer_of(
        cluster, {.on_error = {}, .on_assignment = [&](bool come, const auto& partitions) {
                      (come ? came : gone) += partitions.size();
                  }});
    EXPECT_EQ(read_numbers(*consumer, 30).size(), 30u);
    EXPECT_EQ(came, 3u);
    consumer->close();
    EXPECT_EQ(gone, 3u);
}

}  // namespace
}  // namespace stoker::client
