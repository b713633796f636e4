#include "kafka/connection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/big_endian.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/scripted_broker.hpp"
#include "kafka/security.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/17_sasl_handshake.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"

namespace stoker::kafka {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ListGroupsRequest;
using protocol::ListGroupsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

constexpr int16_t api_versions = ApiVersionsRequest::api.key;
constexpr int16_t metadata = MetadataRequest::api.key;

const SystemClock the_clock;

Deadline soon() {
    return {the_clock, 10'000};
}

std::unique_ptr<Connection> connect(const ScriptedBroker& broker) {
    return value_or_throw(Connection::open(broker.address(), {.client_id = "test"}, soon()));
}

Bytes raw(std::string_view hex_digits) {
    return from_hex(hex_digits);
}

TEST(Connection, shakes_hands_and_calls_in_the_highest_common_version) {
    ScriptedBroker broker({{api_versions, [](const ScriptedRequest& request) {
                                auto asked = request.decode<ApiVersionsRequest>();
                                EXPECT_EQ(request.header.client_id, "test");
                                EXPECT_EQ(asked.client_software_name, "stoker");
                                ApiVersionsResponse versions;
                                versions.api_keys = {{metadata, 4, 9}, {api_versions, 0, 4}};
                                return request.answer(versions);
                            }}});
    auto connection = connect(broker);
    EXPECT_EQ(connection->version_of(MetadataRequest::api), 9);
    EXPECT_EQ(connection->version_of(MetadataRequest::api, 5), 5);
    auto answer = connection->call<MetadataResponse>(MetadataRequest{}, soon());
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->controller_id, 1);
    EXPECT_EQ(answer->brokers.front().port, broker.port());
}

TEST(Connection, an_old_broker_that_refuses_the_handshake_is_asked_again_in_its_version) {
    ScriptedBroker broker({{api_versions, [](const ScriptedRequest& request) {
                                ApiVersionsResponse versions;
                                versions.api_keys = {{api_versions, 0, 1}, {metadata, 0, 1}};
                                if (request.header.request_api_version <= 1) {
                                    return request.answer(versions);
                                }
                                versions.error_code = ErrorCode::unsupported_version;
                                return protocol::encode_response(request.header.correlation_id,
                                                                 versions, 0)
                                    .bytes;
                            }}});
    auto connection = connect(broker);
    EXPECT_EQ(connection->version_of(MetadataRequest::api), 1);
    EXPECT_EQ(broker.asked().size(), 2u);
}

TEST(Connection, a_session_without_an_end_in_sight_is_not_renewed) {
    for (const int64_t lifetime : {int64_t{20'000'000'000'000}, INT64_MAX}) {
        ScriptedBroker broker(
            {{protocol::SaslHandshakeRequest::api.key,
              [](const ScriptedRequest& request) {
                  return request.answer(protocol::SaslHandshakeResponse{});
              }},
             {protocol::SaslAuthenticateRequest::api.key,
              [lifetime](const ScriptedRequest& request) {
                  return request.answer(
                      protocol::SaslAuthenticateResponse{.session_lifetime_ms = lifetime});
              }}});
        ClientProperties properties;
        properties.set("security.protocol", "SASL_PLAINTEXT");
        properties.set("sasl.mechanism", "PLAIN");
        properties.set("sasl.jaas.config",
                       "org.apache.kafka.common.security.plain.PlainLoginModule required "
                       "username=\"a\" password=\"b\";");
        ConnectionOptions options{.client_id = "test"};
        options.security = value_or_throw(read_security(properties));
        auto connection = value_or_throw(Connection::open(broker.address(), options, soon()));
        ASSERT_TRUE(connection->call<MetadataResponse>(MetadataRequest{}, soon()));
        const auto asked = broker.asked();
        EXPECT_EQ(std::ranges::count(asked, protocol::SaslHandshakeRequest::api.key), 1);
    }
}

TEST(Connection, what_the_broker_does_not_serve_is_an_unsupported_version) {
    ScriptedBroker broker({{api_versions, [](const ScriptedRequest& request) {
                                ApiVersionsResponse versions;
                                versions.api_keys = {{metadata, 90, 99}};
                                return request.answer(versions);
                            }}});
    auto connection = connect(broker);
    auto groups = connection->call<ListGroupsResponse>(ListGroupsRequest{}, soon());
    EXPECT_EQ(groups.error().to_string(),
              "org.apache.kafka.common.errors.UnsupportedVersionException: The node does not "
              "support LIST_GROUPS");
    EXPECT_EQ(connection->version_of(MetadataRequest::api).error().text(),
              "The node does not support METADATA with version in range [0,13]. The supported "
              "range is [90,99].");
    EXPECT_TRUE(connection->is_open());
}

TEST(Connection, a_field_that_the_version_cannot_carry_is_an_unsupported_version) {
    ScriptedBroker broker({{api_versions, [](const ScriptedRequest& request) {
                                ApiVersionsResponse versions;
                                versions.api_keys = {{ListGroupsRequest::api.key, 0, 3}};
                                return request.answer(versions);
                            }}});
    auto connection = connect(broker);
    auto answer = connection->call<ListGroupsResponse>(
        ListGroupsRequest{.states_filter = {"Stable"}}, soon());
    EXPECT_TRUE(answer.error().is("UnsupportedVersionException"));
    EXPECT_EQ(answer.error().code, ErrorCode::unsupported_version);
}

TEST(Connection, several_requests_are_answered_in_their_order) {
    ScriptedBroker broker;
    auto connection = connect(broker);
    auto first = connection->send(MetadataRequest{}, soon());
    auto second = connection->send(MetadataRequest{}, soon());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(connection->in_flight(), 2u);
    EXPECT_EQ(connection->receive(soon())->correlation_id, *first);
    connection->wait_readable(soon());
    EXPECT_EQ(connection->receive(soon())->correlation_id, *second);
    auto nothing = connection->poll();
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);
    EXPECT_EQ(connection->in_flight(), 0u);
}

