#include "broker/authentication/authentication.hpp"

#include <gtest/gtest.h>

#include "broker/test_broker.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/50_describe_user_scram_credentials.hpp"
#include "protocol/messages/51_alter_user_scram_credentials.hpp"
#include "security/sasl_client.hpp"

namespace stoker::broker {
namespace {

using protocol::AlterUserScramCredentialsRequest;
using protocol::AlterUserScramCredentialsResponse;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::DescribeUserScramCredentialsRequest;
using protocol::DescribeUserScramCredentialsResponse;
using protocol::MetadataRequest;
using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;
using protocol::SaslHandshakeResponse;
using std::string_literals::operator""s;
using net::Answer;
using security::ScramMechanism;

constexpr int16_t token_version = 2;

ConfigMap sasl_properties(ConfigMap more = {}) {
    const std::string own = "listener.name.sasl_plaintext.";
    const std::string modules = "org.apache.kafka.common.security.";
    more.merge(ConfigMap{
        {"listeners", "SASL_PLAINTEXT://127.0.0.1:9092,PLAINTEXT://127.0.0.1:9093"},
        {"sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"},
        {own + "plain.sasl.jaas.config",
         modules + "plain.PlainLoginModule required user_alice=\"secret\" user_bob=\"pw\";"},
        {own + "scram-sha-256.sasl.jaas.config",
         modules + "scram.ScramLoginModule required user_carol=\"carols\";"},
        {own + "scram-sha-512.sasl.jaas.config", modules + "scram.ScramLoginModule required;"}});
    return more;
}

class Client {
public:
    explicit Client(TestBroker& broker, uint64_t session = 7) : broker_(broker) {
        broker.peer().listener = "SASL_PLAINTEXT";
        broker.peer().session_id = session;
    }

    SaslHandshakeResponse handshake(const std::string& mechanism, int16_t version = 1) {
        return broker_.ask<SaslHandshakeResponse>(SaslHandshakeRequest{mechanism}, version);
    }
    uint64_t send(Bytes token) {
        return broker_.send(SaslAuthenticateRequest{std::move(token)}, token_version);
    }
    SaslAuthenticateResponse answer(uint64_t number) {
        return broker_.answer<SaslAuthenticateResponse>(number, token_version);
    }
    /// The last answer; a refusal is waited for.
    SaslAuthenticateResponse exchange(security::SaslClient& client) {
        std::optional<Bytes> token = client.first();
        SaslAuthenticateResponse last;
        while (token) {
            uint64_t number = send(*token);
            broker_.clock().advance_ms(100);
            broker_.broker().tick();
            last = answer(number);
            if (last.error_code != ErrorCode::none) return last;
            auto next = client.evaluate(last.auth_bytes);
            EXPECT_TRUE(next) << next.error();
            token = next ? *next : std::nullopt;
        }
        return last;
    }
    SaslAuthenticateResponse plain(const std::string& user, const std::string& password) {
        EXPECT_EQ(handshake("PLAIN").error_code, ErrorCode::none);
        return exchange(*security::plain_client(user, password));
    }
    ErrorCode scram(ScramMechanism mechanism, const std::string& user,
                    const std::string& password) {
        EXPECT_EQ(handshake(std::string(security::name(mechanism))).error_code, ErrorCode::none);
        return exchange(*security::scram_client(mechanism, user, password)).error_code;
    }
    std::string principal() {
        return broker_.broker().authentication().session(broker_.peer())->principal;
    }
    /// Whether it may ask for metadata.
    bool is_in() {
        uint64_t number = broker_.send(MetadataRequest{}, 9);
        return broker_.raw_answer(number).kind == Answer::Kind::reply;
    }

private:
    TestBroker& broker_;
};

AlterUserScramCredentialsRequest::ScramCredentialUpsertion user(const std::string& name,
                                                                const std::string& password,
                                                                ScramMechanism mechanism,
                                                                int32_t iterations = 4096) {
    Bytes salt = to_bytes("a salt of its own");
    return {.name = name,
            .mechanism = int8_t(mechanism),
            .iterations = iterations,
            .salt = salt,
            .salted_password =
                security::pbkdf2(digest_of(mechanism), password, salt, iterations)};
}

TEST(Authentication, nothing_is_served_before_but_what_leads_to_it) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    EXPECT_EQ(broker.ask<ApiVersionsResponse>(
                  ApiVersionsRequest{.client_software_name = "a", .client_software_version = "1"},
                  3).error_code,
              ErrorCode::none);
    EXPECT_FALSE(client.is_in());
    EXPECT_EQ(client.plain("alice", "secret").error_code, ErrorCode::none);
    EXPECT_TRUE(client.is_in());
    EXPECT_EQ(client.principal(), "User:alice");
}

TEST(Authentication, a_session_is_forgotten_when_its_connection_ends) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    client.plain("alice", "secret");
    broker.broker().session_closed(7);
    EXPECT_FALSE(client.is_in());
}

