#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "broker/handler.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"

namespace stoker::broker {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 11;

void create(TestBroker& test, const std::string& name, int32_t partitions = 1) {
    CreateTopicsRequest request{
        .topics = {{.name = name, .num_partitions = partitions, .replication_factor = 1}}};
    auto response = test.ask<CreateTopicsResponse>(request, 7);
    ASSERT_EQ(response.topics.at(0).error_code, ErrorCode::none);
}

ProduceRequest produce_request(const std::string& topic, Bytes& batch, int16_t acks = -1) {
    return {.acks = acks,
            .timeout_ms = 1000,
            .topic_data = {{.name = topic,
                            .partition_data = {
                                {.index = PartitionId{0}, .records = Records{.bytes = batch}}}}}};
}

ProduceResponse::PartitionProduceResponse produce(TestBroker& test, const std::string& topic,
                                                  Bytes batch) {
    auto response = test.ask<ProduceResponse>(produce_request(topic, batch), produce_version);
    return response.responses.at(0).partition_responses.at(0);
}

FetchRequest fetch_request(const std::string& topic, int64_t offset, int32_t max_wait_ms = 0) {
    return {.max_wait_ms = max_wait_ms,
            .min_bytes = 1,
            .max_bytes = 1 << 20,
            .topics = {{.topic = topic,
                        .partitions = {{.partition = PartitionId{0},
                                        .fetch_offset = Offset{offset},
                                        .partition_max_bytes = 1 << 20}}}}};
}

std::vector<std::string> values(const FetchResponse::PartitionData& data) {
    std::vector<std::string> all;
    record::BatchReader batches(data.records->bytes);
    for (auto batch = batches.next(); batch && *batch; batch = batches.next())
        (void)record::for_each_record(**batch, 1 << 20, [&](const record::RecordView& record) {
            all.emplace_back(text_of(*record.value));
        });
    return all;
}

TEST(Broker, what_was_produced_is_fetched) {
    TestBroker test;
    create(test, "t");
    EXPECT_EQ(produce(test, "t", batch_of({"a", "b"}, 1)).base_offset, Offset{0});
    EXPECT_EQ(produce(test, "t", batch_of({"c"}, 2)).base_offset, Offset{2});
    auto response = test.ask<FetchResponse>(fetch_request("t", 0), fetch_version);
    const auto& data = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(data.high_watermark, Offset{3});
    EXPECT_EQ(values(data), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Broker, what_was_produced_is_fetched_after_kill_9) {
    TestBroker test;
    create(test, "t");
    produce(test, "t", batch_of({"a", "b"}, 1));
    test.kill_and_restart();
    auto response = test.ask<FetchResponse>(fetch_request("t", 1), fetch_version);
    EXPECT_EQ(values(response.responses.at(0).partitions.at(0)),
              (std::vector<std::string>{"a", "b"}));  // the whole batch that holds the offset
}

TEST(Broker, damage_to_a_partitions_metadata_costs_no_record) {
    TestBroker test;
    create(test, "t");
    Bytes batch = batch_of({"a"}, test.clock().wall_ms());
    ASSERT_EQ(produce(test, "t", batch).error_code, ErrorCode::none);
    const std::string path = "/data/t-0/partition.metadata";
    const Bytes good = storage::read_file(test.disk(), path).value();
    const auto end = [&] {
        return test.broker().metadata().find("t")->partition(PartitionId{0})->log().value()
            ->end_offset();
    };
    for (size_t i = 0; i <= good.size(); ++i) {
        Bytes bad = good;
        if (i < good.size()) bad[i] ^= std::byte(1 << i % 7);
        else bad.clear();
        ASSERT_TRUE(test.disk().open(path, storage::OpenMode::create).value()->write(0, bad));
        test.kill_and_restart();
        ASSERT_EQ(end(), Offset{1}) << "byte " << i;
        ASSERT_TRUE(equal(storage::read_file(test.disk(), path).value(), good)) << "byte " << i;
    }
    ASSERT_TRUE(test.disk().remove(path));
    test.kill_and_restart();
    EXPECT_EQ(end(), Offset{1});
}

TEST(Broker, the_folder_of_a_topic_that_nobody_knows_any_more_is_set_aside_not_removed) {
    TestBroker test;
    create(test, "t");
    Bytes batch = batch_of({"a"}, test.clock().wall_ms());
    ASSERT_EQ(produce(test, "t", batch).error_code, ErrorCode::none);
    const std::string other = "version: 0\ntopic_id: " + to_string(Random(7).uuid());
    ASSERT_TRUE(test.disk()
                    .open("/data/t-0/partition.metadata", storage::OpenMode::create)
                    .value()
                    ->write(0, bytes_of(other)));
    test.kill_and_restart();
    EXPECT_EQ(produce(test, "t", batch).base_offset, Offset{0});
    test.clock().advance_ms(3'600'000);
    test.logs().tick();
    test.kill_and_restart();
    const auto names = test.disk().list("/data").value();
    const auto stray = std::ranges::find_if(
        names, [](const std::string& name) { return name.ends_with("-stray"); });
    ASSERT_NE(stray, names.end());
    EXPECT_TRUE(test.disk().exists("/data/" + *stray + "/00000000000000000000.log").value());
}

TEST(Broker, every_served_version_of_produce_and_fetch_carries_records) {
    TestBroker test;
    create(test, "t");
    Uuid id = test.broker().metadata().find("t")->id;
    int64_t expected = 0;
    for (int16_t version = ProduceRequest::api.versions.first;
         version <= ProduceRequest::api.versions.last; ++version) {
        Bytes batch = batch_of({"v"}, 1);
        ProduceRequest request = produce_request("t", batch);
        if (version >= 13)
            request.topic_data[0] = {.topic_id = id,
                                     .partition_data = request.topic_data[0].partition_data};
        auto response = test.ask<ProduceResponse>(request, version);
        const auto& answer = response.responses.at(0).partition_responses.at(0);
        EXPECT_EQ(answer.error_code, ErrorCode::none) << version;
        EXPECT_EQ(answer.base_offset, Offset{expected++}) << version;
    }
    for (int16_t version = FetchRequest::api.versions.first;
         version <= FetchRequest::api.versions.last; ++version) {
        FetchRequest request = fetch_request("t", 0);
        if (version >= 13) {
            request.topics[0].topic.clear();
            request.topics[0].topic_id = id;
        }
        auto response = test.ask<FetchResponse>(request, version);
        EXPECT_EQ(std::ssize(values(response.responses.at(0).partitions.at(0))), expected)
            << version;
    }
}

template <class Asked, class Answered>
void ask_in_every_version(TestBroker& test, const Asked& asked) {
    for (int16_t version = Asked::api.versions.first; version <= Asked::api.versions.last;
         ++version)
        test.ask<Answered>(asked, version);
}

TEST(Broker, every_version_of_the_read_only_apis_is_answered_with_real_content) {
    TestBroker test;
    create(test, "t", 2);
    produce(test, "t", batch_of({"a"}, 5));
    ask_in_every_version<MetadataRequest, MetadataResponse>(test, {});
    ask_in_every_version<ListOffsetsRequest, ListOffsetsResponse>(
        test, {.replica_id = -1,
               .topics = {{.name = "t",
                           .partitions = {{.partition_index = PartitionId{0}, .timestamp = -1},
                                          {.partition_index = PartitionId{0}, .timestamp = -2},
                                          {.partition_index = PartitionId{0}, .timestamp = 0}}}}});
    ask_in_every_version<DescribeConfigsRequest, DescribeConfigsResponse>(
        test,
        {.resources = {
             {.resource_type = 2, .resource_name = "t", .configuration_keys = std::nullopt},
             {.resource_type = 4, .resource_name = "1", .configuration_keys = std::nullopt}}});
    ask_in_every_version<DescribeClusterRequest, DescribeClusterResponse>(test, {});
    ask_in_every_version<ListGroupsRequest, ListGroupsResponse>(test, {});
    ask_in_every_version<InitProducerIdRequest, InitProducerIdResponse>(
        test, {.transactional_id = std::nullopt});
}

TEST(Broker, find_coordinator_creates_the_offsets_topic_and_answers_in_every_version) {
    TestBroker test;
    for (int16_t version = 0; version <= FindCoordinatorRequest::api.versions.last; ++version) {
        FindCoordinatorRequest request;
        if (version >= 4)
            request.coordinator_keys = {"g"};
        else
            request.key = "g";
        auto response = test.ask<FindCoordinatorResponse>(request, version);
        auto port = version >= 4 ? response.coordinators.at(0).port : response.port;
        EXPECT_EQ(port, 9092) << version;
    }
    EXPECT_EQ(test.broker().metadata().find("__consumer_offsets")->partitions.size(), 50u);
}

TEST(Broker, topics_are_created_and_deleted_in_every_version) {
    TestBroker test;
    for (int16_t version = 2; version <= CreateTopicsRequest::api.versions.last; ++version) {
        std::string name = "v" + std::to_string(version);
        CreateTopicsRequest request{
            .topics = {{.name = name, .num_partitions = 1, .replication_factor = 1}}};
        auto response = test.ask<CreateTopicsResponse>(request, version);
        EXPECT_EQ(response.topics.at(0).error_code, ErrorCode::none) << version;
    }
    for (int16_t version = 1; version <= 5; ++version) {
        DeleteTopicsRequest request{.topic_names = {"v" + std::to_string(version + 1)}};
        auto response = test.ask<DeleteTopicsResponse>(request, version);
        EXPECT_EQ(response.responses.at(0).error_code, ErrorCode::none) << version;
    }
}

TEST(Broker, a_fetch_waits_until_data_arrives) {
    TestBroker test;
    create(test, "t");
    uint64_t waiting = test.send(fetch_request("t", 0, 500), fetch_version);
    EXPECT_FALSE(test.answered(waiting));
    produce(test, "t", batch_of({"late"}, 1));
    auto response = test.answer<FetchResponse>(waiting, fetch_version);
    EXPECT_EQ(values(response.responses.at(0).partitions.at(0)), std::vector<std::string>{"late"});
}

TEST(Broker, a_fetch_that_waited_long_enough_is_answered_empty) {
    TestBroker test;
    create(test, "t");
    uint64_t waiting = test.send(fetch_request("t", 0, 500), fetch_version);
    test.clock().advance_ms(499);
    test.broker().tick();
    EXPECT_FALSE(test.answered(waiting));
    test.clock().advance_ms(1);
    test.broker().tick();
    auto response = test.answer<FetchResponse>(waiting, fetch_version);
    EXPECT_TRUE(values(response.responses.at(0).partitions.at(0)).empty());
    EXPECT_EQ(test.broker().timers().size(), 0u);
}

TEST(Broker, a_waiting_fetch_ends_with_its_connection) {
    TestBroker test;
    create(test, "t");
    uint64_t waiting = test.send(fetch_request("t", 0, 500'000), fetch_version);
    test.broker().session_closed(1);
    EXPECT_TRUE(test.answered(waiting));
    EXPECT_EQ(test.broker().timers().size(), 0u);
}

TEST(Broker, an_incremental_fetch_tells_only_news) {
    TestBroker test;
    create(test, "a");
    create(test, "b");
    FetchRequest all = fetch_request("a", 0);
    all.topics.push_back(fetch_request("b", 0).topics[0]);
    all.session_epoch = 0;
    auto first = test.ask<FetchResponse>(all, fetch_version);
    EXPECT_EQ(first.responses.size(), 2u);
    ASSERT_NE(first.session_id, 0);
    FetchRequest more{.max_bytes = 1 << 20, .session_id = first.session_id, .session_epoch = 1};
    EXPECT_TRUE(test.ask<FetchResponse>(more, fetch_version).responses.empty());
    produce(test, "b", batch_of({"x"}, 1));
    more.session_epoch = 2;
    auto news = test.ask<FetchResponse>(more, fetch_version);
    ASSERT_EQ(news.responses.size(), 1u);
    EXPECT_EQ(news.responses[0].topic, "b");
}

TEST(Broker, a_stale_epoch_of_a_fetch_session_is_refused) {
    TestBroker test;
    create(test, "t");
    FetchRequest request = fetch_request("t", 0);
    request.session_epoch = 0;
    request.session_id = test.ask<FetchResponse>(request, fetch_version).session_id;
    request.session_epoch = 7;
    EXPECT_EQ(test.ask<FetchResponse>(request, fetch_version).error_code,
              ErrorCode::invalid_fetch_session_epoch);
    request.session_id = 123456;
    EXPECT_EQ(test.ask<FetchResponse>(request, fetch_version).error_code,
              ErrorCode::fetch_session_id_not_found);
}

TEST(Broker, a_repeated_batch_is_answered_with_its_first_offset_also_after_kill_9) {
    TestBroker test;
    create(test, "t");
    ProducerId id =
        test.ask<InitProducerIdResponse>(InitProducerIdRequest{.transactional_id = std::nullopt}, 4)
            .producer_id;
    Bytes batch =
        batch_of({"a", "b"}, 1, {.producer_id = id, .producer_epoch = 0, .base_sequence = 0});
    EXPECT_EQ(produce(test, "t", batch).base_offset, Offset{0});
    EXPECT_EQ(produce(test, "t", batch).base_offset, Offset{0});
    test.kill_and_restart();
    EXPECT_EQ(produce(test, "t", batch).base_offset, Offset{0});
    Bytes gap = batch_of({"z"}, 1, {.producer_id = id, .producer_epoch = 0, .base_sequence = 9});
    EXPECT_EQ(produce(test, "t", gap).error_code, ErrorCode::out_of_order_sequence_number);
}

TEST(Broker, a_producer_id_is_never_given_twice) {
    TestBroker test;
    std::set<ProducerId> given;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 1500; ++i)
            given.insert(test.ask<InitProducerIdResponse>(
                                 InitProducerIdRequest{.transactional_id = std::nullopt}, 4)
                             .producer_id);
        test.kill_and_restart();
    }
    EXPECT_EQ(given.size(), 4500u);
}

TEST(Broker, in_class_disk_an_ack_waits_for_the_sync) {
    TestBroker test(ConfigMap{{"log.flush.interval.messages", "1"}});
    create(test, "t");
    Bytes batch = batch_of({"a"}, 1);
    uint64_t waiting = test.send(produce_request("t", batch), produce_version);
    uint64_t fetch = test.send(fetch_request("t", 0, 500), fetch_version);
    EXPECT_FALSE(test.answered(waiting));
    EXPECT_FALSE(test.answered(fetch));  // nobody sees what is not durable
    while (test.logs().do_work()) {
    }
    auto response = test.answer<ProduceResponse>(waiting, produce_version);
    EXPECT_EQ(response.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
    EXPECT_TRUE(test.answered(fetch));
}

TEST(Broker, acks_0_gets_no_answer_and_an_error_closes_the_connection) {
    TestBroker test;
    create(test, "t");
    Bytes good = batch_of({"a"}, 1);
    uint64_t silent = test.send(produce_request("t", good, 0), produce_version);
    EXPECT_EQ(test.raw_answer(silent).kind, net::Answer::Kind::none);
    Bytes lost = batch_of({"a"}, 1);
    uint64_t failed = test.send(produce_request("nowhere", lost, 0), produce_version);
    EXPECT_EQ(test.raw_answer(failed).kind, net::Answer::Kind::close);
}

TEST(Broker, bad_batches_are_refused_with_kafkas_codes_and_nothing_is_stored) {
    TestBroker test(ConfigMap{{"message.max.bytes", "1000"}});
    create(test, "t");
    Bytes damaged = batch_of({"a"}, 1);
    damaged.back() ^= std::byte{1};
    EXPECT_EQ(produce(test, "t", damaged).error_code, ErrorCode::corrupt_message);
    EXPECT_EQ(produce(test, "t", batch_of({std::string(2000, 'x')}, 1)).error_code,
              ErrorCode::message_too_large);
    EXPECT_EQ(produce(test, "t", {}).error_code, ErrorCode::invalid_record);
    Bytes two = batch_of({"a"}, 1);
    Bytes second = batch_of({"b"}, 1);
    two.insert(two.end(), second.begin(), second.end());
    EXPECT_EQ(produce(test, "t", two).error_code, ErrorCode::invalid_record);
    Bytes future = batch_of({"a"}, test.clock().wall_ms() + 7'200'000);
    EXPECT_EQ(produce(test, "t", future).error_code, ErrorCode::invalid_timestamp);
    EXPECT_EQ(produce(test, "nowhere", batch_of({"a"}, 1)).error_code,
              ErrorCode::unknown_topic_or_partition);
    auto fetched = test.ask<FetchResponse>(fetch_request("t", 0), fetch_version);
    EXPECT_EQ(fetched.responses.at(0).partitions.at(0).high_watermark, Offset{0});
}

TEST(Broker, a_producer_cannot_claim_log_append_time) {
    TestBroker test;
    create(test, "t");
    Bytes batch = batch_of({"a"}, 7, {.log_append_time = true, .append_time_ms = 7});
    EXPECT_EQ(produce(test, "t", batch).error_code, ErrorCode::none);
    auto response = test.ask<FetchResponse>(fetch_request("t", 0), fetch_version);
    auto stored = record::validate(response.responses.at(0).partitions.at(0).records->bytes,
                                   record::Origin::log);
    ASSERT_TRUE(stored);
    EXPECT_FALSE(stored->is_log_append_time());
}

TEST(Broker, an_offset_out_of_range_is_said) {
    TestBroker test;
    create(test, "t");
    auto response = test.ask<FetchResponse>(fetch_request("t", 5), fetch_version);
    EXPECT_EQ(response.responses.at(0).partitions.at(0).error_code, ErrorCode::offset_out_of_range);
}

TEST(Broker, an_unknown_api_or_version_closes_the_connection) {
    TestBroker test;
    Bytes frame = from_hex("03e7000000000001ffff");
    auto answers = std::make_shared<Answers>();
    test.broker().handle({}, frame, net::Responder(answers, 1));
    EXPECT_EQ(answers->find(1)->kind, net::Answer::Kind::close);
}

TEST(Broker, an_api_versions_request_from_the_future_is_answered_in_version_0) {
    TestBroker test;
    Bytes frame = from_hex("001200630000000100046b63617400");  // version 99, client "kcat"
    auto answers = std::make_shared<Answers>();
    test.broker().handle({}, frame, net::Responder(answers, 1));
    ASSERT_EQ(answers->find(1)->kind, net::Answer::Kind::reply);
    EXPECT_EQ(hex(answers->find(1)->frame.bytes), "0000001000000001002300000001001200000004");
}

TEST(Broker, malformed_bodies_close_the_connection) {
    TestBroker test;
    Bytes frame = from_hex("0003000900000001000000");  // Metadata 9, cut off
    auto answers = std::make_shared<Answers>();
    test.broker().handle({}, frame, net::Responder(answers, 1));
    ASSERT_EQ(answers->find(1)->kind, net::Answer::Kind::close);
    EXPECT_NE(answers->find(1)->reason, "");
}

TEST(Broker, bytes_behind_a_request_are_ignored_as_by_apache_kafka) {
    TestBroker test;
    Bytes frame = protocol::encode_request(1, "c", MetadataRequest{}, 13);
    frame.push_back(std::byte{0});
    auto answers = std::make_shared<Answers>();
    test.broker().handle({}, MutableByteView(frame).subspan(4), net::Responder(answers, 1));
    EXPECT_EQ(answers->find(1)->kind, net::Answer::Kind::reply);
}

TEST(Broker, produce_is_advertised_from_0_and_join_group_from_0) {
    TestBroker test;
    auto response = test.ask<ApiVersionsResponse>(ApiVersionsRequest{}, 2);
    std::map<int16_t, int16_t> lowest;
    for (const auto& api : response.api_keys) lowest[api.api_key] = api.min_version;
    EXPECT_EQ(lowest.at(0), 0);
    EXPECT_EQ(lowest.at(11), 0);
    EXPECT_EQ(response.api_keys.size(), handlers().size());
}

TEST(Broker, metadata_creates_topics_where_broker_and_client_allow_it) {
    TestBroker test;
    MetadataRequest request{.topics = {{{.name = "new"}}}, .allow_auto_topic_creation = false};
    auto refused = test.ask<MetadataResponse>(request, 9);
    EXPECT_EQ(refused.topics.at(0).error_code, ErrorCode::unknown_topic_or_partition);
    request.allow_auto_topic_creation = true;
    auto created = test.ask<MetadataResponse>(request, 9);
    EXPECT_EQ(created.topics.at(0).error_code, ErrorCode::none);
    request.topics->at(0).name = "not/legal";
    auto illegal = test.ask<MetadataResponse>(request, 9);
    EXPECT_EQ(illegal.topics.at(0).error_code, ErrorCode::invalid_topic_exception);
}

TEST(Broker, a_topic_that_is_deleted_and_created_again_is_empty) {
    TestBroker test;
    create(test, "t");
    produce(test, "t", batch_of({"old"}, 1));
    auto gone = test.ask<DeleteTopicsResponse>(DeleteTopicsRequest{.topic_names = {"t"}}, 4);
    EXPECT_EQ(gone.responses.at(0).error_code, ErrorCode::none);
    create(test, "t");
    auto response = test.ask<FetchResponse>(fetch_request("t", 0), fetch_version);
    EXPECT_EQ(response.responses.at(0).partitions.at(0).high_watermark, Offset{0});
}

TEST(Broker, an_altered_config_takes_effect_and_survives_a_restart) {
    TestBroker test;
    create(test, "t");
    IncrementalAlterConfigsRequest request{
        .resources = {{.resource_type = 2,
                       .resource_name = "t",
                       .configs = {{.name = "max.message.bytes", .value = "100"}}}}};
    auto altered = test.ask<IncrementalAlterConfigsResponse>(request, 1);
    EXPECT_EQ(altered.responses.at(0).error_code, ErrorCode::none);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(produce(test, "t", batch_of({std::string(200, 'x')}, 1)).error_code,
                  ErrorCode::message_too_large);
        test.kill_and_restart();
    }
}

TEST(Broker, partitions_only_grow) {
    TestBroker test;
    create(test, "t", 2);
    auto grow = [&](int32_t count) {
        CreatePartitionsRequest request{
            .topics = {{.name = "t", .count = count, .assignments = std::nullopt}}};
        return test.ask<CreatePartitionsResponse>(request, 3).results.at(0).error_code;
    };
    EXPECT_EQ(grow(3), ErrorCode::none);
    EXPECT_EQ(grow(3), ErrorCode::invalid_partitions);
    EXPECT_EQ(grow(1), ErrorCode::invalid_partitions);
    EXPECT_EQ(test.broker().metadata().find("t")->partitions.size(), 3u);
}

}  // namespace
}  // namespace stoker::broker
