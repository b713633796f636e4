#include "kafka/admin.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "kafka/admin_configs.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/delegation_token.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/scripted_broker.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"

namespace stoker::kafka {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Script = std::map<int16_t, ScriptedBroker::Reaction>;

const SystemClock the_clock;

class AdminTest : public testing::Test {
protected:
    std::unique_ptr<Admin> admin(const std::string& servers, const std::string& timeout_ms) {
        ClientProperties properties;
        properties.set("bootstrap.servers", servers);
        properties.set("default.api.timeout.ms", timeout_ms);
        properties.set("retry.backoff.ms", "1");
        properties.set("reconnect.backoff.ms", "1");
        properties.set("reconnect.backoff.max.ms", "1");
        Log log(the_clock, [this](std::string_view line) { lines += line; });
        return value_or_throw(Admin::create(properties, log, the_clock));
    }
    std::unique_ptr<Admin> admin(const ScriptedBroker& broker) {
        return admin(broker.server(), "10000");
    }

    std::string lines;
};

/// This broker with one topic of so many partitions, which it leads.
MetadataResponse with_topic(const ScriptedBroker& broker, const std::string& name,
                            int32_t partitions) {
    MetadataResponse metadata = broker.this_node();
    auto& topic = metadata.topics.emplace_back();
    topic.name = name;
    for (int32_t i = 0; i < partitions; ++i) {
        topic.partitions.push_back({.partition_index = PartitionId{i},
                                    .leader_id = 1,
                                    .replica_nodes = {1},
                                    .isr_nodes = {1}});
    }
    return metadata;
}

TEST_F(AdminTest, a_dead_cluster_is_javas_time_out_with_the_name_of_the_call) {
    auto client = admin("127.0.0.1:1", "30");
    EXPECT_EQ(list_topics(*client, true).error().to_string(),
              "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node "
              "assignment. Call: listTopics");
    EXPECT_NE(lines.find("[AdminClient clientId=adminclient-1] Connection to node -1 "),
              std::string::npos);
}

TEST_F(AdminTest, a_bootstrap_list_that_cannot_be_read_has_javas_exception_around_it) {
    ClientProperties properties;
    properties.set("bootstrap.servers", "localhost");
    auto made = Admin::create(properties, Log(the_clock, [](std::string_view) {}), the_clock);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().to_string(),
              "org.apache.kafka.common.KafkaException: Failed to create new KafkaAdminClient");
    ASSERT_NE(made.error().cause, nullptr);
    EXPECT_EQ(made.error().cause->to_string(),
              "org.apache.kafka.common.config.ConfigException: Invalid url in bootstrap.servers: "
              "localhost");
}

TEST_F(AdminTest, a_topic_that_exists_fails_with_the_text_of_the_broker) {
    ScriptedBroker broker(
        Script{{CreateTopicsRequest::api.key, [](const ScriptedRequest& request) {
                    EXPECT_EQ(request.decode<CreateTopicsRequest>().topics.front().num_partitions,
                              3);
                    CreateTopicsResponse response;
                    auto& topic = response.topics.emplace_back();
                    topic.name = "t";
                    topic.error_code = ErrorCode::topic_already_exists;
                    topic.error_message = "Topic 't' already exists.";
                    return request.answer(response);
                }}});
    auto client = admin(broker);
    auto created = create_topic(*client, {.name = "t", .partitions = 3});
    EXPECT_EQ(created.error().text(), "Topic 't' already exists.");
    EXPECT_EQ(created.error().code, ErrorCode::topic_already_exists);
    EXPECT_EQ(create_topic(*client, {.name = ""}).error().text(),
              "The given topic name '' cannot be represented in a request.");
}

TEST_F(AdminTest, another_controller_is_looked_for_when_this_one_is_none_any_more) {
    std::atomic<int> calls = 0;
    ScriptedBroker broker(
        Script{{CreateTopicsRequest::api.key, [&](const ScriptedRequest& request) {
                    CreateTopicsResponse response;
                    auto& topic = response.topics.emplace_back();
                    topic.name = "t";
                    if (calls++ == 0) topic.error_code = ErrorCode::not_controller;
                    return request.answer(response);
                }}});
    auto client = admin(broker);
    EXPECT_TRUE(create_topic(*client, {.name = "t"}));
    EXPECT_EQ(broker.asked(), (std::vector<int16_t>{18, 3, 19, 3, 19}));
}

DescribeTopicPartitionsResponse one_partition(const std::string& topic, int32_t partition) {
    DescribeTopicPartitionsResponse response;
    auto& described = response.topics.emplace_back();
    described.name = topic;
    described.partitions.push_back(
        {.partition_index = PartitionId{partition}, .leader_id = 1, .replica_nodes = {1}});
    return response;
}

