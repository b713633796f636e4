#include <gtest/gtest.h>

#include <algorithm>

#include "broker/config/config_store.hpp"

namespace stoker::broker {
namespace {

using enum ConfigSource;

ConfigStore store_with(ConfigMap properties) {
    auto store = ConfigStore::create({.properties = std::move(properties)});
    EXPECT_TRUE(store) << store.error();
    return std::move(*store);
}

TEST(DescribeConfigs, tells_every_broker_config_by_name) {
    auto entries = store_with({}).describe_broker();
    EXPECT_EQ(entries.size(), 340u);
    EXPECT_TRUE(std::ranges::is_sorted(entries, {}, &ConfigEntry::name));
}

TEST(DescribeConfigs, tells_only_what_was_asked_for_and_there_is) {
    ConfigStore store = store_with({});
    auto entries = store.describe_topic({}, {"retention.ms", "colour", "segment.ms"});
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].name, "retention.ms");
    EXPECT_EQ(entries[1].name, "segment.ms");
    EXPECT_TRUE(store.describe_broker({"colour"}).empty());
}

TEST(DescribeConfigs, tells_a_broker_configs_places_with_the_telling_one_first) {
    ConfigStore store = store_with({{"message.max.bytes", "1"}});
    store.set_dynamic({{"message.max.bytes", "3"}}, {{"message.max.bytes", " 2"}});
    ConfigEntry entry = store.describe_broker({"message.max.bytes"})[0];
    EXPECT_EQ(entry.value, "3");
    EXPECT_EQ(entry.source, dynamic_broker);
    EXPECT_EQ(entry.type, ConfigType::int32);
    EXPECT_FALSE(entry.read_only);
    EXPECT_EQ(entry.synonyms, (std::vector<ConfigSynonym>{
                                  {"message.max.bytes", "3", dynamic_broker},
                                  {"message.max.bytes", " 2", dynamic_default_broker},
                                  {"message.max.bytes", "1", static_broker},
                                  {"message.max.bytes", "1048588", default_config}}));
}

TEST(DescribeConfigs, tells_a_default_and_a_null) {
    ConfigStore store = store_with({});
    ConfigEntry entry = store.describe_broker({"num.partitions"})[0];
    EXPECT_TRUE(entry.is_default());
    EXPECT_TRUE(entry.read_only);
    EXPECT_FALSE(entry.documentation.empty());
    ConfigEntry null = store.describe_broker({"broker.rack"})[0];
    EXPECT_EQ(null.value, std::nullopt);
    EXPECT_TRUE(null.synonyms.empty());
    EXPECT_TRUE(null.is_default());
}

TEST(DescribeConfigs, tells_no_secret_and_no_value_of_an_unknown_name) {
    ConfigStore store = store_with({});
    store.set_dynamic({{"sasl.jaas.config", "password=canary"}, {"custom", "canary"}}, {});
    for (const ConfigEntry& entry : store.describe_broker({"sasl.jaas.config", "custom"})) {
        EXPECT_TRUE(entry.sensitive) << entry.name;
        EXPECT_EQ(entry.value, std::nullopt) << entry.name;
        ASSERT_EQ(entry.synonyms.size(), 1u);
        EXPECT_EQ(entry.synonyms[0].value, std::nullopt) << entry.name;
    }
    ConfigEntry custom = store.describe_broker({"custom"})[0];
    EXPECT_EQ(custom.type, ConfigType::unknown);
    EXPECT_TRUE(custom.read_only);
}

TEST(DescribeConfigs, tells_an_override_for_a_listener_with_its_base) {
    ConfigStore store = store_with({});
    store.set_dynamic({{"listener.name.plaintext.max.connections", "10"}}, {});
    ConfigEntry entry = store.describe_broker({"listener.name.plaintext.max.connections"})[0];
    EXPECT_EQ(entry.value, "10");
    EXPECT_EQ(entry.type, ConfigType::int32);
    EXPECT_TRUE(entry.read_only);
    EXPECT_EQ(entry.synonyms,
              (std::vector<ConfigSynonym>{
                  {"listener.name.plaintext.max.connections", "10", dynamic_broker},
                  {"max.connections", "2147483647", default_config}}));
}

