#include <gtest/gtest.h>

#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/68_consumer_group_heartbeat.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<FindCoordinatorRequest, FindCoordinatorResponse, JoinGroupRequest,
                     JoinGroupResponse, HeartbeatRequest, HeartbeatResponse, LeaveGroupRequest,
                     LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse, DescribeGroupsRequest,
                     DescribeGroupsResponse, ListGroupsRequest, ListGroupsResponse,
                     DeleteGroupsRequest, DeleteGroupsResponse, ConsumerGroupHeartbeatRequest,
                     ConsumerGroupHeartbeatResponse, ConsumerGroupDescribeRequest,
                     ConsumerGroupDescribeResponse>;

TEST(GroupMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(GroupMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(GroupMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
