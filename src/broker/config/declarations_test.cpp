#include <gtest/gtest.h>

#include "broker/config/broker_configs.hpp"
#include "broker/config/config_store.hpp"
#include "broker/config/config_value.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/nearest_name.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

// One sentence fits a line of a help text, and tools print the whole of it.
constexpr size_t doc_size_max = 250;

size_t shown(const ConfigTable& table) {
    size_t count = 0;
    for (const ConfigDeclaration* config : table.all()) count += config->hidden ? 0 : 1;
    return count;
}

TEST(Declarations, are_all_of_apache_kafka_4_3) {
    EXPECT_EQ(shown(broker_configs()), 340u);
    EXPECT_EQ(shown(topic_configs()), 33u);
    EXPECT_EQ(shown(group_resource_configs()), 17u);
    EXPECT_EQ(shown(client_metrics_configs()), 3u);
}

TEST(Declarations, have_defaults_that_their_own_rules_permit) {
    for (const ConfigTable* table : {&broker_configs(), &topic_configs(),
                                     &group_resource_configs(), &client_metrics_configs()})
        for (const ConfigDeclaration* config : table->all()) {
            if (!config->default_value) continue;
            EXPECT_EQ(canonical_value(*config, *config->default_value),
                      std::string(*config->default_value))
                << config->name;
        }
}

TEST(Declarations, say_what_every_topic_config_means) {
    for (const ConfigDeclaration* config : topic_configs().all()) {
        EXPECT_FALSE(config->doc.empty()) << config->name;
        EXPECT_LE(config->doc.size(), doc_size_max) << config->name;
    }
}

TEST(Declarations, of_a_topic_and_its_broker_synonym_have_the_same_default) {
    auto store = ConfigStore::create({});
    ASSERT_TRUE(store) << store.error();
    for (const ConfigDeclaration* config : topic_configs().all()) {
        if (topic_synonyms(config->name).empty()) continue;
        EXPECT_EQ(store->topic({}).text(config->name), *config->default_value) << config->name;
    }
}

TEST(Declarations, of_a_topic_name_broker_synonyms_that_there_are) {
    for (const ConfigDeclaration* config : topic_configs().all())
        for (const TopicSynonym& synonym : topic_synonyms(config->name))
            EXPECT_NE(broker_configs().find(synonym.broker_config), nullptr) << config->name;
    EXPECT_EQ(topic_synonyms("retention.ms").size(), 3u);
    EXPECT_EQ(topic_synonyms("remote.storage.enable").size(), 0u);
}

TEST(Declarations, know_overrides_for_one_listener_by_their_base) {
    EXPECT_EQ(listener_config("listener.name.external.max.connections")->name, "max.connections");
    EXPECT_EQ(listener_config("listener.name.sasl_ssl.plain.sasl.jaas.config")->name,
              "sasl.jaas.config");
    EXPECT_EQ(listener_config("listener.name.external.max.conections"), nullptr);
    EXPECT_EQ(listener_config("listener.name.external"), nullptr);
    EXPECT_EQ(listener_config("max.connections"), nullptr);
}

TEST(NearestName, is_the_one_with_the_fewest_letters_apart) {
    EXPECT_EQ(nearest_name("log.retention.hour", broker_configs()), "log.retention.hours");
    EXPECT_EQ(nearest_name("num.partitons", broker_configs()), "num.partitions");
    EXPECT_EQ(nearest_name("lsiteners", broker_configs()), "listeners");
    EXPECT_EQ(nearest_name("auto.create.topic.enable", broker_configs()),
              "auto.create.topics.enable");
}

TEST(NearestName, is_none_for_what_is_like_nothing) {
    EXPECT_EQ(nearest_name("colour.of.the.sky", broker_configs()), std::nullopt);
    EXPECT_EQ(nearest_name("", broker_configs()), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100'000, 'x'), broker_configs()), std::nullopt);
}

}  // namespace
}  // namespace stoker::broker