TEST(Authentication, a_refusal_is_answered_late_and_ends_the_connection) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    client.handshake("PLAIN");
    uint64_t number = client.send(to_bytes("\0alice\0wrong"s));
    EXPECT_FALSE(broker.answered(number));
    broker.clock().advance_ms(99);
    broker.broker().tick();
    EXPECT_FALSE(broker.answered(number));
    broker.clock().advance_ms(1);
    broker.broker().tick();
    auto answer = client.answer(number);
    EXPECT_EQ(answer.error_code, ErrorCode::sasl_authentication_failed);
    EXPECT_EQ(answer.error_message, "Authentication failed: Invalid username or password");
    EXPECT_TRUE(broker.raw_answer(number).frame.close_after);
    EXPECT_FALSE(client.is_in());
}

TEST(Authentication, scram_tells_nothing_of_who_there_is) {
    TestBroker broker(sasl_properties());
    for (const char* name : {"carol", "nobody"}) {
        Client client(broker, name[0]);
        client.handshake("SCRAM-SHA-256");
        auto answer =
            client.exchange(*security::scram_client(ScramMechanism::sha_256, name, "wrong"));
        EXPECT_EQ(answer.error_message,
                  "Authentication failed during authentication due to invalid credentials with "
                  "SASL mechanism SCRAM-SHA-256");
    }
}

TEST(Authentication, a_mechanism_that_is_not_enabled_is_refused_with_those_that_are) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    uint64_t number = broker.send(SaslHandshakeRequest{"GSSAPI"}, 1);
    broker.clock().advance_ms(100);
    broker.broker().tick();
    auto answer = broker.answer<SaslHandshakeResponse>(number, 1);
    EXPECT_EQ(answer.error_code, ErrorCode::unsupported_sasl_mechanism);
    EXPECT_EQ(answer.mechanisms,
              (std::vector<std::string>{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}));
    EXPECT_TRUE(broker.raw_answer(number).frame.close_after);
}

TEST(Authentication, users_of_the_configuration_use_scram_too) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    EXPECT_EQ(client.scram(ScramMechanism::sha_256, "carol", "carols"), ErrorCode::none);
    EXPECT_EQ(client.principal(), "User:carol");
    EXPECT_NE(Client(broker, 8).scram(ScramMechanism::sha_512, "carol", "carols"),
              ErrorCode::none);
}

