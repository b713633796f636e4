#include <gtest/gtest.h>

#include "broker/config/config_store.hpp"

namespace stoker::broker {
namespace {

using Alterations = ConfigStore::Alterations;
using enum ErrorCode;

ConfigStore plain_store(bool eligible_leader_replicas = false) {
    auto store = ConfigStore::create({.eligible_leader_replicas = eligible_leader_replicas});
    EXPECT_TRUE(store) << store.error();
    return std::move(*store);
}

ConfigAlteration set(std::string name, std::string value) {
    return {std::move(name), AlterOperation::set, std::move(value)};
}
ConfigAlteration remove(std::string name) {
    return {std::move(name), AlterOperation::remove, {}};
}
ConfigAlteration append(std::string name, std::string value) {
    return {std::move(name), AlterOperation::append, std::move(value)};
}
ConfigAlteration subtract(std::string name, std::string value) {
    return {std::move(name), AlterOperation::subtract, std::move(value)};
}

ConfigMap topic_after(const ConfigMap& current, const Alterations& alterations) {
    auto changes = plain_store().alter_topic(current, alterations);
    EXPECT_TRUE(changes) << changes.error().message;
    return with_changes(current, *changes);
}
ConfigRefusal topic_refusal(const Alterations& alterations) {
    auto changes = plain_store().alter_topic({}, alterations);
    EXPECT_FALSE(changes);
    return changes.error();
}
ConfigRefusal broker_refusal(const Alterations& alterations) {
    auto changes = plain_store().alter_broker(alterations);
    EXPECT_FALSE(changes);
    return changes.error();
}

TEST(AlterConfigs, sets_and_takes_back) {
    EXPECT_EQ(topic_after({}, {set("retention.ms", " 5")}), (ConfigMap{{"retention.ms", " 5"}}));
    EXPECT_EQ(topic_after({{"retention.ms", "5"}}, {remove("retention.ms")}), ConfigMap{});
    EXPECT_EQ(topic_after({}, {remove("no.such.config")}), ConfigMap{});
}

TEST(AlterConfigs, tells_only_what_changes) {
    auto changes = plain_store().alter_topic({{"retention.ms", "5"}},
                                             {set("retention.ms", "5"), set("segment.ms", "6")});
    ASSERT_TRUE(changes);
    EXPECT_EQ(*changes, (ConfigChanges{{"segment.ms", "6"}}));
}

TEST(AlterConfigs, appends_to_the_declared_default_where_nothing_is_set) {
    EXPECT_EQ(topic_after({}, {append("cleanup.policy", "compact")}),
              (ConfigMap{{"cleanup.policy", "delete,compact"}}));
    EXPECT_EQ(topic_after({{"cleanup.policy", ""}}, {append("cleanup.policy", "compact")}),
              (ConfigMap{{"cleanup.policy", "compact"}}));
}

TEST(AlterConfigs, appends_a_word_once_and_subtracts_one_of_it) {
    std::string name = "leader.replication.throttled.replicas";
    EXPECT_EQ(topic_after({{name, "0:1"}}, {append(name, "0:1,1:1")}),
              (ConfigMap{{name, "0:1,1:1"}}));
    EXPECT_EQ(topic_after({{name, "0:1,0:1,"}}, {subtract(name, "0:1")}),
              (ConfigMap{{name, "0:1"}}));
    EXPECT_EQ(topic_after({{name, "0:1"}}, {subtract(name, "0:1,5:5")}), (ConfigMap{{name, ""}}));
}

TEST(AlterConfigs, refuses_list_operations_on_what_is_no_list) {
    EXPECT_EQ(topic_refusal({append("retention.ms", "5")}),
              (ConfigRefusal{invalid_config,
                             "Can't APPEND to key retention.ms because its type is not LIST."}));
    EXPECT_EQ(
        topic_refusal({subtract("foo", "5")}),
        (ConfigRefusal{invalid_config, "Can't SUBTRACT to key foo because its type is not LIST."}));
    EXPECT_EQ(broker_refusal({append("num.io.threads", "8")}),
              (ConfigRefusal{invalid_config,
                             "Config value append is not allowed for config key: "
                             "num.io.threads"}));
    EXPECT_EQ(broker_refusal({subtract("foo", "3")}),
              (ConfigRefusal{invalid_config, "Unknown config name: foo"}));
}

TEST(AlterConfigs, refuses_duplicates_and_nulls) {
    EXPECT_EQ(topic_refusal({set("retention.ms", "1"), remove("retention.ms")}),
              (ConfigRefusal{invalid_request, "Error due to duplicate config keys"}));
    EXPECT_EQ(topic_refusal({{"retention.ms", AlterOperation::set, std::nullopt},
                             {"segment.ms", AlterOperation::append, std::nullopt}}),
              (ConfigRefusal{invalid_request,
                             "Null value not supported for : retention.ms, segment.ms"}));
}

TEST(AlterConfigs, knows_no_lists_among_the_configs_of_groups_and_client_metrics) {
    auto refusal = ConfigStore::alter_client_metrics({}, {append("metrics", "a")}).error();
    EXPECT_EQ(refusal,
              (ConfigRefusal{invalid_config,
                             "Can't APPEND to key metrics because its type is not LIST."}));
}

TEST(AlterConfigs, tells_of_several_wrong_values_the_one_that_kafka_declares_first) {
    EXPECT_EQ(topic_refusal({set("compression.gzip.level", "0"), set("retention.bytes", "x")}),
              (ConfigRefusal{invalid_config,
                             "Invalid value x for configuration retention.bytes: Not a number of "
                             "type LONG"}));
}

TEST(AlterConfigs, refuses_operations_that_there_are_not) {
    for (int number : {-1, 4, 127})
        EXPECT_EQ(topic_refusal({{"retention.ms", AlterOperation(int8_t(number)), "5"}}).code,
                  invalid_request);
}

TEST(AlterConfigs, refuses_unknown_topic_configs_before_wrong_values) {
    EXPECT_EQ(topic_refusal({set("retention.ms", "xyz"), set("foo", "5")}),
              (ConfigRefusal{invalid_config, "Unknown topic config name: foo"}));
    EXPECT_EQ(topic_refusal({set("retention.ms", "xyz")}).message,
              "Invalid value xyz for configuration retention.ms: Not a number of type LONG");
}

TEST(AlterConfigs, refuses_topic_configs_that_contradict_each_other) {
    EXPECT_EQ(
        topic_refusal({set("min.compaction.lag.ms", "500"), set("max.compaction.lag.ms", "100")})
            .message,
        "conflict topic config setting min.compaction.lag.ms (500) > "
        "max.compaction.lag.ms (100)");
    auto later = plain_store().alter_topic({{"max.compaction.lag.ms", "100"}},
                                           {set("min.compaction.lag.ms", "500")});
    EXPECT_FALSE(later);
}

TEST(AlterConfigs, refuses_tiered_storage) {
    EXPECT_EQ(topic_refusal({set("remote.storage.enable", "true")}).message,
              "Tiered Storage functionality is disabled in the broker. "
              "Topic cannot be configured with remote log storage.");
    EXPECT_EQ(topic_after({}, {set("remote.storage.enable", "false")}).size(), 1u);
}

TEST(AlterConfigs, is_not_stopped_by_what_another_program_left) {
    EXPECT_EQ(topic_after({{"of.the.future", "x"}}, {set("retention.ms", "5")}).size(), 2u);
}

TEST(AlterConfigs, replaces_all_that_was_set) {
    ConfigMap current{{"retention.ms", "5"}, {"segment.ms", "6"}};
    EXPECT_EQ(topic_after(current, replacing(current, {{"segment.ms", "7"}})),
              (ConfigMap{{"segment.ms", "7"}}));
}

TEST(AlterConfigs, refuses_read_only_broker_configs) {
    EXPECT_EQ(broker_refusal({set("num.partitions", "xyz"), set("message.max.bytes", "x")}),
              (ConfigRefusal{invalid_request,
                             "Cannot update these configs dynamically: [num.partitions]"}));
    EXPECT_TRUE(plain_store().alter_broker({remove("num.partitions")}));
}

TEST(AlterConfigs, refuses_to_change_what_counts_only_at_start) {
    for (std::string name : {"max.connections", "max.connections.per.ip",
                             "max.connections.per.ip.overrides", "producer.id.expiration.ms",
                             "num.recovery.threads.per.data.dir"}) {
        std::string value = name.ends_with("overrides") ? "127.0.0.1:2" : "2";
        std::string message = broker_refusal({set(name, value)}).message;
        EXPECT_TRUE(message.starts_with(name + " cannot be changed while the broker runs: "))
            << message;
    }
}

TEST(AlterConfigs, refuses_to_change_the_mechanisms_and_users_that_are_set_up_at_start) {
    for (std::string name : {"sasl.enabled.mechanisms", "sasl.jaas.config"}) {
        std::string message = broker_refusal({set(name, "PLAIN")}).message;
        EXPECT_TRUE(message.starts_with(name + " cannot be changed while the broker runs: "))
            << message;
    }
}

TEST(AlterConfigs, keeps_what_apache_kafka_changes_and_has_no_effect_on_one_node) {
    EXPECT_EQ(*plain_store().alter_broker({set("sasl.kerberos.min.time.before.relogin", "58000")}),
              (ConfigChanges{{"sasl.kerberos.min.time.before.relogin", "58000"}}));
    EXPECT_TRUE(plain_store().alter_broker({set("sasl.login.refresh.buffer.seconds", "200")}));
}

TEST(AlterConfigs, refuses_wrong_values_of_broker_configs) {
    EXPECT_EQ(broker_refusal({set("log.retention.ms", "xyz")}),
              (ConfigRefusal{invalid_request,
                             "Invalid value xyz for configuration "
                             "log.retention.ms: Not a number of type LONG"}));
    EXPECT_EQ(broker_refusal({set("listener.name.plaintext.max.connections", "x")}).message,
              "Invalid value x for configuration max.connections: Not a number of type INT");
    EXPECT_EQ(broker_refusal({set("log.retention.ms", "0")}).message,
              "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or "
              "equal to 1");
    EXPECT_EQ(broker_refusal({set("group.consumer.assignment.interval.ms", "99999")}).message,
              "group.consumer.assignment.interval.ms must be less than or equal to "
              "group.consumer.max.assignment.interval.ms");
}

TEST(AlterConfigs, refuses_to_more_than_double_or_halve_a_pool_of_threads) {
    EXPECT_EQ(broker_refusal({set("num.io.threads", "17")}).message,
              "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count "
              "update validation failed for num.io.threads=17, value should not be greater than "
              "double the current value 8 for configuration Invalid dynamic configuration");
    EXPECT_TRUE(plain_store().alter_broker({set("num.io.threads", "16")}));
    EXPECT_TRUE(plain_store().alter_broker({set("num.io.threads", "4")}));
    EXPECT_FALSE(plain_store().alter_broker({set("num.io.threads", "3")}));
    EXPECT_TRUE(plain_store().alter_broker({set("log.cleaner.threads", "2")}));
    EXPECT_FALSE(plain_store().alter_broker({set("log.cleaner.threads", "3")}));
}

TEST(AlterConfigs, refuses_for_all_brokers_what_is_one_brokers) {
    auto changes = plain_store().alter_broker_defaults({set("sasl.jaas.config", "x")});
    ASSERT_FALSE(changes);
    EXPECT_EQ(changes.error(),
              (ConfigRefusal{invalid_request,
                             "Cannot update these configs at default cluster level, broker id "
                             "must be specified: [sasl.jaas.config]"}));
    EXPECT_EQ(broker_refusal({set("ssl.keystore.location", "/x")}).message,
              "These security configs can be dynamically updated only per-listener using the "
              "listener prefix: [ssl.keystore.location]");
}

TEST(AlterConfigs, takes_broker_configs_that_nobody_knows) {
    EXPECT_EQ(*plain_store().alter_broker({set("of.a.plugin", "x")}),
              (ConfigChanges{{"of.a.plugin", "x"}}));
    EXPECT_TRUE(plain_store().alter_broker_defaults({set("message.max.bytes", "2000000")}));
    EXPECT_TRUE(plain_store().alter_broker({set("leader.replication.throttled.rate", "5")}));
}

TEST(AlterConfigs, refuses_with_a_reason_what_stoker_cannot_change_or_honour) {
    EXPECT_EQ(broker_refusal({set("num.network.threads", "3")}),
              (ConfigRefusal{invalid_request,
                             "num.network.threads cannot be changed while the broker runs: io "
                             "threads are started once."}));
    EXPECT_EQ(broker_refusal({set("listener.name.x.ssl.engine.factory.class", "x.Y")}).message,
              "Invalid value x.Y for configuration ssl.engine.factory.class: Class x.Y could not "
              "be found.");
}

TEST(AlterConfigs, keeps_min_insync_replicas_where_eligible_leaders_need_it) {
    ConfigStore store = plain_store(true);
    store.set_dynamic({}, {{"min.insync.replicas", "1"}});
    EXPECT_EQ(store.alter_broker({set("min.insync.replicas", "2")}).error(),
              (ConfigRefusal{invalid_config,
                             "Broker-level min.insync.replicas cannot be altered "
                             "while ELR is enabled."}));
    EXPECT_EQ(store.alter_broker_defaults({remove("min.insync.replicas")}).error(),
              (ConfigRefusal{invalid_config,
                             "Cluster-level min.insync.replicas cannot be removed "
                             "while ELR is enabled."}));
    EXPECT_TRUE(store.alter_broker_defaults({set("min.insync.replicas", "2")}));
    EXPECT_TRUE(plain_store().alter_broker({set("min.insync.replicas", "2")}));
}

TEST(AlterConfigs, keeps_a_groups_configs_within_the_brokers_bounds) {
    ConfigStore store = plain_store();
    auto why = [&store](const std::string& name, const std::string& value) {
        auto changes = store.alter_group({}, {set(name, value)});
        return changes ? "" : changes.error().message;
    };
    EXPECT_EQ(why("consumer.session.timeout.ms", "50000"), "");
    EXPECT_EQ(why("consumer.session.timeout.ms", "1"),
              "consumer.session.timeout.ms must be greater than or equal to "
              "group.consumer.min.session.timeout.ms");
    EXPECT_EQ(why("streams.num.standby.replicas", "5"),
              "streams.num.standby.replicas must be less than or equal to "
              "group.streams.max.standby.replicas");
    EXPECT_EQ(why("share.delivery.count.limit", "11"),
              "share.delivery.count.limit must be less than or equal to "
              "group.share.max.delivery.count.limit");
    EXPECT_EQ(why("foo", "1"), "Unknown group config name: foo");
}

TEST(AlterConfigs, checks_client_metrics_subscriptions) {
    auto refusal = [](const std::string& name, const std::string& value) {
        auto changes = ConfigStore::alter_client_metrics({}, {set(name, value)});
        return changes ? ConfigRefusal{none, ""} : changes.error();
    };
    EXPECT_EQ(refusal("match", "client_id=a.*,client_software_name=x").code, none);
    EXPECT_EQ(refusal("foo", "1"),
              (ConfigRefusal{invalid_request, "Unknown client metrics configuration: foo"}));
    EXPECT_EQ(refusal("interval.ms", "99"),
              (ConfigRefusal{invalid_request,
                             "Invalid value 99 for interval.ms, interval must be "
                             "between 100 and 3600000 (1 hour)"}));
    for (std::string wrong : {"foo", "foo=bar", "client_id=[", "client_id=(a", "client_id=a)"})
        EXPECT_EQ(refusal("match", wrong),
                  (ConfigRefusal{invalid_config, "Illegal client matching pattern: " + wrong}));
}

TEST(CheckTopic, checks_the_configs_of_a_new_topic) {
    ConfigStore store = plain_store();
    EXPECT_TRUE(store.check_topic({{"cleanup.policy", "compact"}}));
    EXPECT_EQ(store.check_topic({{"foo", "1"}, {"bar", "2"}}).error().message,
              "Unknown topic config name: bar");
    EXPECT_FALSE(
        store.check_topic({{"min.compaction.lag.ms", "5"}, {"max.compaction.lag.ms", "4"}}));
    EXPECT_TRUE(ConfigStore::validate_topic("retention.ms", "5"));
    EXPECT_EQ(ConfigStore::validate_topic("retention", "5").error(),
              "Unknown topic config name: retention");
}

}  // namespace
}  // namespace stoker::broker
