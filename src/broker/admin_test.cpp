// The admin APIs of one node, as a client asks them.
#include <gtest/gtest.h>

#include "broker/handlers/delegation_token.hpp"
#include "broker/authorized_operations.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"

namespace stoker::broker {
namespace {

using protocol::AddRaftVoterRequest;
using protocol::AddRaftVoterResponse;
using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;
using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;
using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;
using protocol::ListTransactionsRequest;
using protocol::ListTransactionsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::RemoveRaftVoterRequest;
using protocol::RemoveRaftVoterResponse;
using protocol::UnregisterBrokerRequest;
using protocol::UnregisterBrokerResponse;
using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;
using protocol::Records;

void create(TestBroker& test, const std::string& name, int32_t partitions) {
    ASSERT_TRUE(test.broker().metadata().create_topic(
        {.name = name, .partitions = partitions, .configs = {}}));
}

void produce(TestBroker& test, const std::string& topic, Bytes batch) {
    ProduceRequest request{
        .acks = -1,
        .topic_data = {{.name = topic,
                        .partition_data = {{.index = PartitionId{0},
                                            .records = Records{.bytes = batch}}}}}};
    auto response = test.ask<ProduceResponse>(request, 9);
    ASSERT_EQ(response.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
}

TEST(Admin, the_metadata_log_is_no_topic_that_anybody_may_create) {
    TestBroker test;
    create(test, "t", 1);
    protocol::CreateTopicsRequest request{
        .topics = {{.name = "__cluster_metadata", .num_partitions = 1, .replication_factor = 1}}};
    const auto created = test.ask<protocol::CreateTopicsResponse>(request, 7).topics.at(0);
    EXPECT_EQ(created.error_code, ErrorCode::invalid_request);
    EXPECT_EQ(created.error_message,
              "Creation of internal topic __cluster_metadata is prohibited.");
    MetadataRequest about{.topics = {{{.name = "__cluster_metadata"}}},
                          .allow_auto_topic_creation = true};
    EXPECT_EQ(test.ask<MetadataResponse>(about, 9).topics.at(0).error_code,
              ErrorCode::unknown_topic_or_partition);
    ProduceRequest into{.acks = -1, .topic_data = {{.name = "__cluster_metadata"}}};
    Bytes batch = batch_of({"a"}, test.clock().wall_ms());
    into.topic_data[0].partition_data.push_back(
        {.index = PartitionId{0}, .records = Records{.bytes = batch}});
    const auto produced = test.ask<ProduceResponse>(into, 9).responses.at(0);
    EXPECT_EQ(produced.partition_responses.at(0).error_code,
              ErrorCode::unknown_topic_or_partition);
    test.stop_and_restart();
    EXPECT_TRUE(test.broker().metadata().find("t"));
}

TEST(Admin, the_end_of_a_leader_epoch_is_where_the_next_begins) {
    TestBroker test;
    create(test, "t", 1);
    produce(test, "t", batch_of({"a", "b"}, 1000));
    test.kill_and_restart();
    produce(test, "t", batch_of({"c"}, 1000));
    auto ask = [&](LeaderEpoch epoch, LeaderEpoch believed = LeaderEpoch::none) {
        OffsetForLeaderEpochRequest request{
            .topics = {{.topic = "t",
                        .partitions = {{.partition = PartitionId{0},
                                        .current_leader_epoch = believed,
                                        .leader_epoch = epoch}}}}};
        return test.ask<OffsetForLeaderEpochResponse>(request, 4).topics.at(0).partitions.at(0);
    };
    EXPECT_EQ(ask(LeaderEpoch{0}).end_offset, Offset{2});
    EXPECT_EQ(ask(LeaderEpoch{2}).end_offset, Offset{3});
    EXPECT_EQ(ask(LeaderEpoch{1}).leader_epoch, LeaderEpoch{0});
    EXPECT_EQ(ask(LeaderEpoch{7}).end_offset, Offset{-1});
    EXPECT_EQ(ask(LeaderEpoch{0}, LeaderEpoch{0}).error_code, ErrorCode::fenced_leader_epoch);
    EXPECT_EQ(ask(LeaderEpoch{0}, LeaderEpoch{9}).error_code, ErrorCode::unknown_leader_epoch);
}

TEST(Admin, alter_configs_takes_back_what_it_does_not_name) {
    TestBroker test;
    create(test, "t", 1);
    auto alter = [&](std::vector<AlterConfigsRequest::AlterableConfig> configs) {
        AlterConfigsRequest request{
            .resources = {{.resource_type = 2, .resource_name = "t", .configs = configs}}};
        return test.ask<AlterConfigsResponse>(request, 2).responses.at(0);
    };
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "1000"},
                     {.name = "max.message.bytes", .value = "5000"}})
                  .error_code,
              ErrorCode::none);
    EXPECT_EQ(alter({{.name = "retention.ms", .value = "2000"}}).error_code, ErrorCode::none);
    EXPECT_EQ(test.broker().metadata().configs(ResourceType::topic, "t"),
              (ConfigMap{{"retention.ms", "2000"}}));
    auto refused = alter({{.name = "retention.ms", .value = std::nullopt}});
    EXPECT_EQ(refused.error_code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.error_message, "Null value not supported for : retention.ms");
}