TEST(Authentication, scram_users_are_made_changed_and_removed_and_survive_a_kill) {
    TestBroker broker(sasl_properties());
    auto alter = [&](AlterUserScramCredentialsRequest request) {
        broker.peer().listener = "PLAINTEXT";
        return broker.ask<AlterUserScramCredentialsResponse>(request, 0)
            .results.at(0)
            .error_code;
    };
    constexpr auto sha_512 = ScramMechanism::sha_512;
    EXPECT_EQ(alter({.upsertions = {user("dave", "one", sha_512, 8192)}}), ErrorCode::none);
    EXPECT_EQ(Client(broker, 1).scram(sha_512, "dave", "one"), ErrorCode::none);
    broker.kill_and_restart();
    EXPECT_EQ(Client(broker, 2).scram(sha_512, "dave", "one"), ErrorCode::none);
    EXPECT_EQ(alter({.upsertions = {user("dave", "two", sha_512)}}), ErrorCode::none);
    EXPECT_NE(Client(broker, 3).scram(sha_512, "dave", "one"), ErrorCode::none);
    EXPECT_EQ(Client(broker, 4).scram(sha_512, "dave", "two"), ErrorCode::none);
    EXPECT_TRUE(Client(broker, 4).is_in()) << "who is in stays in";
    EXPECT_EQ(alter({.deletions = {{"dave", int8_t(sha_512)}}}), ErrorCode::none);
    EXPECT_NE(Client(broker, 5).scram(sha_512, "dave", "two"), ErrorCode::none);
    auto live = broker.broker().metadata().image();
    broker.kill_and_restart();
    EXPECT_EQ(broker.broker().metadata().image().scram(), live.scram());
}

TEST(Authentication, bare_tokens_follow_version_0) {
    TestBroker broker(sasl_properties());
    Client client(broker);
    EXPECT_EQ(client.handshake("PLAIN", 0).error_code, ErrorCode::none);
    uint64_t number = broker.send_bytes(to_bytes("\0alice\0secret"s));
    EXPECT_EQ(broker.raw_answer(number).frame.bytes, Bytes(4));
    EXPECT_TRUE(client.is_in());
    Client other(broker, 8);
    other.handshake("PLAIN", 0);
    number = broker.send_bytes(to_bytes("\0alice\0wrong"s));
    EXPECT_FALSE(broker.answered(number));
    broker.clock().advance_ms(100);
    broker.broker().tick();
    EXPECT_EQ(broker.raw_answer(number).kind, Answer::Kind::close);
}

TEST(Authentication, a_session_lasts_as_long_as_configured) {
    TestBroker broker(sasl_properties(
        {{"connections.max.reauth.ms", "60000"},
         {"listener.name.sasl_plaintext.plain.connections.max.reauth.ms", "5000"}}));
    Client client(broker);
    EXPECT_EQ(client.plain("alice", "secret").session_lifetime_ms, 5000);
    broker.clock().advance_ms(4000);
    EXPECT_TRUE(client.is_in());
    EXPECT_EQ(client.plain("alice", "secret").session_lifetime_ms, 5000);
    broker.clock().advance_ms(4800);
    EXPECT_TRUE(client.is_in());
    broker.clock().advance_ms(200);
    EXPECT_FALSE(client.is_in());
}

TEST(Authentication, a_session_without_an_end_in_sight_does_not_end_at_once) {
    TestBroker broker(sasl_properties({{"connections.max.reauth.ms", "9223372036854775807"}}));
    Client client(broker);
    client.plain("alice", "secret");
    EXPECT_TRUE(client.is_in());
}

TEST(Authentication, nobody_becomes_another_by_authenticating_again) {
    TestBroker broker(sasl_properties({{"connections.max.reauth.ms", "60000"}}));
    Client client(broker);
    client.plain("alice", "secret");
    auto answer = client.plain("bob", "pw");
    EXPECT_EQ(answer.error_code, ErrorCode::sasl_authentication_failed);
    EXPECT_EQ(answer.error_message,
              "Cannot change principals during re-authentication from User.alice: User.bob");
    EXPECT_FALSE(client.is_in());
}

TEST(Authentication, the_mechanism_stays_when_authenticating_again) {
    TestBroker broker(sasl_properties({{"connections.max.reauth.ms", "60000"}}));
    Client client(broker);
    client.plain("alice", "secret");
    EXPECT_EQ(client.scram(ScramMechanism::sha_256, "carol", "carols"),
              ErrorCode::sasl_authentication_failed);
}

