#include <gtest/gtest.h>

#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/60_describe_cluster.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<MetadataRequest, MetadataResponse, ApiVersionsRequest, ApiVersionsResponse,
                     DescribeClusterRequest, DescribeClusterResponse,
                     DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>;

TEST(MetadataMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(MetadataMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(MetadataMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