TEST(DescribeConfigs, tells_the_default_of_all_brokers_only_where_it_was_set) {
    ConfigStore store = store_with({{"message.max.bytes", "1"}});
    EXPECT_TRUE(store.describe_broker_defaults().empty());
    store.set_dynamic({{"message.max.bytes", "3"}},
                      {{"message.max.bytes", "2"}, {"custom", "x"}});
    auto entries = store.describe_broker_defaults();
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].name, "custom");
    EXPECT_EQ(entries[0].value, std::nullopt);
    EXPECT_EQ(entries[1].value, "2");
    EXPECT_EQ(entries[1].source, dynamic_default_broker);
    EXPECT_EQ(entries[1].synonyms.size(), 1u);
}

TEST(DescribeConfigs, tells_a_topics_own_value_and_then_the_brokers) {
    ConfigStore store = store_with({{"log.segment.bytes", "2000000"}});
    ConfigEntry entry = store.describe_topic({{"segment.bytes", "+3000000"}},
                                             {"segment.bytes"})[0];
    EXPECT_EQ(entry.value, "3000000");
    EXPECT_EQ(entry.source, topic);
    EXPECT_FALSE(entry.read_only);
    EXPECT_EQ(entry.synonyms, (std::vector<ConfigSynonym>{
                                  {"segment.bytes", "3000000", topic},
                                  {"log.segment.bytes", "2000000", static_broker},
                                  {"log.segment.bytes", "1073741824", default_config}}));
    ConfigEntry inherited = store.describe_topic({}, {"segment.bytes"})[0];
    EXPECT_EQ(inherited.value, "2000000");
    EXPECT_EQ(inherited.source, static_broker);
}

// Apache Kafka's own peculiarity: what stands before the first synonym is dropped.
TEST(DescribeConfigs, tells_hours_as_a_synonym_only_behind_milliseconds) {
    ConfigStore store = store_with({{"log.retention.hours", "2"}});
    ConfigEntry entry = store.describe_topic({}, {"retention.ms"})[0];
    EXPECT_EQ(entry.value, "7200000");
    EXPECT_TRUE(entry.is_default());
    EXPECT_TRUE(entry.synonyms.empty());
    store.set_dynamic({{"log.retention.ms", "1000"}}, {});
    EXPECT_EQ(store.describe_topic({}, {"retention.ms"})[0].synonyms,
              (std::vector<ConfigSynonym>{{"log.retention.ms", "1000", dynamic_broker},
                                          {"log.retention.hours", "2", static_broker},
                                          {"log.retention.hours", "168", default_config}}));
}

TEST(DescribeConfigs, tells_a_hidden_topic_config_only_where_it_is_set) {
    ConfigStore store = store_with({});
    EXPECT_EQ(store.describe_topic({}).size(), 33u);
    EXPECT_EQ(store.describe_topic({{"internal.segment.bytes", "100"}}).size(), 34u);
}

TEST(DescribeConfigs, tells_a_groups_own_value_and_then_the_brokers) {
    ConfigStore store = store_with({});
    ConfigEntry entry = store.describe_group({{"consumer.session.timeout.ms", "50000"}},
                                             {"consumer.session.timeout.ms"})[0];
    EXPECT_EQ(entry.source, group);
    EXPECT_EQ(entry.synonyms,
              (std::vector<ConfigSynonym>{
                  {"consumer.session.timeout.ms", "50000", group},
                  {"group.consumer.session.timeout.ms", "45000", default_config}}));
    ConfigEntry own = store.describe_group({}, {"share.isolation.level"})[0];
    EXPECT_EQ(own.synonyms, (std::vector<ConfigSynonym>{
                                {"share.isolation.level", "read_uncommitted", default_config}}));
    EXPECT_EQ(store.describe_group({}).size(), 17u);
}

TEST(DescribeConfigs, tells_a_client_metrics_subscription) {
    auto entries = ConfigStore::describe_client_metrics({{"metrics", "a,a"}});
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].value, "300000");
    EXPECT_TRUE(entries[0].is_default());
    EXPECT_TRUE(entries[0].synonyms.empty());
    EXPECT_EQ(entries[2].value, "a");
    EXPECT_EQ(entries[2].source, client_metrics);
}

}  // namespace
}  // namespace stoker::broker