TEST(Authentication, out_of_turn_it_is_an_illegal_state) {
    TestBroker broker(sasl_properties({{"connections.max.reauth.ms", "60000"}}));
    Client client(broker);
    client.plain("alice", "secret");
    EXPECT_EQ(client.answer(client.send({})).error_code, ErrorCode::illegal_sasl_state);
    client.plain("alice", "secret");
    EXPECT_EQ(client.handshake("PLAIN").error_code, ErrorCode::illegal_sasl_state)
        << "less than a second after the last time";
    EXPECT_TRUE(client.is_in());
    broker.peer().listener = "PLAINTEXT";
    broker.peer().session_id = 9;
    EXPECT_EQ(client.handshake("PLAIN").error_code, ErrorCode::illegal_sasl_state);
    EXPECT_EQ(client.answer(client.send({})).error_code, ErrorCode::illegal_sasl_state);
}

TEST(Authentication, tokens_have_a_size_limit) {
    TestBroker broker(sasl_properties({{"sasl.server.max.receive.size", "100"}}));
    EXPECT_NE(Client(broker).plain("alice", std::string(200, 'x')).error_code, ErrorCode::none);
    EXPECT_EQ(Client(broker, 8).plain("alice", "secret").error_code, ErrorCode::none);
}

TEST(ScramUsers, are_judged_by_the_rules_of_apache_kafka) {
    TestBroker broker;
    constexpr auto sha_256 = ScramMechanism::sha_256;
    auto response = broker.ask<AlterUserScramCredentialsResponse>(
        AlterUserScramCredentialsRequest{
            .deletions = {{"gone", 1}, {"twice", 1}},
            .upsertions = {user("few", "x", sha_256, 4095), user("many", "x", sha_256, 16385),
                           user("", "x", sha_256), user("good", "x", sha_256),
                           user("twice", "x", sha_256), user("both", "x", sha_256),
                           user("both", "x", ScramMechanism::sha_512),
                           {.name = "what", .mechanism = 3, .iterations = 4096}}},
        0);
    std::map<std::string, std::pair<ErrorCode, std::string>> got;
    for (const auto& result : response.results)
        got[result.user] = {result.error_code, result.error_message.value_or("")};
    std::map<std::string, std::pair<ErrorCode, std::string>> wanted{
        {"gone",
         {ErrorCode::resource_not_found,
          "Attempt to delete a user credential that does not exist"}},
        {"twice",
         {ErrorCode::resource_not_found,
          "Attempt to delete a user credential that does not exist"}},
        {"few", {ErrorCode::unacceptable_credential, "Too few iterations"}},
        {"many", {ErrorCode::unacceptable_credential, "Too many iterations"}},
        {"", {ErrorCode::unacceptable_credential, "Username must not be empty"}},
        {"both",
         {ErrorCode::duplicate_resource,
          "A user credential cannot be altered twice in the same request"}},
        {"what", {ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism"}},
        {"good", {ErrorCode::none, ""}}};
    EXPECT_EQ(got, wanted);
}

TEST(ScramUsers, are_described_without_their_credentials) {
    TestBroker broker;
    broker.ask<AlterUserScramCredentialsResponse>(
        AlterUserScramCredentialsRequest{
            .upsertions = {user("a", "x", ScramMechanism::sha_512, 5000)}},
        0);
    using Users = std::vector<DescribeUserScramCredentialsRequest::UserName>;
    auto all = broker.ask<DescribeUserScramCredentialsResponse>(
        DescribeUserScramCredentialsRequest{.users = std::nullopt}, 0);
    ASSERT_EQ(all.results.size(), 1u);
    EXPECT_EQ(all.results[0].user, "a");
    ASSERT_EQ(all.results[0].credential_infos.size(), 1u);
    EXPECT_EQ(all.results[0].credential_infos[0].mechanism, 2);
    EXPECT_EQ(all.results[0].credential_infos[0].iterations, 5000);
    auto some = broker.ask<DescribeUserScramCredentialsResponse>(
        DescribeUserScramCredentialsRequest{.users = Users{{"b"}, {"a"}, {"a"}}}, 0);
    ASSERT_EQ(some.results.size(), 2u);
    EXPECT_EQ(some.results[0].error_code, ErrorCode::resource_not_found);
    EXPECT_EQ(some.results[1].error_code, ErrorCode::duplicate_resource);
}

std::string why_not(ConfigMap properties) {
    auto configs = ConfigStore::create({.properties = std::move(properties), .defaults = {}});
    if (!configs) return configs.error();
    auto listeners = Listeners::parse(*configs);
    if (!listeners) return listeners.error();
    auto read = read_sasl(*configs, *listeners);
    return read ? "" : read.error();
}

TEST(SaslSettings, a_mechanism_without_a_jaas_entry_is_refused) {
    ConfigMap properties = sasl_properties();
    properties.erase("listener.name.sasl_plaintext.plain.sasl.jaas.config");
    EXPECT_EQ(why_not(properties),
              "listener.name.sasl_plaintext.plain.sasl.jaas.config is not set: PLAIN is enabled on "
              "listener SASL_PLAINTEXT and needs a JAAS entry, such as "
              "org.apache.kafka.common.security.plain.PlainLoginModule required "
              "user_alice=\"…\";");
}

TEST(SaslSettings, what_cannot_be_served_is_refused_with_what_to_set) {
    ConfigMap properties = sasl_properties();
    properties.erase("sasl.enabled.mechanisms");
    EXPECT_NE(why_not(properties).find("GSSAPI is not supported: name some of PLAIN"),
              std::string::npos);
    properties["sasl.enabled.mechanisms"] = "";
    EXPECT_NE(why_not(properties).find("No SASL mechanisms are enabled"), std::string::npos);
    properties = sasl_properties();
    properties["listener.name.sasl_plaintext.plain.sasl.jaas.config"] =
        "com.sun.security.auth.module.JndiLoginModule required;";
    EXPECT_NE(why_not(properties).find("login module is none of"), std::string::npos);
}

TEST(SaslSettings, oauthbearer_needs_a_key_set_in_a_file) {
    ConfigMap properties = sasl_properties(
        {{"listener.name.sasl_plaintext.sasl.enabled.mechanisms", "OAUTHBEARER"},
         {"listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config",
          "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"}});
    const std::string url = "sasl.oauthbearer.jwks.endpoint.url";
    EXPECT_NE(why_not(properties).find("OAUTHBEARER needs " + url), std::string::npos);
    properties[url] = "https://issuer/keys";
    EXPECT_NE(why_not(properties).find("must be a file:/// URL"), std::string::npos);
    properties[url] = "file:///keys.json";
    EXPECT_EQ(why_not(properties), "");
}

TEST(SaslSettings, passwords_that_travel_readable_are_noticed) {
    auto noticed = [](const std::string& mechanisms, const std::string& protocol) {
        const std::string name = protocol == "SASL_SSL" ? "sasl_ssl" : "sasl_plaintext";
        std::vector<SaslListener> listeners{
            {.name = name,
             .protocol = *security::parse_security_protocol(protocol),
             .mechanisms = {{.mechanism = mechanisms == "PLAIN" ? Mechanism::plain
                                                                : Mechanism::scram_sha_256,
                             .name = mechanisms}}}};
        return sends_secrets_readable(listeners).has_value();
    };
    EXPECT_TRUE(noticed("PLAIN", "SASL_PLAINTEXT"));
    EXPECT_FALSE(noticed("SCRAM-SHA-256", "SASL_PLAINTEXT"));
    EXPECT_FALSE(noticed("PLAIN", "SASL_SSL"));
}

}  // namespace
}  // namespace stoker::broker
