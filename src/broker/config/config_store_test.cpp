#include "broker/config/config_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace stoker::broker {
namespace {

ConfigStore store_with(ConfigMap properties, ConfigMap defaults = {}) {
    auto store = ConfigStore::create(
        {.properties = std::move(properties), .defaults = std::move(defaults)});
    EXPECT_TRUE(store) << store.error();
    return std::move(*store);
}

TEST(ConfigStore, types_the_brokers_values) {
    ConfigStore store = store_with({{"log.segment.bytes", " 2000000 "},
                                    {"auto.create.topics.enable", "FALSE"},
                                    {"log.dirs", "/a, /b"},
                                    {"log.cleaner.min.cleanable.ratio", "0.25"}});
    EXPECT_EQ(store.int32("log.segment.bytes"), 2'000'000);
    EXPECT_EQ(store.int64("log.retention.hours"), 168);
    EXPECT_EQ(store.int32("offsets.topic.replication.factor"), 3);
    EXPECT_FALSE(store.boolean("auto.create.topics.enable"));
    EXPECT_EQ(store.list("log.dirs"), (std::vector<std::string>{"/a", "/b"}));
    EXPECT_EQ(store.real("log.cleaner.min.cleanable.ratio"), 0.25);
    EXPECT_EQ(store.text("offsets.topic.segment.bytes"), "104857600");
    EXPECT_EQ(store.text_or_null("broker.rack"), std::nullopt);
    EXPECT_TRUE(store.list("advertised.listeners").empty());
}

TEST(ConfigStore, has_the_defaults_of_a_one_node_broker) {
    ConfigStore store = store_with({});
    EXPECT_EQ(store.int32("node.id"), 1);
    EXPECT_EQ(store.int32("broker.id"), 1);
    EXPECT_EQ(store.text("listeners"), "PLAINTEXT://127.0.0.1:9092");
    EXPECT_EQ(store.int32("group.initial.rebalance.delay.ms"), 0);
    EXPECT_EQ(store.int32("offsets.topic.num.partitions"), 50);
    EXPECT_EQ(store.int32("num.network.threads"),
              std::max(1, int(std::thread::hardware_concurrency())));
}

TEST(ConfigStore, takes_defaults_from_the_program) {
    ConfigStore store = store_with({}, {{"log.dirs", "/var/lib/stoker"}});
    EXPECT_EQ(store.text("log.dirs"), "/var/lib/stoker");
    EXPECT_TRUE(store.describe_broker({"log.dirs"})[0].is_default());
}

TEST(ConfigStore, knows_broker_id_as_the_older_name_of_node_id) {
    EXPECT_EQ(store_with({{"broker.id", "7"}}).int32("node.id"), 7);
    EXPECT_EQ(store_with({{"node.id", "8"}}).int32("broker.id"), 8);
}

TEST(ConfigStore, prefers_this_brokers_value_to_all_brokers_and_these_to_the_file) {
    ConfigStore store = store_with({{"message.max.bytes", "1"}});
    EXPECT_EQ(store.int32("message.max.bytes"), 1);
    store.set_dynamic({}, {{"message.max.bytes", "2"}});
    EXPECT_EQ(store.int32("message.max.bytes"), 2);
    store.set_dynamic({{"message.max.bytes", "3"}}, {{"message.max.bytes", "2"}});
    EXPECT_EQ(store.int32("message.max.bytes"), 3);
    store.set_dynamic({}, {});
    EXPECT_EQ(store.int32("message.max.bytes"), 1);
}

TEST(ConfigStore, passes_over_a_journals_value_that_is_none) {
    ConfigStore store = store_with({});
    store.set_dynamic({{"message.max.bytes", "many"}}, {{"message.max.bytes", "2"}});
    EXPECT_EQ(store.int32("message.max.bytes"), 2);
    EXPECT_EQ(store.topic({{"max.message.bytes", "-5"}}).int32("max.message.bytes"), 2);
}

TEST(ConfigStore, gives_a_topic_its_own_value_before_the_brokers) {
    ConfigStore store = store_with({{"log.segment.bytes", "2000000"}});
    EXPECT_EQ(store.topic({}).int32("segment.bytes"), 2'000'000);
    EXPECT_EQ(store.topic({{"segment.bytes", "3000000"}}).int32("segment.bytes"), 3'000'000);
    EXPECT_EQ(store.topic({}).list("cleanup.policy"), std::vector<std::string>{"delete"});
}

TEST(ConfigStore, converts_hours_and_minutes_to_a_topics_milliseconds) {
    EXPECT_EQ(store_with({{"log.retention.hours", "2"}}).topic({}).int64("retention.ms"),
              7'200'000);
    EXPECT_EQ(store_with({{"log.retention.hours", "2"}, {"log.retention.minutes", "3"}})
                  .topic({})
                  .int64("retention.ms"),
              180'000);
    EXPECT_EQ(store_with({{"log.retention.minutes", "3"}, {"log.retention.ms", "4"}})
                  .topic({})
                  .int64("retention.ms"),
              4);
    EXPECT_EQ(store_with({{"log.roll.hours", "1"}}).topic({}).int64("segment.ms"), 3'600'000);
    EXPECT_EQ(store_with({{"log.roll.jitter.hours", "1"}}).topic({}).int64("segment.jitter.ms"),
              3'600'000);
    EXPECT_EQ(store_with({{"log.flush.scheduler.interval.ms", "9"}}).topic({}).int64("flush.ms"),
              9);
}

TEST(ConfigStore, takes_any_negative_retention_as_without_limit) {
    EXPECT_EQ(store_with({{"log.retention.ms", "-7"}}).topic({}).int64("retention.ms"), -1);
    EXPECT_EQ(store_with({{"log.retention.hours", "-7"}}).topic({}).int64("retention.ms"), -1);
}

TEST(ConfigStore, gives_a_group_its_own_value_before_the_brokers) {
    ConfigStore store = store_with({});
    store.set_dynamic({{"group.consumer.assignment.interval.ms", "2000"}}, {});
    EXPECT_EQ(store.group({}).int32("consumer.assignment.interval.ms"), 2'000);
    EXPECT_EQ(store.group({{"consumer.assignment.interval.ms", "3000"}})
                  .int32("consumer.assignment.interval.ms"),
              3'000);
    EXPECT_EQ(store.group({}).text("share.isolation.level"), "read_uncommitted");
    EXPECT_EQ(store.client_metrics({}).int32("interval.ms"), 300'000);
}

TEST(ConfigStoreDeathTest, aborts_on_a_name_that_is_not_declared_or_of_another_type) {
    ConfigStore store = store_with({});
    EXPECT_DEATH((void)store.int32("num.partition"), "no config has this name");
    EXPECT_DEATH((void)store.int32("log.retention.bytes"), "64 bits");
    EXPECT_DEATH((void)store.boolean("num.partitions"), "no boolean");
    EXPECT_DEATH((void)store.text("broker.rack"), "null");
    EXPECT_DEATH(store_with({}, {{"num.partitions", "few"}}), "no value of it");
}

TEST(ConfigStore, has_for_a_listener_its_own_value_and_else_the_one_of_all) {
    auto store = ConfigStore::create({.properties = {
                                          {"ssl.keystore.type", "PEM"},
                                          {"listener.name.inside.ssl.keystore.type", "PKCS12"},
                                          {"ssl.client.auth", "required"}}});
    ASSERT_TRUE(store) << store.error();
    EXPECT_EQ(store->listener_text("INSIDE", "ssl.keystore.type"), "PKCS12");
    EXPECT_EQ(store->listener_text("OUTSIDE", "ssl.keystore.type"), "PEM");
    EXPECT_EQ(store->only_listener_text("OUTSIDE", "ssl.keystore.type"), std::nullopt);
    EXPECT_EQ(store->listener_text("INSIDE", "ssl.client.auth"), "required");
    store->set_dynamic({{"listener.name.inside.ssl.client.auth", "none"}}, {});
    EXPECT_EQ(store->listener_text("INSIDE", "ssl.client.auth"), "none");
    EXPECT_EQ(store->listener_text("INSIDE", "ssl.keystore.location"), std::nullopt);
}

}  // namespace
}  // namespace stoker::broker
