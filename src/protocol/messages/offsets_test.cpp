#include <gtest/gtest.h>

#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/21_delete_records.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/23_offset_for_leader_epoch.hpp"
#include "protocol/messages/47_offset_delete.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<ListOffsetsRequest, ListOffsetsResponse, OffsetCommitRequest,
                     OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse,
                     DeleteRecordsRequest, DeleteRecordsResponse, InitProducerIdRequest,
                     InitProducerIdResponse, OffsetDeleteRequest, OffsetDeleteResponse,
                     OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>;

TEST(OffsetMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(OffsetMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(OffsetMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
