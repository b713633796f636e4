// The matrix of API, resource and operation, made from the table: each row is asked for by a
// request that needs it, with the right, without it, and where there are no rules at all.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "broker/handler.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/authorization_table.hpp"
#include "broker/security/matrix_fixture.hpp"

namespace stoker::broker {

// Long names of the messages, short ones here.
namespace p = protocol;

namespace {

using Ask = std::function<Seen(GuardedBroker&)>;
using Case = std::pair<const Right, Ask>;

constexpr PartitionId first{0};

Seen ask_produce(GuardedBroker& broker, bool transactional) {
    record::BatchBuilder::Options options;
    if (transactional)
        options = {.producer_id = ProducerId{1},
                   .producer_epoch = 0,
                   .base_sequence = 0,
                   .transactional = true};
    Bytes batch = batch_of({"a"}, broker.clock().wall_ms(), options);
    p::ProduceRequest request{.transactional_id = std::nullopt, .acks = 1, .timeout_ms = 1000};
    if (transactional) request.transactional_id = "x";
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    topic.partition_data.push_back({.index = first, .records = p::Records{.bytes = batch}});
    return broker.see<p::ProduceResponse>(request, 9);
}

Seen ask_fetch(GuardedBroker& broker, int32_t replica_id) {
    p::FetchRequest request{.replica_id = replica_id, .max_wait_ms = 0, .max_bytes = 1 << 20};
    auto& topic = request.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.push_back({.partition = first, .partition_max_bytes = 1 << 20});
    auto seen = broker.see<p::FetchResponse>(request, 12);
    return seen;
}

Seen ask_list_offsets(GuardedBroker& broker, int32_t replica_id) {
    p::ListOffsetsRequest request{.replica_id = replica_id};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = first, .timestamp = -1});
    return broker.see<p::ListOffsetsResponse>(request, 7);
}

Seen ask_metadata(GuardedBroker& broker, std::optional<std::string> topic,
                  bool of_cluster = false) {
    p::MetadataRequest request{.topics = std::nullopt, .allow_auto_topic_creation = true};
    if (topic) request.topics = {{.name = *topic}};
    request.include_cluster_authorized_operations = of_cluster;
    return broker.see<p::MetadataResponse>(request, 9);
}

Seen ask_offset_commit(GuardedBroker& broker) {
    p::OffsetCommitRequest request{.group_id = "g"};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = first, .committed_offset = Offset{1}});
    return broker.see<p::OffsetCommitResponse>(request, 8);
}

Seen ask_offset_fetch(GuardedBroker& broker, bool all) {
    p::OffsetFetchRequest request;
    auto& group = request.groups.emplace_back();
    group.group_id = "g";
    if (all) group.topics.reset();
    else group.topics = {{.name = "t", .partition_indexes = {first}}};
    return broker.see<p::OffsetFetchResponse>(request, 8);
}

Seen ask_coordinator(GuardedBroker& broker, int8_t type, const std::string& key) {
    return broker.see<p::FindCoordinatorResponse>(
        p::FindCoordinatorRequest{.key_type = type, .coordinator_keys = {key}}, 4);
}

Seen ask_create_topic(GuardedBroker& broker) {
    p::CreateTopicsRequest request;
    request.topics.push_back({.name = "new", .num_partitions = 1, .replication_factor = 1});
    return broker.see<p::CreateTopicsResponse>(request, 7);
}

Seen ask_delete_topic(GuardedBroker& broker) {
    return broker.see<p::DeleteTopicsResponse>(
        p::DeleteTopicsRequest{.topics = {}, .topic_names = {"t"}}, 5);
}

Seen ask_init_producer(GuardedBroker& broker, std::optional<std::string> id) {
    return broker.see<p::InitProducerIdResponse>(
        p::InitProducerIdRequest{.transactional_id = std::move(id),
                                 .transaction_timeout_ms = 1000},
        2);
}

Seen ask_epochs(GuardedBroker& broker) {
    p::OffsetForLeaderEpochRequest request{.replica_id = -1};
    auto& topic = request.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.push_back({.partition = first});
    return broker.see<p::OffsetForLeaderEpochResponse>(request, 3);
}

