#include "load/consumer_settings.hpp"

#include <gtest/gtest.h>

#include "kafka/consumer_settings.hpp"
#include "security/jaas.hpp"

namespace stoker::load {
namespace {

ConsumerOptions some_options() {
    ConsumerOptions options;
    options.bootstrap_servers = "127.0.0.1:9092";
    options.consumer_group = "g";
    options.auto_offset_reset = "latest";
    return options;
}

std::string complaint(const std::string& name, const std::string& value) {
    auto setting = consumer_setting(name, value);
    return setting ? "none: " + setting->first : setting.error();
}

TEST(ConsumerSettings, are_those_of_the_specification) {
    const auto read = kafka::read_consumer_settings(consumer_properties(some_options()));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->group_id, "g");
    EXPECT_EQ(read->common.client_id, "consumer-bomber");
    EXPECT_EQ(read->reset.kind, kafka::OffsetReset::Kind::latest);
    EXPECT_TRUE(read->auto_commit);
    EXPECT_EQ(read->auto_commit_interval_ms, 1000);
    EXPECT_EQ(read->session_timeout_ms, 30'000);
    EXPECT_EQ(read->heartbeat_interval_ms, 3000);
    EXPECT_EQ(read->max_poll_interval_ms, 300'000);
    EXPECT_EQ(read->fetch_min_bytes, 1);
    EXPECT_EQ(read->fetch_max_wait_ms, 500);
    EXPECT_EQ(read->partition_max_bytes, 1'048'576);
    EXPECT_TRUE(read->check_crcs);
    EXPECT_FALSE(read->allow_auto_create_topics);
    EXPECT_EQ(read->assignors, (std::vector<std::string>{"roundrobin", "range"}));
}

TEST(ConsumerSettings, have_the_names_of_java_or_of_librdkafka) {
    using Setting = client::Config::value_type;
    EXPECT_EQ(consumer_setting("fetch.wait.max.ms", "7"), Setting("fetch.max.wait.ms", "7"));
    EXPECT_EQ(consumer_setting("fetch.min.bytes", "7"), Setting("fetch.min.bytes", "7"));
    EXPECT_EQ(consumer_setting("partition.assignment.strategy", "cooperative-sticky"),
              Setting("partition.assignment.strategy",
                      "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"));
}

TEST(ConsumerSettings, that_are_none_are_refused_and_why) {
    EXPECT_EQ(complaint("linger.ms", "5"), "a consumer has no such setting");
    EXPECT_EQ(complaint("queued.min.messages", "5"), "a consumer has no such setting");
    EXPECT_TRUE(complaint("fetch.min.bytes", "few").contains("Not a number"));
    EXPECT_TRUE(complaint("isolation.level", "none").contains("read_committed"));
    EXPECT_TRUE(complaint("partition.assignment.strategy", "best").contains("best"));
}

TEST(ConsumerSettings, of_files_win_over_the_specification_s_and_options_over_files) {
    ConsumerOptions options = some_options();
    options.config.consumer = {{"fetch.min.bytes", "2"}, {"session.timeout.ms", "10000"}};
    options.java_properties = {{"fetch.min.bytes", "3"}, {"bootstrap.servers", "file:1"}};
    const auto properties = consumer_properties(options);
    EXPECT_EQ(properties.get("fetch.min.bytes"), "3");
    EXPECT_EQ(properties.get("session.timeout.ms"), "10000");
    EXPECT_EQ(properties.get("bootstrap.servers"), "127.0.0.1:9092");
}

TEST(ConsumerSettings, keep_every_letter_of_a_password) {
    ConsumerOptions options = some_options();
    options.security = {.protocol = "SASL_PLAINTEXT", .mechanism = "SCRAM-SHA-512"};
    options.security.username = "a \"b\"";
    options.security.password = "\\p;#'\"\n é=/";
    const auto jaas = consumer_properties(options).get("sasl.jaas.config");
    ASSERT_TRUE(jaas);
    const auto entry = security::parse_jaas(*jaas);
    ASSERT_TRUE(entry) << entry.error();
    EXPECT_EQ(entry->module, security::LoginModule::scram);
    EXPECT_EQ(entry->option("username"), options.security.username);
    EXPECT_EQ(entry->option("password"), options.security.password);
}

TEST(ConsumerSettings, name_the_certificate_that_cannot_be_read) {
    ConsumerOptions options = some_options();
    options.security.protocol = "SSL";
    options.security.ssl_certificate_file = "/nowhere/client.pem";
    try {
        std::ignore = consumer_properties(options);
        FAIL() << "it was read";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()), "/nowhere/client.pem cannot be read");
    }
}

}  // namespace
}  // namespace stoker::load