/// What a call makes of a broker that answers Metadata with these bytes.
Failure failure_after(const std::string& hex_digits, bool* open = nullptr) {
    ScriptedBroker broker({{metadata, [&](const ScriptedRequest& request) {
                                Bytes answer = raw(hex_digits);
                                // ffffffff stands for the id that was asked with.
                                if (answer.size() >= 8 && answer[4] == std::byte{0xff}) {
                                    store_big_endian(&answer[4], request.header.correlation_id);
                                }
                                return answer;
                            }}});
    auto connection = connect(broker);
    auto answer = connection->call<MetadataResponse>(MetadataRequest{}, soon());
    EXPECT_FALSE(answer);
    if (open != nullptr) *open = connection->is_open();
    return answer ? Failure{} : answer.error();
}

TEST(Connection, a_frame_size_that_lies_closes_the_connection) {
    for (const char* size : {"ffffffff", "00000000", "00000003", "7fffffff"}) {
        bool open = true;
        Failure failure = failure_after(size, &open);
        EXPECT_TRUE(failure.is("DisconnectException")) << size << failure.to_string();
        EXPECT_NE(failure.text().find("a frame of"), std::string::npos) << failure.text();
        EXPECT_FALSE(open);
    }
}

TEST(Connection, an_answer_to_no_request_of_ours_closes_the_connection) {
    bool open = true;
    Failure failure = failure_after("000000047fffffff", &open);
    EXPECT_NE(failure.text().find("does not match request"), std::string::npos);
    EXPECT_FALSE(open);
}

TEST(Connection, bytes_that_are_no_such_message_fail_as_a_schema_exception) {
    // Brokers: an array of 2^31 - 2 elements in a frame of a few bytes.
    Failure failure = failure_after("0000000effffffff0000000000ffffffff07");
    EXPECT_TRUE(failure.is("SchemaException")) << failure.to_string();
}

TEST(Connection, what_follows_an_answer_is_ignored_as_java_does) {
    ScriptedBroker broker({{metadata, [&](const ScriptedRequest& request) {
                                Bytes answer = request.answer(MetadataResponse{.cluster_id = "c"});
                                answer.push_back(std::byte{7});
                                const auto size = load_big_endian<int32_t>(answer.data());
                                store_big_endian(answer.data(), size + 1);
                                return answer;
                            }}});
    auto connection = connect(broker);
    auto answer = connection->call<MetadataResponse>(MetadataRequest{}, soon());
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->cluster_id, "c");
}

TEST(Connection, a_broker_that_hangs_up_is_a_disconnect) {
    ScriptedBroker broker({{metadata, [](const ScriptedRequest&) -> std::optional<Bytes> {
                                return std::nullopt;
                            }}});
    auto connection = connect(broker);
    auto answer = connection->call<MetadataResponse>(MetadataRequest{}, soon());
    EXPECT_TRUE(answer.error().is("DisconnectException"));
    EXPECT_FALSE(connection->is_open());
    EXPECT_TRUE(connection->send(MetadataRequest{}, soon()).error().is("DisconnectException"));
}

TEST(Connection, a_broker_that_says_nothing_costs_no_more_than_the_deadline) {
    ScriptedBroker broker({{metadata, [](const ScriptedRequest&) { return Bytes{}; }}});
    auto connection = connect(broker);
    auto answer = connection->call<MetadataResponse>(MetadataRequest{}, {the_clock, 20});
    EXPECT_TRUE(answer.error().is("DisconnectException"));
}

TEST(Connection, a_handshake_of_garbage_is_a_disconnect) {
    ScriptedBroker broker({{api_versions, [](const ScriptedRequest&) {
                                return raw("0000000500000000ff");
                            }}});
    auto made = Connection::open(broker.address(), {}, soon());
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().is("DisconnectException"));
}

}  // namespace
}  // namespace stoker::kafka