Seen ask_configs(GuardedBroker& broker, ResourceType type, const std::string& name) {
    p::DescribeConfigsRequest request;
    request.resources.push_back({.resource_type = int8_t(type), .resource_name = name});
    return broker.see<p::DescribeConfigsResponse>(request, 4);
}

Seen replace_configs(GuardedBroker& broker, ResourceType type, const std::string& name) {
    p::AlterConfigsRequest request{.validate_only = true};
    request.resources.push_back({.resource_type = int8_t(type), .resource_name = name});
    return broker.see<p::AlterConfigsResponse>(request, 2);
}

Seen change_configs(GuardedBroker& broker, ResourceType type, const std::string& name) {
    p::IncrementalAlterConfigsRequest request{.validate_only = true};
    request.resources.push_back({.resource_type = int8_t(type), .resource_name = name});
    return broker.see<p::IncrementalAlterConfigsResponse>(request, 1);
}

Seen ask_delete_offsets(GuardedBroker& broker) {
    p::OffsetDeleteRequest request{.group_id = "g"};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = first});
    return broker.see<p::OffsetDeleteResponse>(request, 0);
}

Seen join_consumer_group(GuardedBroker& broker, bool by_pattern = false) {
    p::ConsumerGroupHeartbeatRequest request{
        .group_id = "c",
        .member_id = "AAAAAAAAAAAAAAAAAAAAAQ",
        .rebalance_timeout_ms = 1000,
        .subscribed_topic_names = std::vector<std::string>{"t"}};
    request.topic_partitions.emplace();
    if (by_pattern) {
        request.subscribed_topic_names.reset();
        request.subscribed_topic_regex = "t.*";
    }
    return broker.see<p::ConsumerGroupHeartbeatResponse>(request, 1);
}

Seen describe_consumer_group(GuardedBroker& broker) {
    return broker.see<p::ConsumerGroupDescribeResponse>(
        p::ConsumerGroupDescribeRequest{.group_ids = {"c"}}, 1);
}

Seen ask_log_dirs(GuardedBroker& broker) {
    return broker.see<p::DescribeLogDirsResponse>(p::DescribeLogDirsRequest{.topics = std::nullopt},
                                                  4);
}

Seen ask_partitions(GuardedBroker& broker, bool all) {
    p::DescribeTopicPartitionsRequest request;
    if (!all) request.topics.push_back({.name = "t"});
    return broker.see<p::DescribeTopicPartitionsResponse>(request, 0);
}

Seen delete_records(GuardedBroker& broker) {
    p::DeleteRecordsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = first, .offset = Offset{0}});
    return broker.see<p::DeleteRecordsResponse>(request, 2);
}

Seen describe_producers(GuardedBroker& broker) {
    p::DescribeProducersRequest request;
    request.topics.push_back({.name = "t", .partition_indexes = {first}});
    return broker.see<p::DescribeProducersResponse>(request, 0);
}

Seen add_partitions(GuardedBroker& broker, int16_t version) {
    p::AddPartitionsToTxnRequest request{.v3_and_below_transactional_id = "x",
                                         .v3_and_below_topics = {{"t", {first}}}};
    if (version > 3) {
        request = {};
        request.transactions.push_back({.transactional_id = "x",
                                        .producer_id = ProducerId{1},
                                        .verify_only = true,
                                        .topics = {{"t", {first}}}});
    }
    return broker.see<p::AddPartitionsToTxnResponse>(request, version);
}

Seen add_offsets(GuardedBroker& broker) {
    return broker.see<p::AddOffsetsToTxnResponse>(
        p::AddOffsetsToTxnRequest{.transactional_id = "x", .group_id = "g"}, 3);
}

Seen write_markers(GuardedBroker& broker) {
    p::WriteTxnMarkersRequest request;
    auto& marker = request.markers.emplace_back();
    marker.producer_id = ProducerId{1};
    auto& topic = marker.topics.emplace_back();
    topic.name = "t";
    topic.partition_indexes.push_back(first);
    return broker.see<p::WriteTxnMarkersResponse>(request, 1);
}

