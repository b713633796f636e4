#include <gtest/gtest.h>

#include "protocol/messages/29_describe_acls.hpp"
#include "protocol/messages/30_create_acls.hpp"
#include "protocol/messages/31_delete_acls.hpp"
#include "protocol/messages/48_describe_client_quotas.hpp"
#include "protocol/messages/49_alter_client_quotas.hpp"
#include "protocol/messages/50_describe_user_scram_credentials.hpp"
#include "protocol/messages/51_alter_user_scram_credentials.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<DescribeAclsRequest, DescribeAclsResponse, CreateAclsRequest,
                     CreateAclsResponse, DeleteAclsRequest, DeleteAclsResponse,
                     DescribeClientQuotasRequest, DescribeClientQuotasResponse,
                     AlterClientQuotasRequest, AlterClientQuotasResponse,
                     DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
                     AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>;

TEST(AccessMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(AccessMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(AccessMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
