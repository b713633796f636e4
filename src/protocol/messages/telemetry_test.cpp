#include <gtest/gtest.h>

#include "protocol/messages/71_get_telemetry_subscriptions.hpp"
#include "protocol/messages/72_push_telemetry.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
                     PushTelemetryRequest, PushTelemetryResponse>;

TEST(TelemetryMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(TelemetryMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(TelemetryMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
