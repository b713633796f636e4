#include <gtest/gtest.h>

#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_control.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<OffsetCommitKey, OffsetCommitValue, GroupMetadataKey, GroupMetadataValue,
                     ConsumerProtocolSubscription, ConsumerProtocolAssignment, EndTxnMarker,
                     LeaderChangeMessage, SnapshotHeaderRecord, SnapshotFooterRecord,
                     KRaftVersionRecord, VotersRecord>;

TEST(StoredMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(StoredMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(StoredMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
