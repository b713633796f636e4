// Replays the fuzzers' corpora as ordinary tests: seeds for every request, and what was once found.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "broker_check.hpp"
#include "http_check.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/17_sasl_handshake.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/21_delete_records.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/23_offset_for_leader_epoch.hpp"
#include "protocol/messages/24_add_partitions_to_txn.hpp"
#include "protocol/messages/25_add_offsets_to_txn.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "protocol/messages/27_write_txn_markers.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"
#include "protocol/messages/29_describe_acls.hpp"
#include "protocol/messages/30_create_acls.hpp"
#include "protocol/messages/31_delete_acls.hpp"
#include "protocol/messages/32_describe_configs.hpp"
#include "protocol/messages/33_alter_configs.hpp"
#include "protocol/messages/34_alter_replica_log_dirs.hpp"
#include "protocol/messages/35_describe_log_dirs.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/38_create_delegation_token.hpp"
#include "protocol/messages/39_renew_delegation_token.hpp"
#include "protocol/messages/40_expire_delegation_token.hpp"
#include "protocol/messages/41_describe_delegation_token.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/43_elect_leaders.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/messages/45_alter_partition_reassignments.hpp"
#include "protocol/messages/46_list_partition_reassignments.hpp"
#include "protocol/messages/47_offset_delete.hpp"
#include "protocol/messages/48_describe_client_quotas.hpp"
#include "protocol/messages/49_alter_client_quotas.hpp"
#include "protocol/messages/50_describe_user_scram_credentials.hpp"
#include "protocol/messages/51_alter_user_scram_credentials.hpp"
#include "protocol/messages/55_describe_quorum.hpp"
#include "protocol/messages/57_update_features.hpp"
#include "protocol/messages/60_describe_cluster.hpp"
#include "protocol/messages/61_describe_producers.hpp"
#include "protocol/messages/64_unregister_broker.hpp"
#include "protocol/messages/65_describe_transactions.hpp"
#include "protocol/messages/66_list_transactions.hpp"
#include "protocol/messages/68_consumer_group_heartbeat.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"
#include "protocol/messages/71_get_telemetry_subscriptions.hpp"
#include "protocol/messages/72_push_telemetry.hpp"
#include "protocol/messages/74_list_config_resources.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"
#include "protocol/messages/80_add_raft_voter.hpp"
#include "protocol/messages/81_remove_raft_voter.hpp"
#include "record_check.hpp"
#include "request_check.hpp"
#include "security_check.hpp"
#include "state_file_check.hpp"

