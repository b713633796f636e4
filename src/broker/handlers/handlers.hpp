// All handlers: one function an API, each in its own file NN_name.cpp.
#pragma once

#include "broker/request.hpp"
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
#include "protocol/messages/35_describe_log_dirs.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"
#include "protocol/messages/37_create_partitions.hpp"
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
#include "protocol/messages/74_list_config_resources.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"
#include "protocol/messages/80_add_raft_voter.hpp"
#include "protocol/messages/81_remove_raft_voter.hpp"

namespace stoker::broker {

class Broker;

void produce(Broker&, const Request&, protocol::ProduceRequest, Reply<protocol::ProduceResponse>);
void fetch(Broker&, const Request&, protocol::FetchRequest, Reply<protocol::FetchResponse>);
void list_offsets(Broker&, const Request&, protocol::ListOffsetsRequest,
                  Reply<protocol::ListOffsetsResponse>);
void metadata(Broker&, const Request&, protocol::MetadataRequest,
              Reply<protocol::MetadataResponse>);
void offset_commit(Broker&, const Request&, protocol::OffsetCommitRequest,
                   Reply<protocol::OffsetCommitResponse>);
void offset_fetch(Broker&, const Request&, protocol::OffsetFetchRequest,
                  Reply<protocol::OffsetFetchResponse>);
void find_coordinator(Broker&, const Request&, protocol::FindCoordinatorRequest,
                      Reply<protocol::FindCoordinatorResponse>);
void join_group(Broker&, const Request&, protocol::JoinGroupRequest,
                Reply<protocol::JoinGroupResponse>);
void heartbeat(Broker&, const Request&, protocol::HeartbeatRequest,
               Reply<protocol::HeartbeatResponse>);
void leave_group(Broker&, const Request&, protocol::LeaveGroupRequest,
                 Reply<protocol::LeaveGroupResponse>);
void sync_group(Broker&, const Request&, protocol::SyncGroupRequest,
                Reply<protocol::SyncGroupResponse>);
void describe_groups(Broker&, const Request&, protocol::DescribeGroupsRequest,
                     Reply<protocol::DescribeGroupsResponse>);
void list_groups(Broker&, const Request&, protocol::ListGroupsRequest,
                 Reply<protocol::ListGroupsResponse>);
void api_versions(Broker&, const Request&, protocol::ApiVersionsRequest,
                  Reply<protocol::ApiVersionsResponse>);
void create_topics(Broker&, const Request&, protocol::CreateTopicsRequest,
                   Reply<protocol::CreateTopicsResponse>);
void delete_topics(Broker&, const Request&, protocol::DeleteTopicsRequest,
                   Reply<protocol::DeleteTopicsResponse>);
void delete_records(Broker&, const Request&, protocol::DeleteRecordsRequest,
                    Reply<protocol::DeleteRecordsResponse>);
void init_producer_id(Broker&, const Request&, protocol::InitProducerIdRequest,
                      Reply<protocol::InitProducerIdResponse>);
void add_partitions_to_txn(Broker&, const Request&, protocol::AddPartitionsToTxnRequest,
                           Reply<protocol::AddPartitionsToTxnResponse>);
void add_offsets_to_txn(Broker&, const Request&, protocol::AddOffsetsToTxnRequest,
                        Reply<protocol::AddOffsetsToTxnResponse>);
void end_txn(Broker&, const Request&, protocol::EndTxnRequest, Reply<protocol::EndTxnResponse>);
void write_txn_markers(Broker&, const Request&, protocol::WriteTxnMarkersRequest,
                       Reply<protocol::WriteTxnMarkersResponse>);
void txn_offset_commit(Broker&, const Request&, protocol::TxnOffsetCommitRequest,
                       Reply<protocol::TxnOffsetCommitResponse>);
void describe_acls(Broker&, const Request&, protocol::DescribeAclsRequest,
                   Reply<protocol::DescribeAclsResponse>);
void create_acls(Broker&, const Request&, protocol::CreateAclsRequest,
                 Reply<protocol::CreateAclsResponse>);
void delete_acls(Broker&, const Request&, protocol::DeleteAclsRequest,
                 Reply<protocol::DeleteAclsResponse>);
void describe_configs(Broker&, const Request&, protocol::DescribeConfigsRequest,
                      Reply<protocol::DescribeConfigsResponse>);
void create_partitions(Broker&, const Request&, protocol::CreatePartitionsRequest,
                       Reply<protocol::CreatePartitionsResponse>);
void delete_groups(Broker&, const Request&, protocol::DeleteGroupsRequest,
                   Reply<protocol::DeleteGroupsResponse>);
void incremental_alter_configs(Broker&, const Request&, protocol::IncrementalAlterConfigsRequest,
                               Reply<protocol::IncrementalAlterConfigsResponse>);
void offset_delete(Broker&, const Request&, protocol::OffsetDeleteRequest,
                   Reply<protocol::OffsetDeleteResponse>);
void describe_cluster(Broker&, const Request&, protocol::DescribeClusterRequest,
                      Reply<protocol::DescribeClusterResponse>);
void offset_for_leader_epoch(Broker&, const Request&, protocol::OffsetForLeaderEpochRequest,
                             Reply<protocol::OffsetForLeaderEpochResponse>);
void alter_configs(Broker&, const Request&, protocol::AlterConfigsRequest,
                   Reply<protocol::AlterConfigsResponse>);
void describe_log_dirs(Broker&, const Request&, protocol::DescribeLogDirsRequest,
                       Reply<protocol::DescribeLogDirsResponse>);
void elect_leaders(Broker&, const Request&, protocol::ElectLeadersRequest,
                   Reply<protocol::ElectLeadersResponse>);
void alter_partition_reassignments(Broker&, const Request&,
                                   protocol::AlterPartitionReassignmentsRequest,
                                   Reply<protocol::AlterPartitionReassignmentsResponse>);
void list_partition_reassignments(Broker&, const Request&,
                                  protocol::ListPartitionReassignmentsRequest,
                                  Reply<protocol::ListPartitionReassignmentsResponse>);
void describe_client_quotas(Broker&, const Request&, protocol::DescribeClientQuotasRequest,
                            Reply<protocol::DescribeClientQuotasResponse>);
void alter_client_quotas(Broker&, const Request&, protocol::AlterClientQuotasRequest,
                         Reply<protocol::AlterClientQuotasResponse>);
void describe_quorum(Broker&, const Request&, protocol::DescribeQuorumRequest,
                     Reply<protocol::DescribeQuorumResponse>);
void update_features(Broker&, const Request&, protocol::UpdateFeaturesRequest,
                     Reply<protocol::UpdateFeaturesResponse>);
void describe_producers(Broker&, const Request&, protocol::DescribeProducersRequest,
                        Reply<protocol::DescribeProducersResponse>);
void unregister_broker(Broker&, const Request&, protocol::UnregisterBrokerRequest,
                       Reply<protocol::UnregisterBrokerResponse>);
void describe_transactions(Broker&, const Request&, protocol::DescribeTransactionsRequest,
                           Reply<protocol::DescribeTransactionsResponse>);
void list_transactions(Broker&, const Request&, protocol::ListTransactionsRequest,
                       Reply<protocol::ListTransactionsResponse>);
void consumer_group_heartbeat(Broker&, const Request&, protocol::ConsumerGroupHeartbeatRequest,
                              Reply<protocol::ConsumerGroupHeartbeatResponse>);
void consumer_group_describe(Broker&, const Request&, protocol::ConsumerGroupDescribeRequest,
                             Reply<protocol::ConsumerGroupDescribeResponse>);
void list_config_resources(Broker&, const Request&, protocol::ListConfigResourcesRequest,
                           Reply<protocol::ListConfigResourcesResponse>);
void sasl_handshake(Broker&, const Request&, protocol::SaslHandshakeRequest,
                    Reply<protocol::SaslHandshakeResponse>);
void sasl_authenticate(Broker&, const Request&, protocol::SaslAuthenticateRequest,
                       Reply<protocol::SaslAuthenticateResponse>);
void describe_user_scram_credentials(Broker&, const Request&,
                                     protocol::DescribeUserScramCredentialsRequest,
                                     Reply<protocol::DescribeUserScramCredentialsResponse>);
void alter_user_scram_credentials(Broker&, const Request&,
                                  protocol::AlterUserScramCredentialsRequest,
                                  Reply<protocol::AlterUserScramCredentialsResponse>);
void describe_topic_partitions(Broker&, const Request&, protocol::DescribeTopicPartitionsRequest,
                               Reply<protocol::DescribeTopicPartitionsResponse>);
void add_raft_voter(Broker&, const Request&, protocol::AddRaftVoterRequest,
                    Reply<protocol::AddRaftVoterResponse>);
void remove_raft_voter(Broker&, const Request&, protocol::RemoveRaftVoterRequest,
                       Reply<protocol::RemoveRaftVoterResponse>);

}  // namespace stoker::broker