TEST(Admin, log_dirs_tell_the_size_of_each_partition_and_of_the_volume) {
    TestBroker test;
    create(test, "t", 2);
    produce(test, "t", batch_of({"some bytes"}, 1000));
    auto dir = test.ask<DescribeLogDirsResponse>(DescribeLogDirsRequest{.topics = std::nullopt}, 4)
                   .results.at(0);
    EXPECT_EQ(dir.log_dir, "/data");
    EXPECT_GT(dir.total_bytes, dir.usable_bytes);
    ASSERT_EQ(dir.topics.at(0).partitions.size(), 2u);
    int64_t size = dir.topics[0].partitions[0].partition_size;
    EXPECT_GT(size, 10);
    EXPECT_EQ(dir.topics[0].partitions[1].partition_size, 0);
    test.kill_and_restart();
    DescribeLogDirsRequest one{
        .topics = {{{.topic = "t", .partitions = {PartitionId{0}, PartitionId{5}}},
                    {.topic = "none", .partitions = {PartitionId{0}}}}}};
    dir = test.ask<DescribeLogDirsResponse>(one, 4).results.at(0);
    ASSERT_EQ(dir.topics.size(), 1u);
    ASSERT_EQ(dir.topics[0].partitions.size(), 1u);
    EXPECT_EQ(dir.topics[0].partitions[0].partition_size, size);
}