TEST_F(AdminTest, topics_are_described_page_by_page) {
    ScriptedBroker broker(
        Script{{DescribeTopicPartitionsRequest::api.key, [](const ScriptedRequest& request) {
                    auto asked = request.decode<DescribeTopicPartitionsRequest>();
                    int32_t next = asked.cursor ? raw(asked.cursor->partition_index) : 0;
                    auto response = one_partition("t", next);
                    if (next < 2) response.next_cursor = {"t", PartitionId{next + 1}};
                    return request.answer(response);
                }}});
    auto client = admin(broker);
    auto described = describe_topics(*client, std::vector<std::string>{"t", "absent"}, 1);
    ASSERT_TRUE(described);
    ASSERT_TRUE(described->at(0));
    EXPECT_EQ(described->at(0)->partitions.size(), 3u);
    EXPECT_EQ(described->at(1).error().code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(AdminTest, a_cursor_that_does_not_advance_ends_the_pages) {
    ScriptedBroker broker(
        Script{{DescribeTopicPartitionsRequest::api.key, [](const ScriptedRequest& request) {
                    auto response = one_partition("t", 0);
                    response.next_cursor = {"t", PartitionId{0}};
                    return request.answer(response);
                }}});
    auto client = admin(broker);
    auto described = describe_topics(*client, std::vector<std::string>{"t"});
    EXPECT_TRUE(described.error().is("SchemaException"));
}

TEST_F(AdminTest, brokers_without_pages_are_asked_by_metadata) {
    ScriptedBroker* self = nullptr;
    ScriptedBroker broker(
        Script{{protocol::ApiVersionsRequest::api.key,
                [](const ScriptedRequest& request) {
                    auto versions = ScriptedBroker::all_versions();
                    std::erase_if(versions.api_keys,
                                  [](const auto& api) { return api.api_key == 75; });
                    return request.answer(versions);
                }},
               {MetadataRequest::api.key, [&](const ScriptedRequest& request) {
                    return request.answer(with_topic(*self, "t", 2));
                }}});
    self = &broker;
    auto client = admin(broker);
    auto described = describe_topics(*client, std::vector<std::string>{"t"});
    ASSERT_TRUE(described && described->front());
    EXPECT_EQ(described->front()->partitions.size(), 2u);
    EXPECT_FALSE(described->front()->partitions.front().elr);
}

TEST_F(AdminTest, offsets_are_asked_for_again_after_an_election) {
    std::atomic<int> calls = 0;
    ScriptedBroker* self = nullptr;
    ScriptedBroker broker(
        Script{{MetadataRequest::api.key,
                [&](const ScriptedRequest& request) {
                    return request.answer(with_topic(*self, "t", 1));
                }},
               {ListOffsetsRequest::api.key, [&](const ScriptedRequest& request) {
                    EXPECT_EQ(request.decode<ListOffsetsRequest>().replica_id, -1);
                    ListOffsetsResponse response;
                    auto& topic = response.topics.emplace_back();
                    topic.name = "t";
                    auto& partition = topic.partitions.emplace_back();
                    partition.offset = Offset{42};
                    if (calls++ == 0) partition.error_code = ErrorCode::not_leader_or_follower;
                    return request.answer(response);
                }}});
    self = &broker;
    auto client = admin(broker);
    auto offsets = list_offsets(*client, {{{"t", 0}, latest_offset}});
    ASSERT_TRUE(offsets.at({"t", 0}));
    EXPECT_EQ(offsets.at({"t", 0})->offset, 42);
    EXPECT_EQ(calls, 2);
}

TEST_F(AdminTest, a_partition_that_never_gets_a_leader_is_a_time_out) {
    ScriptedBroker broker;
    auto client = admin(broker.server(), "400");
    auto offsets = list_offsets(*client, {{{"t", 0}, latest_offset}});
    const Failure& why = offsets.at({"t", 0}).error();
    EXPECT_TRUE(why.is("TimeoutException"));
    EXPECT_TRUE(why.text().starts_with("Call(callName=listOffsets(api=METADATA), deadlineMs="))
        << why.text();
}

TEST_F(AdminTest, a_group_is_deleted_by_its_coordinator_wherever_that_went) {
    std::atomic<int> calls = 0;
    ScriptedBroker* self = nullptr;
    ScriptedBroker broker(
        Script{{protocol::FindCoordinatorRequest::api.key,
                [&](const ScriptedRequest& request) {
                    protocol::FindCoordinatorResponse response;
                    auto& one = response.coordinators.emplace_back();
                    one.key = "g";
                    one.node_id = 1;
                    one.host = "127.0.0.1";
                    one.port = self->port();
                    return request.answer(response);
                }},
               {protocol::DeleteGroupsRequest::api.key, [&](const ScriptedRequest& request) {
                    protocol::DeleteGroupsResponse response;
                    auto& one = response.results.emplace_back();
                    one.group_id = "g";
                    one.error_code = calls++ == 0 ? ErrorCode::not_coordinator
                                                  : ErrorCode::non_empty_group;
                    return request.answer(response);
                }}});
    self = &broker;
    auto client = admin(broker);
    EXPECT_EQ(delete_groups(*client, {"g"}).at("g").error().to_string(),
              "org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty.");
    EXPECT_EQ(broker.asked(), (std::vector<int16_t>{18, 10, 42, 10, 42}));
}

TEST_F(AdminTest, a_call_that_the_broker_always_hangs_up_on_tells_how_often_it_was_tried) {
    ScriptedBroker broker;
    auto client = admin(broker.server(), "30");
    auto configs = describe_configs(*client, {{ConfigResourceType::topic, "t"}});
    ASSERT_FALSE(configs);
    EXPECT_TRUE(configs.error().text().starts_with("Call(callName=describeConfigs, deadlineMs="));
    ASSERT_NE(configs.error().cause, nullptr);
    EXPECT_TRUE(configs.error().cause->is("DisconnectException"));
}

TEST(DelegationToken, messages_survive_a_round_trip_in_every_version) {
    DescribeDelegationTokenResponse response;
    auto& token = response.tokens.emplace_back();
    token.principal_type = "User";
    token.principal_name = "a";
    token.hmac = to_bytes("secret");
    token.renewers = {{"User", "b"}};
    for (int16_t version = 1; version <= 3; ++version) {
        Bytes bytes = protocol::encode(response, version);
        EXPECT_EQ(protocol::decode<DescribeDelegationTokenResponse>(bytes, version), response);
    }
    EXPECT_EQ(protocol::print(response).find("secret"), std::string::npos);
    EXPECT_EQ(to_string(token.renewers.front()), "User:b");
}

}  // namespace
}  // namespace stoker::kafka