namespace stoker::protocol {
namespace {

using Check = bool (*)(ByteView);

const std::map<std::string, Check> parsers{
    {"produce", check_request<ProduceRequest>},
    {"fetch", check_request<FetchRequest>},
    {"list_offsets", check_request<ListOffsetsRequest>},
    {"metadata", check_request<MetadataRequest>},
    {"offset_commit", check_request<OffsetCommitRequest>},
    {"offset_fetch", check_request<OffsetFetchRequest>},
    {"find_coordinator", check_request<FindCoordinatorRequest>},
    {"join_group", check_request<JoinGroupRequest>},
    {"heartbeat", check_request<HeartbeatRequest>},
    {"leave_group", check_request<LeaveGroupRequest>},
    {"sync_group", check_request<SyncGroupRequest>},
    {"describe_groups", check_request<DescribeGroupsRequest>},
    {"list_groups", check_request<ListGroupsRequest>},
    {"sasl_handshake", check_request<SaslHandshakeRequest>},
    {"api_versions", check_request<ApiVersionsRequest>},
    {"create_topics", check_request<CreateTopicsRequest>},
    {"delete_topics", check_request<DeleteTopicsRequest>},
    {"delete_records", check_request<DeleteRecordsRequest>},
    {"init_producer_id", check_request<InitProducerIdRequest>},
    {"offset_for_leader_epoch", check_request<OffsetForLeaderEpochRequest>},
    {"add_partitions_to_txn", check_request<AddPartitionsToTxnRequest>},
    {"add_offsets_to_txn", check_request<AddOffsetsToTxnRequest>},
    {"end_txn", check_request<EndTxnRequest>},
    {"write_txn_markers", check_request<WriteTxnMarkersRequest>},
    {"txn_offset_commit", check_request<TxnOffsetCommitRequest>},
    {"describe_acls", check_request<DescribeAclsRequest>},
    {"create_acls", check_request<CreateAclsRequest>},
    {"delete_acls", check_request<DeleteAclsRequest>},
    {"describe_configs", check_request<DescribeConfigsRequest>},
    {"alter_configs", check_request<AlterConfigsRequest>},
    {"alter_replica_log_dirs", check_request<AlterReplicaLogDirsRequest>},
    {"describe_log_dirs", check_request<DescribeLogDirsRequest>},
    {"sasl_authenticate", check_request<SaslAuthenticateRequest>},
    {"create_partitions", check_request<CreatePartitionsRequest>},
    {"create_delegation_token", check_request<CreateDelegationTokenRequest>},
    {"renew_delegation_token", check_request<RenewDelegationTokenRequest>},
    {"expire_delegation_token", check_request<ExpireDelegationTokenRequest>},
    {"describe_delegation_token", check_request<DescribeDelegationTokenRequest>},
    {"delete_groups", check_request<DeleteGroupsRequest>},
    {"elect_leaders", check_request<ElectLeadersRequest>},
    {"incremental_alter_configs", check_request<IncrementalAlterConfigsRequest>},
    {"alter_partition_reassignments", check_request<AlterPartitionReassignmentsRequest>},
    {"list_partition_reassignments", check_request<ListPartitionReassignmentsRequest>},
    {"offset_delete", check_request<OffsetDeleteRequest>},
    {"describe_client_quotas", check_request<DescribeClientQuotasRequest>},
    {"alter_client_quotas", check_request<AlterClientQuotasRequest>},
    {"describe_user_scram_credentials", check_request<DescribeUserScramCredentialsRequest>},
    {"alter_user_scram_credentials", check_request<AlterUserScramCredentialsRequest>},
    {"describe_quorum", check_request<DescribeQuorumRequest>},
    {"update_features", check_request<UpdateFeaturesRequest>},
    {"describe_cluster", check_request<DescribeClusterRequest>},
    {"describe_producers", check_request<DescribeProducersRequest>},
    {"unregister_broker", check_request<UnregisterBrokerRequest>},
    {"describe_transactions", check_request<DescribeTransactionsRequest>},
    {"list_transactions", check_request<ListTransactionsRequest>},
    {"consumer_group_heartbeat", check_request<ConsumerGroupHeartbeatRequest>},
    {"consumer_group_describe", check_request<ConsumerGroupDescribeRequest>},
    {"get_telemetry_subscriptions", check_request<GetTelemetrySubscriptionsRequest>},
    {"push_telemetry", check_request<PushTelemetryRequest>},
    {"list_config_resources", check_request<ListConfigResourcesRequest>},
    {"describe_topic_partitions", check_request<DescribeTopicPartitionsRequest>},
    {"add_raft_voter", check_request<AddRaftVoterRequest>},
    {"remove_raft_voter", check_request<RemoveRaftVoterRequest>},
    {"record", check_record},
    {"state_file", storage::check_state_file},
    {"broker", broker::check_broker},
    {"jaas", security::check_jaas},
    {"scram", security::check_scram},
    {"jwt", security::check_jwt},
    {"http", http::check_http},
};

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Corpus, every_seed_is_a_message_and_every_finding_is_harmless) {
    for (const auto& [name, check] : parsers) {
        int messages = 0;
        const std::filesystem::path folder = STOKER_CORPUS_DIR "/" + name;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            bool decoded = check(bytes_of(content(entry.path())));
            bool seed = entry.path().filename().string().starts_with("v");
            EXPECT_TRUE(decoded || !seed) << entry.path();
            messages += decoded;
        }
        EXPECT_GT(messages, 0) << name;
    }
}

TEST(Corpus, belongs_to_a_parser) {
    for (const auto& entry : std::filesystem::directory_iterator(STOKER_CORPUS_DIR)) {
        EXPECT_TRUE(parsers.contains(entry.path().filename())) << entry.path();
    }
}

TEST(Corpus, has_seeds_for_every_request_that_there_is) {
    for (const auto& entry : std::filesystem::directory_iterator(STOKER_MESSAGES_DIR)) {
        std::string name = entry.path().stem();  // 24_add_partitions_to_txn
        if (!std::isdigit(static_cast<unsigned char>(name.front()))) continue;
        EXPECT_TRUE(parsers.contains(name.substr(name.find('_') + 1))) << name;
    }
}

}  // namespace
}  // namespace stoker::protocol
