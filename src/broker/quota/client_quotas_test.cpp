#include "broker/quota/client_quotas.hpp"

#include <gtest/gtest.h>

#include <string>

#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"

namespace stoker::broker {

namespace p = protocol;

namespace {

using Client = ClientQuotas::Client;

QuotaEntity entity(std::optional<std::optional<std::string>> user,
                   std::optional<std::optional<std::string>> client) {
    QuotaEntity made;
    if (user) made[quota_user] = *user;
    if (client) made[quota_client] = *client;
    return made;
}

TEST(Rate, takes_all_windows_but_the_last_for_granted) {
    QuotaWindows windows{.samples = 11, .window_ms = 1000};
    Rate rate;
    rate.record(5000, 0, windows);
    EXPECT_DOUBLE_EQ(rate.measure(0, windows), 500);
    EXPECT_EQ(rate.excess_ms(500, 0, windows), 0);
    EXPECT_EQ(rate.excess_ms(250, 0, windows), 10'000);
    EXPECT_DOUBLE_EQ(rate.measure(10'000, windows), 500);
    EXPECT_DOUBLE_EQ(rate.measure(11'000, windows), 0);
}

TEST(TokenBucket, gives_a_burst_and_may_be_overdrawn_once) {
    QuotaWindows windows{.samples = 11, .window_ms = 1000};
    TokenBucket bucket;
    EXPECT_TRUE(bucket.acceptable(1, 0, windows));
    bucket.take(14, 1, 0, windows);
    EXPECT_FALSE(bucket.acceptable(1, 1000, windows));
    EXPECT_EQ(bucket.excess_ms(1), 2000);
    EXPECT_TRUE(bucket.acceptable(1, 3000, windows));
}

TEST(ClientQuotas, the_more_is_said_about_the_user_and_the_client_the_sooner_it_counts) {
    const std::optional<std::string> ann = "ann", app = "app", any = std::nullopt;
    const std::vector<QuotaEntity> ladder{
        entity(ann, app), entity(ann, any), entity(ann, {}), entity(any, app),
        entity(any, any), entity(any, {}),  entity({}, app), entity({}, any)};
    for (size_t first = 0; first < ladder.size(); ++first) {
        ManualClock clock;
        ClientQuotas quotas(clock, {});
        QuotaMap map;
        for (size_t i = first; i < ladder.size(); ++i)
            map[ladder[i]] = {{"producer_byte_rate", double(100 * (i + 1))}};
        quotas.set(map);
        EXPECT_EQ(quotas.window_max(QuotaKind::produce, {.user = "ann", .id = "app"}),
                  double(100 * (first + 1)) * 10)
            << "from rung " << first;
    }
}

TEST(ClientQuotas, a_user_shares_one_quota_with_all_clients_and_a_default_is_for_each) {
    ManualClock clock;
    ClientQuotas quotas(clock, {});
    quotas.set({{entity(std::optional<std::string>("ann"), {}), {{"producer_byte_rate", 100}}},
                {entity({}, std::optional<std::string>()), {{"producer_byte_rate", 100}}}});
    EXPECT_EQ(quotas.record(QuotaKind::produce, {.user = "ann", .id = "a"}, 1000), 0);
    EXPECT_GT(quotas.record(QuotaKind::produce, {.user = "ann", .id = "b"}, 1000), 0);
    EXPECT_EQ(quotas.record(QuotaKind::produce, {.user = "bob", .id = "a"}, 1000), 0);
    EXPECT_EQ(quotas.record(QuotaKind::produce, {.user = "bob", .id = "b"}, 1000), 0);
    EXPECT_GT(quotas.record(QuotaKind::produce, {.user = "eve", .id = "b"}, 1000), 0);
}

TEST(ClientQuotas, invented_client_ids_do_not_fill_the_memory) {
    ManualClock clock;
    ClientQuotas quotas(clock, {});
    quotas.set({{entity({}, std::optional<std::string>()), {{"producer_byte_rate", 1}}}});
    for (int i = 0; i < 30'000; ++i)
        quotas.record(QuotaKind::produce, {.user = "u", .id = std::to_string(i)}, 1);
    EXPECT_LE(quotas.remembered(), 10'000u);
}

p::AlterClientQuotasRequest alteration(const std::string& key, double value,
                                       const std::string& kind = "client-id",
                                       std::optional<std::string> name = "test") {
    p::AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    entry.entity.push_back({.entity_type = kind, .entity_name = std::move(name)});
    entry.ops.push_back({.key = key, .value = value});
    return request;
}

p::AlterClientQuotasResponse alter(TestBroker& broker, const std::string& key, double value,
                                   const std::string& kind = "client-id",
                                   std::optional<std::string> name = "test") {
    return broker.ask<p::AlterClientQuotasResponse>(
        alteration(key, value, kind, std::move(name)), 1);
}

uint64_t send_batch(TestBroker& broker, size_t size) {
    std::string value(size, 'x');
    Bytes batch = batch_of({value}, broker.clock().wall_ms());
    p::ProduceRequest request{.transactional_id = std::nullopt, .acks = 1, .timeout_ms = 1000};
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    topic.partition_data.push_back(
        {.index = PartitionId{0}, .records = p::Records{.bytes = batch}});
    return broker.send(request, 9);
}

TEST(Quotas, a_producer_beyond_its_rate_is_told_and_muted_and_its_records_are_kept) {
    TestBroker broker;
    broker.broker().metadata().create_topic({.name = "t", .configs = {}});
    alter(broker, "producer_byte_rate", 1000);
    uint64_t number = send_batch(broker, 20'000);
    auto answer = broker.answer<p::ProduceResponse>(number, 9);
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
    // 20 kB where 10 are a window's worth: as long again.
    EXPECT_NEAR(answer.throttle_time_ms, 10'000, 1000);
    EXPECT_EQ(broker.raw_answer(number).mute_ms, answer.throttle_time_ms);
    broker.clock().advance_ms(60'000);
    EXPECT_EQ(broker.answer<p::ProduceResponse>(send_batch(broker, 10), 9).throttle_time_ms, 0);
}

p::FetchRequest fetch_all() {
    p::FetchRequest request{.max_wait_ms = 0, .max_bytes = 1 << 20};
    auto& topic = request.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.push_back({.partition = PartitionId{0}, .partition_max_bytes = 1 << 20});
    return request;
}

TEST(Quotas, a_consumer_beyond_its_rate_gets_nothing_until_it_has_waited) {
    TestBroker broker;
    broker.broker().metadata().create_topic({.name = "t", .configs = {}});
    broker.answer<p::ProduceResponse>(send_batch(broker, 9'000), 9);
    alter(broker, "consumer_byte_rate", 1000);
    EXPECT_EQ(broker.ask<p::FetchResponse>(fetch_all(), 11).throttle_time_ms, 0);
    auto later = broker.ask<p::FetchResponse>(fetch_all(), 11);
    EXPECT_GT(later.throttle_time_ms, 0);
    EXPECT_TRUE(later.responses.empty());
    broker.clock().advance_ms(60'000);
    EXPECT_FALSE(broker.ask<p::FetchResponse>(fetch_all(), 11).responses.empty());
}

TEST(Quotas, partitions_beyond_the_controllers_rate_are_refused_and_older_clients_wait) {
    TestBroker broker(ConfigMap{{"controller.quota.window.num", "2"}});
    alter(broker, "controller_mutation_rate", 1);
    auto create = [&](const std::string& name, int16_t version) {
        p::CreateTopicsRequest request;
        request.topics.push_back({.name = name, .num_partitions = 5, .replication_factor = 1});
        return broker.ask<p::CreateTopicsResponse>(request, version);
    };
    EXPECT_EQ(create("a", 6).topics.at(0).error_code, ErrorCode::none);
    auto refused = create("b", 6);
    EXPECT_EQ(refused.topics.at(0).error_code, ErrorCode::throttling_quota_exceeded);
    EXPECT_EQ(refused.throttle_time_ms, 3000);
    auto accepted = create("c", 5);
    EXPECT_EQ(accepted.topics.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(accepted.throttle_time_ms, 8000);
}

TEST(Quotas, are_described_by_filter_and_survive_the_death_of_the_process) {
    TestBroker broker;
    alter(broker, "producer_byte_rate", 1000);
    alter(broker, "request_percentage", 12.5, "user", std::nullopt);
    alter(broker, "connection_creation_rate", 7, "ip", "10.0.0.1");
    broker.kill_and_restart();
    EXPECT_TRUE(broker.broker().quotas().active());
    auto all = broker.ask<p::DescribeClientQuotasResponse>(p::DescribeClientQuotasRequest{}, 1);
    EXPECT_EQ(all.entries->size(), 3u);
    p::DescribeClientQuotasRequest of_default{
        .components = {{.entity_type = "user", .match_type = 1, .match = std::nullopt}},
        .strict = true};
    auto told = broker.ask<p::DescribeClientQuotasResponse>(of_default, 1);
    ASSERT_EQ(told.entries->size(), 1u);
    EXPECT_EQ(told.entries->at(0).values.at(0).key, "request_percentage");
    EXPECT_DOUBLE_EQ(told.entries->at(0).values.at(0).value, 12.5);
}

TEST(Quotas, that_cannot_be_are_refused_in_kafkas_words) {
    TestBroker broker;
    auto why = [&](const std::string& key, double value, const std::string& kind = "user",
                   std::optional<std::string> name = "ann") {
        return alter(broker, key, value, kind, std::move(name)).entries.at(0).error_message;
    };
    EXPECT_EQ(why("nothing", 1), "Invalid configuration key nothing");
    EXPECT_EQ(why("producer_byte_rate", 0), "Quota producer_byte_rate must be greater than 0");
    EXPECT_EQ(why("producer_byte_rate", 1.5), "producer_byte_rate cannot be a fractional value.");
    EXPECT_EQ(why("producer_byte_rate", 1, "ip", "10.0.0.1"),
              "Invalid configuration key producer_byte_rate");
    EXPECT_EQ(why("connection_creation_rate", 1, "ip", "no such"),
              "no such is not a valid IP or resolvable host.");
    EXPECT_EQ(why("producer_byte_rate", 1, "planet"),
              "Unhandled client quota entity type: planet");
    EXPECT_EQ(why("producer_byte_rate", 1, "user", ""), "Empty user not supported");
    EXPECT_EQ(why("producer_byte_rate", 1), std::nullopt);
    p::AlterClientQuotasRequest nobody;
    nobody.entries.emplace_back();
    EXPECT_EQ(broker.ask<p::AlterClientQuotasResponse>(nobody, 1).entries.at(0).error_message,
              "Invalid empty client quota entity");
}

TEST(Quotas, cost_nothing_where_there_are_none) {
    TestBroker broker;
    EXPECT_FALSE(broker.broker().quotas().active());
    alter(broker, "producer_byte_rate", 1000);
    EXPECT_TRUE(broker.broker().quotas().active());
    auto request = alteration("producer_byte_rate", 0);
    request.entries[0].ops[0].remove = true;
    broker.ask<p::AlterClientQuotasResponse>(request, 1);
    EXPECT_FALSE(broker.broker().quotas().active());
    EXPECT_EQ(broker.broker().quotas().remembered(), 0u);
}

}  // namespace
}  // namespace stoker::broker
