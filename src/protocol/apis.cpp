#include "protocol/apis.hpp"

#include <algorithm>
#include <array>

#include "protocol/api_index.hpp"
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

namespace stoker::protocol {

namespace {

constexpr std::array declared{
    ProduceRequest::api,
    FetchRequest::api,
    ListOffsetsRequest::api,
    MetadataRequest::api,
    OffsetCommitRequest::api,
    OffsetFetchRequest::api,
    FindCoordinatorRequest::api,
    JoinGroupRequest::api,
    HeartbeatRequest::api,
    LeaveGroupRequest::api,
    SyncGroupRequest::api,
    DescribeGroupsRequest::api,
    ListGroupsRequest::api,
    SaslHandshakeRequest::api,
    ApiVersionsRequest::api,
    CreateTopicsRequest::api,
    DeleteTopicsRequest::api,
    DeleteRecordsRequest::api,
    InitProducerIdRequest::api,
    OffsetForLeaderEpochRequest::api,
    AddPartitionsToTxnRequest::api,
    AddOffsetsToTxnRequest::api,
    EndTxnRequest::api,
    WriteTxnMarkersRequest::api,
    TxnOffsetCommitRequest::api,
    DescribeAclsRequest::api,
    CreateAclsRequest::api,
    DeleteAclsRequest::api,
    DescribeConfigsRequest::api,
    AlterConfigsRequest::api,
    AlterReplicaLogDirsRequest::api,
    DescribeLogDirsRequest::api,
    SaslAuthenticateRequest::api,
    CreatePartitionsRequest::api,
    CreateDelegationTokenRequest::api,
    RenewDelegationTokenRequest::api,
    ExpireDelegationTokenRequest::api,
    DescribeDelegationTokenRequest::api,
    DeleteGroupsRequest::api,
    ElectLeadersRequest::api,
    IncrementalAlterConfigsRequest::api,
    AlterPartitionReassignmentsRequest::api,
    ListPartitionReassignmentsRequest::api,
    OffsetDeleteRequest::api,
    DescribeClientQuotasRequest::api,
    AlterClientQuotasRequest::api,
    DescribeUserScramCredentialsRequest::api,
    AlterUserScramCredentialsRequest::api,
    DescribeQuorumRequest::api,
    UpdateFeaturesRequest::api,
    DescribeClusterRequest::api,
    DescribeProducersRequest::api,
    UnregisterBrokerRequest::api,
    DescribeTransactionsRequest::api,
    ListTransactionsRequest::api,
    ConsumerGroupHeartbeatRequest::api,
    ConsumerGroupDescribeRequest::api,
    GetTelemetrySubscriptionsRequest::api,
    PushTelemetryRequest::api,
    ListConfigResourcesRequest::api,
    DescribeTopicPartitionsRequest::api,
    AddRaftVoterRequest::api,
    RemoveRaftVoterRequest::api,
};
static_assert(std::ranges::is_sorted(declared, {}, &Api::key));

}  // namespace

std::span<const Api> apis() { return declared; }

const Api* find_api(int16_t key) {
    return ApiIndex<declared, [](const Api& api) { return api.key; }>::find(key);
}

}  // namespace stoker::protocol
