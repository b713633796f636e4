#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/endpoint.hpp"
#include "kafka/failure.hpp"
#include "kafka/log.hpp"

namespace stoker::kafka {
namespace {

TEST(Failure, carries_the_class_and_text_of_java) {
    Failure failure = failure_of(ErrorCode::topic_already_exists, "Topic 'a' already exists.");
    EXPECT_EQ(failure.to_string(),
              "org.apache.kafka.common.errors.TopicExistsException: Topic 'a' already exists.");
    EXPECT_TRUE(failure.is("TopicExistsException"));
    EXPECT_FALSE(failure.is("ExistsException"));
}

TEST(Failure, without_a_text_of_the_broker_has_the_one_of_the_code) {
    EXPECT_EQ(failure_of(ErrorCode::corrupt_message).exception,
              "org.apache.kafka.common.errors.CorruptRecordException");
    EXPECT_EQ(failure_of(ErrorCode::request_timed_out).text(), "The request timed out.");
    EXPECT_EQ(failure_of(ErrorCode::offset_metadata_too_large).exception,
              "org.apache.kafka.common.errors.OffsetMetadataTooLarge");
    EXPECT_EQ(failure_of(ErrorCode{12345}).exception,
              "org.apache.kafka.common.errors.UnknownServerException");
}

TEST(Failure, knows_what_is_worth_another_attempt) {
    EXPECT_TRUE(is_retriable(ErrorCode::coordinator_load_in_progress));
    EXPECT_FALSE(is_retriable(ErrorCode::topic_already_exists));
    EXPECT_FALSE(is_retriable(ErrorCode::none));
    EXPECT_TRUE(is_stale_metadata(ErrorCode::not_leader_or_follower));
    EXPECT_FALSE(is_stale_metadata(ErrorCode::request_timed_out));
}

TEST(ClientProperties, reads_numbers_as_java_does) {
    ClientProperties properties;
    properties.set("a", " 12 ");
    properties.set("b", "twelve");
    properties.set("c", "3000000000");
    properties.set("d", "TRUE");
    EXPECT_EQ(properties.get_int("a", 1), 12);
    EXPECT_EQ(properties.get_int("absent", 1), 1);
    EXPECT_EQ(properties.get_int("b", 1).error().to_string(),
              "org.apache.kafka.common.config.ConfigException: Invalid value twelve for "
              "configuration b: Not a number of type INT");
    EXPECT_FALSE(properties.get_int("c", 1));
    EXPECT_EQ(properties.get_long("c", 1), 3'000'000'000);
    EXPECT_EQ(properties.get_boolean("d", false), true);
}

TEST(ClientProperties, splits_lists_at_commas) {
    ClientProperties properties;
    properties.set("bootstrap.servers", " a:1 , b:2,");
    EXPECT_EQ(properties.get_list("bootstrap.servers"), (std::vector<std::string>{"a:1", "b:2"}));
    EXPECT_TRUE(properties.get_list("absent").empty());
}

TEST(ClientProperties, a_time_out_below_zero_is_refused) {
    ClientProperties properties;
    properties.set("request.timeout.ms", "-1");
    EXPECT_EQ(read_common_settings(properties).error().text(),
              "Invalid value -1 for configuration request.timeout.ms: Value must be at least 0");
}

TEST(ClientProperties, security_that_is_not_served_is_refused_in_a_sentence) {
    ClientProperties properties;
    properties.set("security.protocol", "TLS");
    EXPECT_EQ(read_common_settings(properties).error().text(),
              "Invalid value TLS for configuration security.protocol: String must be one of (case "
              "insensitive): PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL");
    properties.set("security.protocol", "ssl");
    properties.set("ssl.truststore.location", "/nothing");
    EXPECT_EQ(read_common_settings(properties).error().text(),
              "ssl.truststore.location: /nothing cannot be read: No such file or directory.");
    properties.set("security.protocol", "plaintext");
    EXPECT_TRUE(read_common_settings(properties));
    properties.set("security.protocol", "sasl_plaintext");
    EXPECT_EQ(read_common_settings(properties).error().text(),
              "sasl.mechanism=GSSAPI is not served: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or "
              "OAUTHBEARER");
    properties.set("sasl.mechanism", "PLAIN");
    properties.set("sasl.jaas.config", "canary");
    EXPECT_EQ(read_common_settings(properties).error().text().find("canary"), std::string::npos);
    properties.set("sasl.jaas.config",
                   "org.apache.kafka.common.security.plain.PlainLoginModule required "
                   "username=\"a\" password=\"b\";");
    EXPECT_TRUE(read_common_settings(properties));
}

TEST(Endpoint, reads_host_and_port_as_java_does) {
    EXPECT_EQ(parse_host_port("localhost:9092"), (HostPort{"localhost", 9092}));
    EXPECT_EQ(parse_host_port("[::1]:9092"), (HostPort{"::1", 9092}));
    EXPECT_EQ(parse_host_port("PLAINTEXT://my-host.x:1"), (HostPort{"my-host.x", 1}));
    EXPECT_EQ(parse_host_port("localhost").error().text(),
              "Invalid url in bootstrap.servers: localhost");
    EXPECT_EQ(parse_host_port("localhost:abc").error().text(),
              "Invalid url in bootstrap.servers: localhost:abc");
    EXPECT_EQ(parse_host_port("localhost:70000").error().text(),
              "Invalid port in bootstrap.servers: localhost:70000");
    EXPECT_FALSE(parse_host_port(":9092"));
    EXPECT_FALSE(parse_host_port("a b:9092"));
}

TEST(Endpoint, writes_addresses_as_java_does) {
    EXPECT_EQ(resolve({"127.0.0.1", 1}).front().text, "/127.0.0.1");
    EXPECT_EQ(resolve({"localhost", 1}).front().text, "localhost/127.0.0.1");
    EXPECT_EQ(resolve({"::1", 1}).front().text, "::1/0:0:0:0:0:0:0:1");
}

TEST(Endpoint, a_list_of_names_that_do_not_resolve_is_refused_after_a_warning) {
    ManualClock clock;
    std::string lines;
    Log log(clock, [&](std::string_view line) { lines += line; });
    auto servers = parse_bootstrap({"no-such-host.invalid:9092", ""}, log);
    EXPECT_EQ(servers.error().text(), "No resolvable bootstrap urls given in bootstrap.servers");
    EXPECT_NE(lines.find(" WARN Couldn't resolve server no-such-host.invalid:9092 from "
                         "bootstrap.servers as DNS resolution failed for no-such-host.invalid "
                         "(org.apache.kafka.clients.ClientUtils)\n"),
              std::string::npos)
        << lines;
}

TEST(Log, lines_have_the_pattern_of_the_tools) {
    ManualClock clock(1'700'000'000'007);
    std::string lines;
    Log log(clock, [&](std::string_view line) { lines += line; });
    log.error("text", "a.Logger");
    EXPECT_EQ(lines, "[" + log_time(1'700'000'000'007) + "] ERROR text (a.Logger)\n");
    EXPECT_TRUE(log_time(1'700'000'000'007).ends_with(",007"));
    EXPECT_EQ(log_time(1'700'000'000'007).size(), 23u);
}

}  // namespace
}  // namespace stoker::kafka
