// The final figures of both bombers: their names, their merging, their rates.
#include <gtest/gtest.h>

#include "load/consumer_stats.hpp"
#include "load/producer_stats.hpp"

namespace stoker::load {
namespace {

ProducerStats some_sent() {
    ProducerStats stats;
    stats.messages_queued = 105;
    stats.messages_sent = 100;
    stats.messages_failed = 5;
    stats.bytes_sent = 30'000'000;
    stats.topics_created = {"a", "b"};
    for (int i = 1; i <= 100; ++i) stats.ack_us.record(i * 1000);
    return stats;
}

ConsumerStats some_consumed() {
    ConsumerStats stats;
    stats.messages_consumed = 12;
    stats.messages_failed = 2;
    stats.bytes_consumed = 1'200;
    stats.messages_processed = 10;
    stats.processing_errors = 2;
    stats.bytes_processed = 1'000;
    stats.processing_ns = 25'000'000;
    stats.by_type = {{"transaction", 9}, {"unknown", 1}};
    stats.alerts = {{"transaction", 4}};
    stats.age_us.record(2000);
    stats.by_topic = {{"a", 12}};
    stats.lag = {{{"a", 0}, 7}};
    return stats;
}

TEST(ProducerJson, has_the_specification_s_names) {
    Json json = producer_json(
        some_sent(),
        {.start_wall_us = 1'767'268'800'000'000, .seconds = 10, .run_id = 255, .seed = 42});
    EXPECT_EQ(json["messages_sent"], 100);
    EXPECT_EQ(json["messages_failed"], 5);
    EXPECT_EQ(json["bytes_sent"], 30'000'000);
    EXPECT_EQ(json["start_time"], "2026-01-01T12:00:00.000000+00:00");
    EXPECT_EQ(json["duration_seconds"], 10);
    EXPECT_EQ(json["messages_per_second"], 10);
    EXPECT_EQ(json["mb_per_second"], 3);
    EXPECT_EQ(json["topics"], Json({"a", "b"}));
    EXPECT_EQ(json["topics_created"], json["topics"]);
    EXPECT_EQ(json["ack_ms"]["count"], 100);
    EXPECT_NEAR(json["ack_ms"]["p50"].get<double>(), 50, 0.05);
    EXPECT_NEAR(json["ack_ms"]["p99"].get<double>(), 99, 0.1);
    EXPECT_EQ(json["ack_ms"]["p99.9"], 100);
    EXPECT_EQ(json["ack_ms"]["max"], 100);
    EXPECT_EQ(json["run_id"], "00000000000000ff");
    EXPECT_EQ(json["seed"], 42);
}

TEST(ConsumerJson, has_the_specification_s_names) {
    Json json = consumer_json(some_consumed(), {.start_wall_us = 0, .seconds = 2});
    EXPECT_EQ(json["messages_consumed"], 12);
    EXPECT_EQ(json["messages_failed"], 2);
    EXPECT_EQ(json["bytes_consumed"], 1'200);
    EXPECT_EQ(json["start_time"], "1970-01-01T00:00:00.000000+00:00");
    EXPECT_EQ(json["messages_processed"], 10);
    EXPECT_EQ(json["processing_errors"], 2);
    EXPECT_EQ(json["bytes_processed"], 1'000);
    EXPECT_EQ(json["avg_processing_time_ms"], 2.5);
    EXPECT_EQ(json["error_rate"], 0.2);
    EXPECT_EQ(json["messages_per_second"], 6);
    EXPECT_EQ(json["messages_by_type"], Json({{"transaction", 9}, {"unknown", 1}}));
    EXPECT_EQ(json["messages_by_topic"], Json({{"a", 12}}));
    EXPECT_EQ(json["alerts_by_type"], Json({{"transaction", 4}}));
    EXPECT_EQ(json["consumer_lag"], Json({{"a-0", 7}}));
    EXPECT_EQ(json["age_ms"]["max"], 2);
}

TEST(ConsumerJson, of_a_run_without_messages_has_empty_objects_and_no_division_by_zero) {
    Json json = consumer_json({}, {});
    EXPECT_EQ(json["messages_by_type"], Json::object());
    EXPECT_EQ(json["messages_by_topic"], Json::object());
    EXPECT_EQ(json["consumer_lag"], Json::object());
    EXPECT_EQ(json["error_rate"], 0);
    EXPECT_EQ(json["avg_processing_time_ms"], 0);
    EXPECT_EQ(json["messages_per_second"], 0);
}

TEST(ProducerStats, merging_adds_up) {
    ProducerStats stats = some_sent();
    ProducerStats other = some_sent();
    other.topics_created = {"b", "c"};
    stats.merge(other);
    EXPECT_EQ(stats.messages_sent, 200);
    EXPECT_EQ(stats.messages_failed, 10);
    EXPECT_EQ(stats.ack_us.count(), 200);
    EXPECT_EQ(stats.topics_created, (std::set<std::string>{"a", "b", "c"}));
}

TEST(ConsumerStats, merging_adds_up) {
    ConsumerStats stats = some_consumed();
    ConsumerStats other = some_consumed();
    other.lag = {{{"a", 1}, 3}};
    stats.merge(other);
    EXPECT_EQ(stats.messages_consumed, 24);
    EXPECT_EQ(stats.by_type["transaction"], 18);
    EXPECT_EQ(stats.by_topic["a"], 24);
    EXPECT_EQ(stats.lag.size(), 2u);
}

TEST(Reports, name_every_figure_that_the_specification_asks_for) {
    std::string producer = producer_report(some_sent(), {.seconds = 10});
    EXPECT_TRUE(producer.starts_with(
        "[10 s] Messages envoyés : 100 | Messages échoués : 5 | Taux : 10.0 msg/s | "
        "Débit : 3.00 MB/s | Topics utilisés : 2 | "));
    std::string consumer = consumer_report(some_consumed(), {.seconds = 10});
    EXPECT_EQ(consumer,
              "[10 s] Messages consommés : 12 | Messages échoués : 2 | Taux : 1.2 msg/s | "
              "Débit : 0.00 MB/s | Messages traités : 10 | Taux d'erreur de traitement : 20.00 % "
              "| Topics actifs : 1\n");
}

TEST(Summaries, list_topics_and_types) {
    std::string producer = producer_summary(some_sent(), {.seconds = 10});
    EXPECT_NE(producer.find("\n    a\n    b\n"), std::string::npos);
    for (const char* words : {"Messages envoyés    100\n", "Messages échoués    5\n",
                              "Taux moyen          10.0 msg/s\n",
                              "Débit moyen         3.00 MB/s\n", "Durée totale        10.0 s\n",
                              "Topics utilisés     2\n"})
        EXPECT_NE(producer.find(words), std::string::npos) << words;
    std::string consumer = consumer_summary(some_consumed(), {.seconds = 10}, nullptr);
    for (const char* words :
         {"Statistiques globales\n", "Répartition par type de message\n    transaction",
          "9  (4 alertes)\n", "Répartition par topic\n"})
        EXPECT_NE(consumer.find(words), std::string::npos) << words;
    EXPECT_NE(consumer.find("a 12"), std::string::npos);
    EXPECT_EQ(consumer.find("sensor_data"), std::string::npos) << "types that did not come";
}

TEST(VerifiedJson, accounts_for_each_producer) {
    Verification verification;
    for (uint64_t sequence : {0, 1, 1, 3}) verification.record({.run = 1, .sequence = sequence}, 0);
    verification.record_unstamped();
    Json json = verified_json(verification);
    EXPECT_EQ(json["distinct"], 3);
    EXPECT_EQ(json["duplicated"], 1);
    EXPECT_EQ(json["unstamped"], 1);
    EXPECT_EQ(json["producers"][0]["missing_below_highest"], 1);
    EXPECT_EQ(json["end_to_end_ms"]["count"], 3);
    Json progress = consumer_progress_json({}, {}, &verification, Histogram());
    EXPECT_EQ(progress["distinct_by_run"], Json({{"0000000000000001", 3}}));
}

TEST(LineOf, mends_text_that_is_not_utf_8) {
    Json json;
    json["\xff"] = "a\xfe";
    EXPECT_EQ(line_of(json), "{\"\xef\xbf\xbd\":\"a\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace stoker::load
