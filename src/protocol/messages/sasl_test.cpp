#include <gtest/gtest.h>

#include "protocol/messages/17_sasl_handshake.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"
#include "protocol/messages/records_scram.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<SaslHandshakeRequest, SaslHandshakeResponse, SaslAuthenticateRequest,
                     SaslAuthenticateResponse, UserScramCredentialRecord,
                     RemoveUserScramCredentialRecord>;

TEST(SaslMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(SaslMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(SaslMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

TEST(SaslMessages, are_printed_without_what_is_secret) {
    SaslAuthenticateRequest request{.auth_bytes = to_bytes("canary")};
    EXPECT_EQ(print(request).find("canary"), std::string::npos);
    UserScramCredentialRecord record{.name = "alice",
                                     .mechanism = 1,
                                     .salt = to_bytes("canary"),
                                     .stored_key = to_bytes("canary"),
                                     .server_key = to_bytes("canary")};
    EXPECT_EQ(print(record).find("canary"), std::string::npos);
}

}  // namespace
}  // namespace stoker::protocol::testing
