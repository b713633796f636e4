#include <gtest/gtest.h>

#include "protocol/messages/records_metadata.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<RegisterBrokerRecord, TopicRecord, PartitionRecord, ConfigRecord,
                     PartitionChangeRecord, RemoveTopicRecord, FeatureLevelRecord,
                     ProducerIdsRecord, BrokerRegistrationChangeRecord, NoOpRecord,
                     BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord,
                     RegisterControllerRecord, ClientQuotaRecord, AccessControlEntryRecord,
                     RemoveAccessControlEntryRecord>;

TEST(MetadataRecords, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(MetadataRecords, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(MetadataRecords, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
