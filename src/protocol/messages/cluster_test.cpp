#include <gtest/gtest.h>

#include "protocol/messages/34_alter_replica_log_dirs.hpp"
#include "protocol/messages/35_describe_log_dirs.hpp"
#include "protocol/messages/38_create_delegation_token.hpp"
#include "protocol/messages/39_renew_delegation_token.hpp"
#include "protocol/messages/40_expire_delegation_token.hpp"
#include "protocol/messages/41_describe_delegation_token.hpp"
#include "protocol/messages/43_elect_leaders.hpp"
#include "protocol/messages/45_alter_partition_reassignments.hpp"
#include "protocol/messages/46_list_partition_reassignments.hpp"
#include "protocol/messages/55_describe_quorum.hpp"
#include "protocol/messages/57_update_features.hpp"
#include "protocol/messages/64_unregister_broker.hpp"
#include "protocol/messages/80_add_raft_voter.hpp"
#include "protocol/messages/81_remove_raft_voter.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse,
                     DescribeLogDirsRequest, DescribeLogDirsResponse, ElectLeadersRequest,
                     ElectLeadersResponse, AlterPartitionReassignmentsRequest,
                     AlterPartitionReassignmentsResponse, ListPartitionReassignmentsRequest,
                     ListPartitionReassignmentsResponse, DescribeQuorumRequest,
                     DescribeQuorumResponse, UpdateFeaturesRequest, UpdateFeaturesResponse,
                     UnregisterBrokerRequest, UnregisterBrokerResponse, AddRaftVoterRequest,
                     AddRaftVoterResponse, RemoveRaftVoterRequest, RemoveRaftVoterResponse,
                     CreateDelegationTokenRequest, CreateDelegationTokenResponse,
                     RenewDelegationTokenRequest, RenewDelegationTokenResponse,
                     ExpireDelegationTokenRequest, ExpireDelegationTokenResponse,
                     DescribeDelegationTokenRequest, DescribeDelegationTokenResponse>;

TEST(ClusterMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(ClusterMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(ClusterMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
