#include "protocol/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/apis.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/18_api_versions.hpp"

namespace stoker::protocol {
namespace {

static_assert(name_of<&HeartbeatRequest::group_instance_id>() == "group_instance_id");
static_assert(name_of<&ProduceRequest::PartitionProduceData::index>() == "index");
static_assert(ProduceRequest::api.advertised == Versions{0, 13});
static_assert(HeartbeatRequest::api.advertised == HeartbeatRequest::api.versions);

std::string advertised() {
    std::string text;
    for (const Api& api : apis()) {
        text += std::to_string(api.key) + ":" + std::to_string(api.advertised.first) + "-" +
                std::to_string(api.advertised.last) + " ";
    }
    return text;
}

TEST(Apis, advertise_what_apache_kafka_4_3_advertises) {
    EXPECT_EQ(advertised(),
              "0:0-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 "
              "15:0-6 16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 "
              "27:1-2 28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 37:0-3 "
              "38:1-3 39:1-2 40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 "
              "49:0-1 50:0-0 51:0-0 55:0-2 57:0-2 60:0-2 61:0-0 "
              "64:0-0 65:0-0 66:0-2 68:0-1 69:0-1 71:0-0 72:0-0 74:0-1 75:0-0 80:0-1 81:0-0 ");
}

TEST(Apis, become_flexible_where_apache_kafka_does) {
    std::string text;
    for (const Api& api : apis()) {
        if (api.flexible != never) {
            text += std::to_string(api.key) + ":" + std::to_string(api.flexible) + " ";
        }
    }
    EXPECT_EQ(text, "0:9 1:12 2:6 3:9 8:8 9:6 10:3 11:6 12:4 13:4 14:4 15:5 16:3 18:3 19:5 20:4 "
                    "21:2 22:2 23:4 24:3 25:3 26:3 27:1 28:3 29:2 30:2 31:2 32:4 33:2 34:2 35:2 "
                    "36:2 37:2 38:2 39:2 40:2 41:2 42:2 43:2 44:1 45:0 46:0 48:1 49:1 50:0 51:0 "
                    "55:0 57:0 60:0 61:0 64:0 65:0 66:0 "
                    "68:0 69:0 71:0 72:0 74:0 75:0 80:0 81:0 ");
}

TEST(Apis, are_found_by_their_key) {
    EXPECT_EQ(find_api(18)->name, "ApiVersions");
    EXPECT_EQ(find_api(-1), nullptr);
    EXPECT_EQ(find_api(5), nullptr);
    EXPECT_EQ(find_api(99), nullptr);
}

TEST(Apis, produce_is_served_from_the_first_version_with_batches_of_magic_2) {
    EXPECT_EQ(ProduceRequest::api.versions, (Versions{3, 13}));
}

TEST(Apis, a_response_header_is_flexible_with_its_message_except_for_api_versions) {
    EXPECT_EQ(HeartbeatRequest::api.response_header_version(3), 0);
    EXPECT_EQ(HeartbeatRequest::api.response_header_version(4), 1);
    EXPECT_EQ(ApiVersionsRequest::api.response_header_version(4), 0);
    EXPECT_EQ(ApiVersionsRequest::api.request_header_version(4), 2);
}

}  // namespace
}  // namespace stoker::protocol
