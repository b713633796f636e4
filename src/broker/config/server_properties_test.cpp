#include "broker/config/server_properties.hpp"

#include <gtest/gtest.h>

#include "broker/config/broker_configs.hpp"

namespace stoker::broker {
namespace {

std::string why_not(const std::string& name, const std::string& value) {
    auto checked = check_server_properties({{name, value}});
    return checked ? "" : checked.error();
}

TEST(ServerProperties, of_a_one_node_apache_kafka_are_taken) {
    auto checked = check_server_properties({
        {"process.roles", "broker,controller"},
        {"node.id", "1"},
        {"controller.quorum.bootstrap.servers", "localhost:9093"},
        {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
        {"inter.broker.listener.name", "PLAINTEXT"},
        {"controller.listener.names", "CONTROLLER"},
        {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL"},
        {"num.network.threads", "3"},
        {"log.dirs", "/var/lib/kafka"},
        {"offsets.topic.replication.factor", "1"},
        {"log.retention.hours", "168"},
    });
    ASSERT_TRUE(checked) << checked.error();
    EXPECT_TRUE(checked->warnings.empty());
}

TEST(ServerProperties, may_name_every_known_config_with_its_default) {
    for (const ConfigDeclaration* config : broker_configs().all()) {
        if (!config->default_value) continue;
        EXPECT_EQ(why_not(std::string(config->name), std::string(*config->default_value)), "")
            << config->name;
    }
}

TEST(ServerProperties, that_nobody_knows_are_an_error_with_the_nearest_name) {
    EXPECT_EQ(why_not("log.retention.hour", "5"),
              "Unknown property log.retention.hour. Did you mean log.retention.hours?");
    EXPECT_EQ(why_not("retention.ms", "5"),
              "Unknown property retention.ms. It is a topic's config; the broker's is "
              "log.retention.ms.");
    EXPECT_EQ(why_not("colour.of.the.sky", "blue"),
              "Unknown property colour.of.the.sky. Apache Kafka has no such config, nor has "
              "Stoker.");
    EXPECT_EQ(why_not("listener.name.x.max.connections", "5"), "");
}

TEST(ServerProperties, with_a_value_that_is_none_are_an_error) {
    EXPECT_EQ(why_not("num.partitions", "0"),
              "Invalid value 0 for configuration num.partitions: Value must be at least 1.");
    EXPECT_EQ(why_not("log.roll.ms", "0"),
              "requirement failed: log.roll.ms must be greater than or equal to 1.");
}

TEST(ServerProperties, that_cannot_be_honoured_are_refused_with_the_reason) {
    EXPECT_EQ(why_not("authorizer.class.name", "org.example.Authorizer"),
              "authorizer.class.name cannot be honoured: Stoker has one authorizer and loads no "
              "Java classes: set org.apache.kafka.metadata.authorizer.StandardAuthorizer.");
    EXPECT_EQ(why_not("ssl.engine.factory.class", "x.Y"),
              "ssl.engine.factory.class cannot be honoured: Stoker cannot load Java classes.");
    EXPECT_EQ(why_not("listener.name.x.sasl.login.class", "x.Y"),
              "listener.name.x.sasl.login.class cannot be honoured: Stoker cannot load Java "
              "classes.");
    EXPECT_EQ(why_not("sasl.oauthbearer.jwt.validator.class", "x.Y"),
              "sasl.oauthbearer.jwt.validator.class cannot be honoured: Stoker cannot load Java "
              "classes.");
    const std::string handler = "listener.name.x.plain.sasl.server.callback.handler.class";
    EXPECT_EQ(why_not(handler, "x.Y"),
              handler + " cannot be honoured: Stoker cannot load Java classes.");
    EXPECT_EQ(why_not("listener.name.x.plain.sasl.jaas.config", "secret"), "");
    EXPECT_EQ(why_not("listener.name.x.plain.connections.max.reauth.ms", "5"), "");
    const std::string overrides = "max.connections.per.ip.overrides";
    EXPECT_EQ(why_not(overrides, "localhost:1, 127.0.0.2:2,::1:3"), "");
    EXPECT_EQ(why_not(overrides, "127.0.0.1:1,a.example.com:2"),
              overrides + " cannot be honoured: names are not looked up: write the address of "
                          "a.example.com.");
    EXPECT_EQ(why_not("process.roles", "controller"),
              "process.roles cannot be honoured: Stoker is a broker, and needs no controller of "
              "its own.");
    EXPECT_EQ(why_not("controller.quorum.voters", "1@a:9093,2@b:9093"),
              "controller.quorum.voters cannot be honoured: it names several nodes, and Stoker is "
              "a cluster of one.");
    EXPECT_EQ(why_not("controller.quorum.voters", "1@a:9093"), "");
}

TEST(ServerProperties, of_older_releases_are_passed_over_with_a_warning) {
    auto checked = check_server_properties({{"zookeeper.connect", "localhost:2181"},
                                            {"super.users", "User:admin"}});
    ASSERT_TRUE(checked) << checked.error();
    EXPECT_EQ(checked->warnings,
              (std::vector<std::string>{
                  "super.users has no effect: there is no authorizer.",
                  "zookeeper.connect has no effect: Stoker, as Apache Kafka since 4.0, needs no "
                  "ZooKeeper."}));
}

TEST(ServerProperties, name_one_node_by_one_number) {
    auto checked = check_server_properties({{"node.id", "1"}, {"broker.id", "2"}});
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error(), "You must set `node.id` to the same value as `broker.id`.");
    EXPECT_TRUE(check_server_properties({{"node.id", "1"}, {"broker.id", " 1"}}));
}

}  // namespace
}  // namespace stoker::broker