TEST(Admin, elections_and_reassignments_to_self_need_nothing) {
    TestBroker test;
    create(test, "t", 1);
    ElectLeadersRequest elect{
        .topic_partitions = {{{.topic = "t", .partitions = {PartitionId{0}, PartitionId{4}}}}}};
    auto elected = test.ask<ElectLeadersResponse>(elect, 2).replica_election_results.at(0);
    EXPECT_EQ(elected.partition_result.at(0).error_code, ErrorCode::election_not_needed);
    EXPECT_EQ(elected.partition_result.at(1).error_message, "No such partition as t-4");

    auto reassign = [&](std::optional<std::vector<int32_t>> replicas) {
        AlterPartitionReassignmentsRequest request{
            .topics = {{.name = "t",
                        .partitions = {{.partition_index = PartitionId{0},
                                        .replicas = replicas}}}}};
        return test.ask<AlterPartitionReassignmentsResponse>(request, 0)
            .responses.at(0)
            .partitions.at(0)
            .error_code;
    };
    EXPECT_EQ(reassign({{1}}), ErrorCode::none);
    EXPECT_EQ(reassign({{2}}), ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(reassign({{1, 1}}), ErrorCode::invalid_replica_assignment);
    EXPECT_EQ(reassign(std::nullopt), ErrorCode::no_reassignment_in_progress);
    ListPartitionReassignmentsRequest all;
    auto listed = test.ask<ListPartitionReassignmentsResponse>(all, 0);
    EXPECT_TRUE(listed.topics.empty());
}

TEST(Admin, the_quorum_is_this_node_alone) {
    TestBroker test;
    DescribeQuorumRequest asked{.topics = {{.topic_name = "__cluster_metadata",
                                            .partitions = {{.partition_index = PartitionId{0}}}}}};
    for (int16_t version = 0; version <= 2; ++version) {
        auto quorum = test.ask<DescribeQuorumResponse>(asked, version);
        const auto& partition = quorum.topics.at(0).partitions.at(0);
        EXPECT_EQ(partition.leader_id, 1);
        EXPECT_EQ(partition.leader_epoch, test.broker().metadata().epoch());
        EXPECT_EQ(partition.current_voters.at(0).log_end_offset,
                  test.broker().metadata().end_offset());
        EXPECT_EQ(quorum.nodes.size(), version < 2 ? 0u : 1u);
    }
    asked.topics[0].topic_name = "other";
    EXPECT_EQ(
        test.ask<DescribeQuorumResponse>(asked, 2).topics.at(0).partitions.at(0).error_code,
        ErrorCode::unknown_topic_or_partition);
}

TEST(Admin, features_go_up_and_down_within_what_is_served) {
    TestBroker test;
    auto update = [&](const std::string& feature, int16_t level, int8_t type = 1) {
        UpdateFeaturesRequest request{.feature_updates = {
            {.feature = feature, .max_version_level = level, .upgrade_type = type}}};
        return test.ask<UpdateFeaturesResponse>(request, 2).error_code;
    };
    EXPECT_EQ(update("group.version", 0), ErrorCode::invalid_update_version);
    EXPECT_EQ(update("group.version", 0, 2), ErrorCode::none);
    EXPECT_EQ(test.broker().metadata().feature_level("group.version"), 0);
    test.kill_and_restart();
    EXPECT_EQ(update("group.version", 1), ErrorCode::none);
    EXPECT_EQ(update("group.version", 2), ErrorCode::invalid_update_version);
    EXPECT_EQ(update("metadata.version", 30), ErrorCode::none);
    EXPECT_EQ(update("metadata.version", 20, 3), ErrorCode::invalid_update_version);
    EXPECT_EQ(update("no.such.feature", 1), ErrorCode::invalid_update_version);
}

TEST(Admin, a_refused_feature_update_says_why_in_the_first_versions_too) {
    TestBroker test;
    auto ask = [&](std::vector<UpdateFeaturesRequest::FeatureUpdateKey> updates) {
        UpdateFeaturesRequest request{.feature_updates = std::move(updates),
                                      .validate_only = true};
        return test.ask<UpdateFeaturesResponse>(request, 1);
    };
    const std::string failed =
        "The update failed for all features since the following feature had an error: ";
    EXPECT_EQ(ask({{.feature = "group.version", .max_version_level = -1}}).error_message,
              failed + "Invalid update version -1 for feature group.version. A feature version "
                       "cannot be less than 0.");
    EXPECT_EQ(ask({{.feature = "x", .max_version_level = 0}}).error_message,
              failed + "Invalid update version 0 for feature x. Feature x not found.");
    EXPECT_EQ(ask({{.feature = "x", .max_version_level = 1, .upgrade_type = 7}}).error_message,
              failed + "Invalid update version 1 for feature x. The controller does not support "
                       "the given upgrade type.");
    EXPECT_EQ(ask({{.feature = "metadata.version", .max_version_level = 29, .upgrade_type = 2}})
                  .error_message,
              failed + "Unsupported metadata.version downgrade from 30 to 29. Refusing to perform "
                       "the requested downgrade because it might delete metadata information.");
    auto good = ask({{.feature = "group.version", .max_version_level = 1}});
    EXPECT_EQ(good.results.at(0).error_message, "NONE");
}

TEST(Admin, without_an_authorizer_acl_requests_are_told_so) {
    TestBroker test;
    const protocol::CreateAclsRequest::AclCreation acl{.resource_type = 2,
                                                       .resource_name = "t",
                                                       .principal = "User:ann",
                                                       .host = "*",
                                                       .operation = 2,
                                                       .permission_type = 3};
    for (int16_t version = 1; version <= 3; ++version) {
        auto described = test.ask<protocol::DescribeAclsResponse>(
            protocol::DescribeAclsRequest{
                .resource_type_filter = 2, .operation = 2, .permission_type = 3},
            version);
        EXPECT_EQ(described.error_code, ErrorCode::security_disabled);
        auto created = test.ask<protocol::CreateAclsResponse>(
            protocol::CreateAclsRequest{.creations = {acl, acl}}, version);
        ASSERT_EQ(created.results.size(), 2u);
        EXPECT_EQ(created.results[1].error_code, ErrorCode::security_disabled);
        auto deleted = test.ask<protocol::DeleteAclsResponse>(
            protocol::DeleteAclsRequest{
                .filters = {{.resource_type_filter = 2, .operation = 2, .permission_type = 3}}},
            version);
        EXPECT_EQ(deleted.filter_results.at(0).error_code, ErrorCode::security_disabled);
    }
}

TEST(Admin, a_topic_that_is_named_twice_is_not_deleted) {
    TestBroker test;
    create(test, "t", 1);
    protocol::DeleteTopicsRequest request{.topic_names = {"t", "t"}};
    auto answers = test.ask<protocol::DeleteTopicsResponse>(request, 5).responses;
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(answers[0].error_message, "Duplicate topic name.");
    EXPECT_TRUE(test.broker().metadata().find("t"));
}

TEST(Admin, new_topics_of_one_request_may_have_names_that_collide) {
    TestBroker test;
    protocol::CreateTopicsRequest request{.topics = {
        {.name = "a.b", .num_partitions = 1, .replication_factor = 1},
        {.name = "a_b", .num_partitions = 1, .replication_factor = 1}}};
    auto created = test.ask<protocol::CreateTopicsResponse>(request, 7).topics;
    EXPECT_EQ(created.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(created.at(1).error_code, ErrorCode::none);
    request.topics = {{.name = "a.b_c", .num_partitions = 1, .replication_factor = 1}};
    test.ask<protocol::CreateTopicsResponse>(request, 7);
    request.topics[0].name = "a_b.c";
    EXPECT_EQ(test.ask<protocol::CreateTopicsResponse>(request, 7).topics.at(0).error_code,
              ErrorCode::invalid_topic_exception);
}

TEST(Admin, an_operation_is_refused_before_the_name_of_its_topic) {
    TestBroker test;
    IncrementalAlterConfigsRequest request{.resources = {
        {.resource_type = 2,
         .resource_name = "a space",
         .configs = {{.name = "retention.ms", .config_operation = 3, .value = "1"}}}}};
    auto answer = test.ask<IncrementalAlterConfigsResponse>(request, 1).responses.at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::invalid_config);
    request.resources[0].resource_type = 5;
    request.resources[0].configs[0].value = std::nullopt;
    EXPECT_EQ(test.ask<IncrementalAlterConfigsResponse>(request, 1).responses.at(0).error_message,
              "Null value not supported for : retention.ms");
}

TEST(Admin, the_epoch_of_an_empty_partition_is_its_leaders) {
    TestBroker test;
    create(test, "t", 1);
    test.kill_and_restart();
    protocol::ListOffsetsRequest offsets{
        .replica_id = -1,
        .topics = {{.name = "t",
                    .partitions = {{.partition_index = PartitionId{0}, .timestamp = -1}}}}};
    auto latest = test.ask<protocol::ListOffsetsResponse>(offsets, 7);
    auto topic = test.broker().metadata().find("t");
    LeaderEpoch leader = topic->partition(PartitionId{0})->leader_epoch();
    EXPECT_EQ(latest.topics.at(0).partitions.at(0).leader_epoch, leader);
    OffsetForLeaderEpochRequest ends{
        .topics = {{.topic = "t",
                    .partitions = {{.partition = PartitionId{0}, .leader_epoch = leader}}}}};
    auto end = test.ask<OffsetForLeaderEpochResponse>(ends, 4).topics.at(0).partitions.at(0);
    EXPECT_EQ(end.leader_epoch, leader);
    EXPECT_EQ(end.end_offset, Offset{0});
}

TEST(Admin, asking_where_an_empty_partition_ends_makes_no_log_of_it) {
    TestBroker test;
    create(test, "t", 1);
    const storage::TopicPartition partition{"t", PartitionId{0}};
    constexpr int16_t version = 7;
    for (const int64_t timestamp : {-1, -2}) {
        protocol::ListOffsetsRequest offsets{
            .replica_id = -1,
            .topics = {{.name = "t",
                        .partitions = {{.partition_index = PartitionId{0},
                                        .timestamp = timestamp}}}}};
        const auto end = test.ask<protocol::ListOffsetsResponse>(offsets, version)
                             .topics.at(0)
                             .partitions.at(0);
        EXPECT_EQ(end.error_code, ErrorCode::none);
        EXPECT_EQ(end.offset, Offset{0});
    }
    EXPECT_FALSE(test.broker().logs().contains(partition));
}

TEST(Admin, a_page_of_topics_ends_before_a_topic_that_has_no_room) {
    TestBroker test;
    create(test, "a", 1);
    create(test, "b", 1);
    DescribeTopicPartitionsRequest request{.response_partition_limit = 1};
    auto page = test.ask<DescribeTopicPartitionsResponse>(request, 0);
    ASSERT_EQ(page.topics.size(), 1u);
    EXPECT_EQ(page.next_cursor->topic_name, "b");
    EXPECT_EQ(page.next_cursor->partition_index, PartitionId{0});
}

TEST(Admin, a_pattern_of_transactional_ids_is_a_regular_expression) {
    TestBroker test;
    ListTransactionsRequest request{.transactional_id_pattern = "("};
    EXPECT_EQ(test.ask<ListTransactionsResponse>(request, 2).error_code,
              ErrorCode::invalid_regular_expression);
}

TEST(Admin, a_partition_tells_its_idempotent_producers) {
    TestBroker test;
    create(test, "t", 1);
    produce(test, "t", batch_of({"a", "b"}, 1000, {.producer_id = ProducerId{77},
                                                   .producer_epoch = 3,
                                                   .base_sequence = 0}));
    DescribeProducersRequest asked{
        .topics = {{.name = "t", .partition_indexes = {PartitionId{0}, PartitionId{1}}}}};
    auto told = test.ask<DescribeProducersResponse>(asked, 0).topics.at(0).partitions;
    ASSERT_EQ(told.at(0).active_producers.size(), 1u);
    EXPECT_EQ(told[0].active_producers[0].producer_id, ProducerId{77});
    EXPECT_EQ(told[0].active_producers[0].producer_epoch, 3);
    EXPECT_EQ(told[0].active_producers[0].last_sequence, 1);
    EXPECT_EQ(told.at(1).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST(Admin, the_only_broker_cannot_be_unregistered) {
    TestBroker test;
    auto ask = [&](int32_t id) {
        return test.ask<UnregisterBrokerResponse>(UnregisterBrokerRequest{.broker_id = id}, 0)
            .error_code;
    };
    EXPECT_EQ(ask(1), ErrorCode::invalid_request);
    EXPECT_EQ(ask(9), ErrorCode::broker_id_not_registered);
}

TEST(Admin, the_only_voter_stays_the_only_one) {
    TestBroker test;
    const Uuid self = test.logs().directory_id();
    const Uuid other{{std::byte{7}}};
    auto remove = [&](int32_t id, const Uuid& directory) {
        return test.ask<RemoveRaftVoterResponse>(
            RemoveRaftVoterRequest{
                .cluster_id = std::nullopt, .voter_id = id, .voter_directory_id = directory},
            0);
    };
    EXPECT_EQ(remove(1, self).error_code, ErrorCode::voter_not_found);
    EXPECT_EQ(remove(2, other).error_message,
              "Cannot remove voter ReplicaKey(id=2, directoryId=" + to_string(other) +
                  ") from the set of voters [ReplicaKey(id=1, directoryId=" + to_string(self) +
                  ")]");
    EXPECT_EQ(remove(1, Uuid{}).error_code, ErrorCode::invalid_request);

    auto add = [&](const std::string& cluster, int32_t id, const std::string& listener) {
        return test.ask<AddRaftVoterResponse>(
            AddRaftVoterRequest{.cluster_id = cluster,
                                .voter_id = id,
                                .voter_directory_id = other,
                                .listeners = {{.name = listener, .host = "h", .port = 9093}}},
            1);
    };
    const std::string cluster = test.broker().cluster_id();
    EXPECT_EQ(add(cluster, 1, "CONTROLLER").error_code, ErrorCode::duplicate_voter);
    EXPECT_EQ(add(cluster, 2, "CONTROLLER").error_code, ErrorCode::invalid_request);
    EXPECT_EQ(add(cluster, 2, "OTHER").error_message,
              "Add voter request didn't include the endpoint for the default listener "
              "ListenerName(CONTROLLER)");
    EXPECT_EQ(add("another", 2, "CONTROLLER").error_code, ErrorCode::inconsistent_cluster_id);
}

TEST(Admin, delegation_tokens_are_not_for_a_plain_listener) {
    TestBroker test;
    constexpr ErrorCode refused = ErrorCode::delegation_token_request_not_allowed;
    auto made = test.ask<protocol::CreateDelegationTokenResponse>(
        protocol::CreateDelegationTokenRequest{.max_lifetime_ms = -1}, 3);
    EXPECT_EQ(made.error_code, refused);
    EXPECT_EQ(made.token_requester_principal_name, "ANONYMOUS");
    auto renewed = test.ask<protocol::RenewDelegationTokenResponse>(
        protocol::RenewDelegationTokenRequest{.renew_period_ms = 1}, 2);
    EXPECT_EQ(renewed.error_code, refused);
    auto expired = test.ask<protocol::ExpireDelegationTokenResponse>(
        protocol::ExpireDelegationTokenRequest{.expiry_time_period_ms = 1}, 2);
    EXPECT_EQ(expired.error_code, refused);
    auto described = test.ask<protocol::DescribeDelegationTokenResponse>(
        protocol::DescribeDelegationTokenRequest{}, 3);
    EXPECT_EQ(described.error_code, refused);
}

TEST(Admin, group_and_client_metrics_configs_are_kept_and_listed) {
    TestBroker test;
    auto set = [&](int8_t type, const std::string& resource, const std::string& name,
                   const std::string& value) {
        IncrementalAlterConfigsRequest request{
            .resources = {{.resource_type = type,
                           .resource_name = resource,
                           .configs = {{.name = name, .config_operation = 0, .value = value}}}}};
        return test.ask<IncrementalAlterConfigsResponse>(request, 1).responses.at(0).error_code;
    };
    EXPECT_EQ(set(32, "g", "consumer.session.timeout.ms", "50000"), ErrorCode::none);
    EXPECT_EQ(set(16, "m", "interval.ms", "1000"), ErrorCode::none);
    EXPECT_EQ(set(32, "", "consumer.session.timeout.ms", "50000"), ErrorCode::invalid_request);
    EXPECT_EQ(set(99, "x", "a", "b"), ErrorCode::invalid_request);
    test.kill_and_restart();
    auto names = [&](std::vector<int8_t> types, int16_t version) {
        std::vector<std::string> all;
        auto listed = test.ask<ListConfigResourcesResponse>(
            ListConfigResourcesRequest{.resource_types = types}, version);
        for (const auto& resource : listed.config_resources) all.push_back(resource.resource_name);
        return all;
    };
    EXPECT_EQ(names({}, 0), std::vector<std::string>{"m"});
    EXPECT_EQ(names({32}, 1), std::vector<std::string>{"g"});
    EXPECT_EQ(names({4}, 1), std::vector<std::string>{"1"});
    auto bad = test.ask<ListConfigResourcesResponse>(
        ListConfigResourcesRequest{.resource_types = {77}}, 1);
    EXPECT_EQ(bad.error_code, ErrorCode::unsupported_version);
}

TEST(Admin, topic_partitions_come_in_pages) {
    TestBroker test;
    create(test, "a", 3);
    create(test, "b", 2);
    DescribeTopicPartitionsRequest asked{.response_partition_limit = 2};
    std::vector<std::string> seen;
    for (int page = 0; page < 5; ++page) {
        auto told = test.ask<DescribeTopicPartitionsResponse>(asked, 0);
        for (const auto& topic : told.topics) {
            EXPECT_EQ(topic.topic_authorized_operations, operations_on_topic);
            for (const auto& partition : topic.partitions)
                seen.push_back(*topic.name + std::to_string(raw(partition.partition_index)));
        }
        if (!told.next_cursor) break;
        asked.cursor = {.topic_name = told.next_cursor->topic_name,
                        .partition_index = told.next_cursor->partition_index};
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1"}));
}

TEST(Admin, authorized_operations_are_told_when_asked) {
    EXPECT_EQ(operations_on_topic, 3576);
    EXPECT_EQ(operations_on_cluster, 8096);
    TestBroker test;
    create(test, "t", 1);
    MetadataRequest asked{.topics = {{{.name = "t"}}},
                          .include_topic_authorized_operations = true};
    auto told = test.ask<MetadataResponse>(asked, 12);
    EXPECT_EQ(told.topics.at(0).topic_authorized_operations, operations_on_topic);
    asked.include_topic_authorized_operations = false;
    told = test.ask<MetadataResponse>(asked, 12);
    EXPECT_EQ(told.topics.at(0).topic_authorized_operations, std::numeric_limits<int32_t>::min());
}

}  // namespace
}  // namespace stoker::broker