Seen commit_in_transaction(GuardedBroker& broker) {
    p::TxnOffsetCommitRequest request{.transactional_id = "x", .group_id = "g"};
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({.partition_index = first, .committed_offset = Offset{1}});
    return broker.see<p::TxnOffsetCommitResponse>(request, 3);
}

/// "x" has a transaction to which "t" belongs.
void begin_transaction(GuardedBroker& broker) {
    broker.ask<p::FindCoordinatorResponse>(
        p::FindCoordinatorRequest{.key_type = 1, .coordinator_keys = {"x"}}, 4);
    auto producer = broker.ask<p::InitProducerIdResponse>(
        p::InitProducerIdRequest{.transactional_id = "x", .transaction_timeout_ms = 60'000}, 4);
    p::AddPartitionsToTxnRequest request{.v3_and_below_transactional_id = "x",
                                         .v3_and_below_producer_id = producer.producer_id,
                                         .v3_and_below_producer_epoch = producer.producer_epoch,
                                         .v3_and_below_topics = {{"t", {first}}}};
    broker.ask<p::AddPartitionsToTxnResponse>(request, 3);
}

template <p::Message Response, p::Message Request>
Ask simple(Request request, int16_t version) {
    return [request, version](GuardedBroker& broker) {
        return broker.see<Response>(request, version);
    };
}

std::vector<Case> data_cases() {
    using enum Right;
    return {
        {produce_transactional_id, [](auto& b) { return ask_produce(b, true); }},
        {produce_topic, [](auto& b) { return ask_produce(b, false); }},
        {fetch_as_follower, [](auto& b) { return ask_fetch(b, 2); }},
        {fetch_topic, [](auto& b) { return ask_fetch(b, -1); }},
        {list_offsets_as_follower, [](auto& b) { return ask_list_offsets(b, 2); }},
        {list_offsets_topic, [](auto& b) { return ask_list_offsets(b, -1); }},
        {metadata_topic, [](auto& b) { return ask_metadata(b, "t"); }},
        {metadata_all_topics, [](auto& b) { return ask_metadata(b, std::nullopt); }},
        {metadata_create_any, [](auto& b) { return ask_metadata(b, "new"); }},
        {metadata_cluster_operations,
         [](auto& b) { return ask_metadata(b, std::nullopt, true); }},
        {init_producer_transactional_id, [](auto& b) { return ask_init_producer(b, "x"); }},
        {init_producer_idempotent, [](auto& b) { return ask_init_producer(b, std::nullopt); }},
        {epochs_as_follower, ask_epochs},
        {delete_records_topic, delete_records},
        {describe_producers_topic, describe_producers},
        {describe_partitions_topic, [](auto& b) { return ask_partitions(b, false); }},
        {describe_partitions_all_topics, [](auto& b) { return ask_partitions(b, true); }},
    };
}

std::vector<Case> group_cases() {
    using enum Right;
    return {
        {offset_commit_group, ask_offset_commit},
        {offset_commit_topic, ask_offset_commit},
        {offset_fetch_group, [](auto& b) { return ask_offset_fetch(b, false); }},
        {offset_fetch_topic, [](auto& b) { return ask_offset_fetch(b, false); }},
        {offset_fetch_all_topics, [](auto& b) { return ask_offset_fetch(b, true); }},
        {find_group_coordinator, [](auto& b) { return ask_coordinator(b, 0, "g"); }},
        {find_transaction_coordinator, [](auto& b) { return ask_coordinator(b, 1, "x"); }},
        {find_share_coordinator, [](auto& b) { return ask_coordinator(b, 2, "g:t:0"); }},
        {join_group, simple<p::JoinGroupResponse>(
                         p::JoinGroupRequest{.group_id = "g", .session_timeout_ms = 10'000}, 4)},
        {heartbeat_group, simple<p::HeartbeatResponse>(p::HeartbeatRequest{.group_id = "g"}, 4)},
        {leave_group, simple<p::LeaveGroupResponse>(p::LeaveGroupRequest{.group_id = "g"}, 4)},
        {sync_group, simple<p::SyncGroupResponse>(p::SyncGroupRequest{.group_id = "g"}, 4)},
        {describe_group,
         simple<p::DescribeGroupsResponse>(p::DescribeGroupsRequest{.groups = {"g"}}, 5)},
        {list_all_groups, simple<p::ListGroupsResponse>(p::ListGroupsRequest{}, 4)},
        {delete_group,
         simple<p::DeleteGroupsResponse>(p::DeleteGroupsRequest{.groups_names = {"g"}}, 2)},
        {delete_offsets_group, ask_delete_offsets},
        {delete_offsets_topic, ask_delete_offsets},
        {consumer_heartbeat_group, [](auto& b) { return join_consumer_group(b); }},
        {consumer_heartbeat_topic, [](auto& b) { return join_consumer_group(b); }},
        {consumer_heartbeat_pattern, [](auto& b) { return join_consumer_group(b, true); }},
        {consumer_describe_group, describe_consumer_group},
        {consumer_describe_topic, describe_consumer_group},
    };
}

std::vector<Case> transaction_cases() {
    using enum Right;
    auto described = simple<p::DescribeTransactionsResponse>(
        p::DescribeTransactionsRequest{.transactional_ids = {"x"}}, 0);
    return {
        {add_partitions_as_broker, [](auto& b) { return add_partitions(b, 4); }},
        {add_partitions_transactional_id, [](auto& b) { return add_partitions(b, 3); }},
        {add_partitions_topic, [](auto& b) { return add_partitions(b, 3); }},
        {add_offsets_transactional_id, add_offsets},
        {add_offsets_group, add_offsets},
        {end_transaction,
         simple<p::EndTxnResponse>(p::EndTxnRequest{.transactional_id = "x"}, 3)},
        {write_markers_as_admin, write_markers},
        {transaction_offsets_transactional_id, commit_in_transaction},
        {transaction_offsets_group, commit_in_transaction},
        {transaction_offsets_topic, commit_in_transaction},
        {describe_transaction, described},
        {describe_transaction_topic, described},
        {list_transaction, simple<p::ListTransactionsResponse>(p::ListTransactionsRequest{}, 0)},
    };
}

std::vector<Case> admin_cases() {
    using enum Right;
    using enum ResourceType;
    p::DescribeAclsRequest all_acls{.resource_type_filter = 1,
                                    .resource_name_filter = std::nullopt,
                                    .pattern_type_filter = 1,
                                    .principal_filter = std::nullopt,
                                    .host_filter = std::nullopt,
                                    .operation = 1,
                                    .permission_type = 1};
    p::DeleteAclsRequest one_acl;
    one_acl.filters.push_back({.resource_type_filter = 2,
                               .principal_filter = "User:nobody",
                               .operation = 1,
                               .permission_type = 1});
    p::CreateAclsRequest new_acl;
    new_acl.creations.push_back({.resource_type = 2,
                                 .resource_name = "n",
                                 .principal = "User:nobody",
                                 .host = "*",
                                 .operation = 3,
                                 .permission_type = 3});
    p::CreatePartitionsRequest more;
    more.topics.push_back({.name = "t", .count = 2});
    p::AlterUserScramCredentialsRequest no_user;
    no_user.deletions.push_back({.name = "nobody", .mechanism = 1});
    p::AlterClientQuotasRequest quota;
    quota.entries.push_back({.entity = {{.entity_type = "user", .entity_name = "a"}}, .ops = {}});
    return {
        {create_any_topic, ask_create_topic},
        {create_topic_configs, ask_create_topic},
        {delete_any_topic, ask_delete_topic},
        {describe_acls, simple<p::DescribeAclsResponse>(all_acls, 2)},
        {create_acls, simple<p::CreateAclsResponse>(new_acl, 2)},
        {delete_acls, simple<p::DeleteAclsResponse>(one_acl, 2)},
        {describe_cluster_configs, [](auto& b) { return ask_configs(b, broker, "1"); }},
        {describe_topic_configs, [](auto& b) { return ask_configs(b, topic, "t"); }},
        {describe_group_configs, [](auto& b) { return ask_configs(b, group, "g"); }},
        {alter_cluster_configs, [](auto& b) { return replace_configs(b, broker, "1"); }},
        {alter_topic_configs, [](auto& b) { return replace_configs(b, topic, "t"); }},
        {alter_group_configs, [](auto& b) { return replace_configs(b, group, "g"); }},
        {change_cluster_configs, [](auto& b) { return change_configs(b, client_metrics, "m"); }},
        {change_topic_configs, [](auto& b) { return change_configs(b, topic, "t"); }},
        {change_group_configs, [](auto& b) { return change_configs(b, group, "g"); }},
        {describe_log_dirs, ask_log_dirs},
        {create_partitions, simple<p::CreatePartitionsResponse>(more, 2)},
        {elect_leaders, simple<p::ElectLeadersResponse>(p::ElectLeadersRequest{}, 2)},
        {alter_reassignments, simple<p::AlterPartitionReassignmentsResponse>(
                                  p::AlterPartitionReassignmentsRequest{}, 0)},
        {list_reassignments, simple<p::ListPartitionReassignmentsResponse>(
                                 p::ListPartitionReassignmentsRequest{}, 0)},
        {describe_quotas, simple<p::DescribeClientQuotasResponse>(
                              p::DescribeClientQuotasRequest{}, 1)},
        {alter_quotas, simple<p::AlterClientQuotasResponse>(quota, 1)},
        {describe_quorum, simple<p::DescribeQuorumResponse>(p::DescribeQuorumRequest{}, 1)},
        {update_features,
         simple<p::UpdateFeaturesResponse>(p::UpdateFeaturesRequest{.validate_only = true}, 1)},
        {describe_cluster_operations,
         simple<p::DescribeClusterResponse>(
             p::DescribeClusterRequest{.include_cluster_authorized_operations = true}, 1)},
        {unregister_broker,
         simple<p::UnregisterBrokerResponse>(p::UnregisterBrokerRequest{.broker_id = 7}, 0)},
        {add_raft_voter, simple<p::AddRaftVoterResponse>(p::AddRaftVoterRequest{}, 1)},
        {remove_raft_voter, simple<p::RemoveRaftVoterResponse>(p::RemoveRaftVoterRequest{}, 0)},
        {describe_scram_users, simple<p::DescribeUserScramCredentialsResponse>(
                                   p::DescribeUserScramCredentialsRequest{}, 0)},
        {alter_scram_users, simple<p::AlterUserScramCredentialsResponse>(no_user, 0)},
        {list_config_resources,
         simple<p::ListConfigResourcesResponse>(p::ListConfigResourcesRequest{}, 1)},
    };
}

/// Rows that only count where an alternative is missing: the row, and the operation that must be
/// denied as well.
const std::map<Right, std::pair<Right, AclOperation>>& behind_alternatives() {
    using enum Right;
    static const std::map<Right, std::pair<Right, AclOperation>> rows{
        {metadata_create_topic, {metadata_create_any, AclOperation::create}},
        {list_group, {list_all_groups, AclOperation::describe}},
        {create_topic, {create_any_topic, AclOperation::create}},
        {delete_topic_describe, {delete_any_topic, AclOperation::remove}},
        {delete_topic, {delete_any_topic, AclOperation::remove}},
        {init_producer_any_topic, {init_producer_idempotent, AclOperation::idempotent_write}},
        {epochs_topic, {epochs_as_follower, AclOperation::cluster_action}},
        {write_markers_as_broker, {write_markers_as_admin, AclOperation::alter}},
    };
    return rows;
}

std::map<Right, Ask> all_cases() {
    std::map<Right, Ask> cases;
    for (const auto& some : {data_cases(), group_cases(), transaction_cases(), admin_cases()})
        cases.insert(some.begin(), some.end());
    for (const auto& [right, alternative] : behind_alternatives())
        cases[right] = cases.at(alternative.first);
    return cases;
}

std::string name_in(const AuthorizationRow& row) {
    bool of_new = row.right == Right::metadata_create_topic || row.right == Right::create_topic ||
                  row.right == Right::create_topic_configs;
    bool of_consumers = row.api == 68 || row.api == 69;
    switch (row.resource) {
        case AclResource::topic: return of_new ? "new" : "t";
        case AclResource::group: return of_consumers ? "c" : "g";
        case AclResource::transactional_id: return "x";
        default: return std::string(cluster_resource_name);
    }
}

std::string label(const AuthorizationRow& row) {
    return "row " + std::to_string(int(row.right)) + ": API " + std::to_string(row.api) + " " +
           std::string(to_string(row.operation)) + " of " + std::string(to_string(row.resource));
}

/// A broker on which only the row's right, and those that would do instead, are denied.
void deny(GuardedBroker& broker, const AuthorizationRow& row) {
    if (auto found = behind_alternatives().find(row.right); found != behind_alternatives().end())
        broker.add(acl(AclResource::cluster, std::string(cluster_resource_name),
                       found->second.second, AclPermission::deny));
    // The right to any topic at all is not denied by a rule for one.
    std::string name = row.right == Right::init_producer_any_topic ? "*" : name_in(row);
    broker.add(acl(row.resource, name, row.operation, AclPermission::deny));
}

void prepare(GuardedBroker& broker, const AuthorizationRow& row) {
    if (row.api == 69) join_consumer_group(broker);
    if (row.api == 65 || row.api == 66) begin_transaction(broker);
}

void check_row(const AuthorizationRow& row, const Ask& ask, AuditLines& audit) {
    SCOPED_TRACE(label(row));
    GuardedBroker open;
    prepare(open, row);
    audit.take();
    Seen allowed = ask(open);
    EXPECT_FALSE(allowed.refused()) << "with every right";
    EXPECT_TRUE(audit.take().empty()) << "with every right";

    GuardedBroker closed;
    prepare(closed, row);
    deny(closed, row);
    audit.take();
    Seen seen = ask(closed);
    std::vector<std::string> lines = audit.take();
    bool audited = row.denial == Denial::refused || row.denial == Denial::withheld;
    if (row.right == Right::init_producer_any_topic) audited = false;  // as upstream
    EXPECT_EQ(lines.size(), audited ? 1u : 0u) << (lines.empty() ? "" : lines.front());
    if (!lines.empty()) {
        EXPECT_NE(lines[0].find("is Denied operation = " + std::string(to_string(row.operation))),
                  std::string::npos)
            << lines[0];
    }
    switch (row.denial) {
        case Denial::refused: EXPECT_TRUE(seen.errors.contains(row.error)); break;
        case Denial::withheld:
        case Denial::hidden: EXPECT_NE(seen.answer, allowed.answer); break;
        case Denial::alternative: EXPECT_FALSE(seen.refused()); break;
    }

    GuardedBroker without;
    prepare(without, row);
    without.remove_all_rules();
    Seen nothing = ask(without);
    EXPECT_TRUE(nothing.refused() || nothing.answer != allowed.answer) << "without any rule";
}

TEST(AuthorizationMatrix, every_api_that_is_served_is_in_the_table) {
    for (const Handler& handler : handlers())
        EXPECT_TRUE(is_in_authorization_table(handler.api.key)) << handler.api.name;
}

TEST(AuthorizationMatrix, every_row_denies_what_it_says_audits_it_once_and_nothing_else) {
    AuditLines audit;
    auto cases = all_cases();
    for (const AuthorizationRow& row : authorization_table()) {
        if (find_handler(row.api) == nullptr) continue;
        auto found = cases.find(row.right);
        if (found == cases.end()) ADD_FAILURE() << label(row) << " is not exercised";
        else check_row(row, found->second, audit);
    }
}

}  // namespace
}  // namespace stoker::broker
