#include <gtest/gtest.h>

#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/32_describe_configs.hpp"
#include "protocol/messages/33_alter_configs.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/messages/74_list_config_resources.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
                     DeleteTopicsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
                     CreatePartitionsRequest, CreatePartitionsResponse,
                     IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
                     AlterConfigsRequest, AlterConfigsResponse, ListConfigResourcesRequest,
                     ListConfigResourcesResponse>;

TEST(TopicAndConfigMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(TopicAndConfigMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(TopicAndConfigMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
