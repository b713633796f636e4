#include "security/scram.hpp"

#include <gtest/gtest.h>

#include "security/sasl_client.hpp"
#include "security/scram_server.hpp"

namespace stoker::security {
namespace {

constexpr auto sha_256 = ScramMechanism::sha_256;

/// One user, "alice" with "secret".
ScramUsers alice(ScramMechanism mechanism = sha_256) {
    return [credential = scram_credential(mechanism, "secret")](const std::string& user) {
        ScramLookup lookup{.usual = {.salt_size = 20, .iterations = 4096}};
        if (user == "alice") lookup.credential = credential;
        return lookup;
    };
}

/// How an exchange ends: "" when the client got in, else the server's reason.
std::string reason_after(SaslClient& client, SaslServer& server) {
    std::optional<Bytes> token = client.first();
    while (token) {
        auto answer = server.evaluate(*token);
        if (!answer) return answer.error().reason;
        auto next = client.evaluate(*answer);
        if (!next) return "client: " + next.error();
        token = *next;
    }
    return client.complete() && server.complete() ? "" : "incomplete";
}

std::string login(const std::string& user, const std::string& password,
                  ScramMechanism mechanism = sha_256) {
    auto client = scram_client(mechanism, user, password);
    auto server = scram_server(mechanism, alice(mechanism));
    return reason_after(*client, *server);
}

/// The server's answers until the final message, which the test then writes by itself.
struct Begun {
    std::unique_ptr<SaslServer> server;
    std::string server_first;
    std::string nonce;
};
Begun begin(const std::string& first, const ScramUsers& users = alice()) {
    Begun begun{.server = scram_server(sha_256, users)};
    auto answer = begun.server->evaluate(bytes_of(first));
    EXPECT_TRUE(answer) << answer.error().reason;
    if (!answer) return begun;
    begun.server_first = text_of(*answer);
    begun.nonce = parse_server_first(begun.server_first).value_or(ServerFirst{}).nonce;
    return begun;
}

std::string why_refused(SaslServer& server, const std::string& message) {
    auto answer = server.evaluate(bytes_of(message));
    return answer ? "" : answer.error().reason;
}

TEST(Scram, the_exchange_of_rfc_7677_is_reproduced) {
    auto client = scram_client(sha_256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO");
    EXPECT_EQ(text_of(client->first()), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    auto final = client->evaluate(
        bytes_of("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                 "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
    ASSERT_TRUE(final && *final);
    EXPECT_EQ(text_of(**final),
              "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
              "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    EXPECT_TRUE(
        client->evaluate(bytes_of("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
    EXPECT_TRUE(client->complete());
}

TEST(Scram, the_right_password_gets_in_with_both_mechanisms) {
    EXPECT_EQ(login("alice", "secret"), "");
    EXPECT_EQ(login("alice", "secret", ScramMechanism::sha_512), "");
}

TEST(Scram, a_wrong_password_and_a_user_who_is_not_there_are_told_apart_by_nobody) {
    EXPECT_EQ(login("alice", "wrong"), "wrong user name or password");
    EXPECT_EQ(login("nobody", "secret"), "wrong user name or password");
}

TEST(Scram, a_user_who_is_not_there_has_a_salt_that_stays) {
    auto salt_of = [](const std::string& user) {
        auto begun = begin("n,,n=" + user + ",r=abc");
        return parse_server_first(begun.server_first).value_or(ServerFirst{});
    };
    EXPECT_EQ(salt_of("nobody").salt, salt_of("nobody").salt);
    EXPECT_NE(salt_of("nobody").salt, salt_of("nobody2").salt);
    EXPECT_EQ(salt_of("nobody").salt.size(), salt_of("alice").salt.size());
    EXPECT_EQ(salt_of("nobody").iterations, salt_of("alice").iterations);
}

TEST(Scram, the_nonce_must_come_back) {
    for (std::string bad : {std::string("abc"), std::string("abcd"), std::string("x")}) {
        auto begun = begin("n,,n=alice,r=abc");
        EXPECT_EQ(why_refused(*begun.server, "c=biws,r=" + bad + ",p=AAAA"),
                  "the nonce is not the one that was given");
    }
    auto begun = begin("n,,n=alice,r=abc");
    EXPECT_EQ(why_refused(*begun.server, "c=biws,r=" + begun.nonce + "x,p=AAAA"),
              "the nonce is not the one that was given");
}

TEST(Scram, librdkafka_before_2_6_1_may_repeat_its_own_nonce) {
    auto begun = begin("n,,n=alice,r=abc");
    EXPECT_EQ(why_refused(*begun.server, "c=biws,r=abc" + begun.nonce + ",p=AAAA"),
              "the proof is malformed");
}

TEST(Scram, the_proof_is_checked_in_every_bit) {
    auto client = scram_client(sha_256, "alice", "secret");
    auto users = alice();
    for (size_t bit = 0; bit < 256; bit += 17) {
        auto again = scram_client(sha_256, "alice", "secret");
        auto server = scram_server(sha_256, users);
        auto first = server->evaluate(again->first());
        ASSERT_TRUE(first);
        auto final = again->evaluate(*first);
        ASSERT_TRUE(final && *final);
        auto message = *parse_client_final(text_of(**final));
        message.proof[bit / 8] ^= std::byte(1 << bit % 8);
        EXPECT_EQ(why_refused(*server, message.without_proof + ",p=" + base64(message.proof)),
                  "wrong user name or password");
    }
}

TEST(Scram, the_channel_binding_must_be_what_was_announced) {
    auto begun = begin("n,,n=alice,r=abc");
    EXPECT_EQ(why_refused(*begun.server, "c=eSws,r=" + begun.nonce + ",p=AAAA"),
              "the channel binding is not what was announced");
    auto server = scram_server(sha_256, alice());
    EXPECT_NE(why_refused(*server, "p=tls-unique,,n=alice,r=abc"), "");
    server = scram_server(sha_256, alice());
    EXPECT_NE(why_refused(*server, "y,,n=alice,r=abc"), "");
}

TEST(Scram, nobody_may_act_as_another) {
    auto server = scram_server(sha_256, alice());
    auto answer = server->evaluate(bytes_of("n,a=admin,n=alice,r=abc"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().told,
              "Authentication failed: Client requested an authorization id that is different from "
              "username");
    EXPECT_NE(begin("n,a=alice,n=alice,r=abc").server_first, "");
}

TEST(Scram, names_with_commas_and_equals_signs_travel_escaped) {
    EXPECT_EQ(to_sasl_name("a,b=c"), "a=2Cb=3Dc");
    EXPECT_EQ(from_sasl_name("a=2Cb=3Dc"), "a,b=c");
    EXPECT_EQ(from_sasl_name("a=2cb"), std::nullopt);
    EXPECT_EQ(from_sasl_name("a="), std::nullopt);
}

TEST(Scram, delegation_tokens_are_refused) {
    auto server = scram_server(sha_256, alice());
    EXPECT_EQ(why_refused(*server, "n,,n=alice,r=abc,tokenauth=true"),
              "delegation tokens are not supported");
}

TEST(Scram, extensions_that_nobody_knows_are_passed_over) {
    EXPECT_NE(begin("n,,n=alice,r=abc,foo=bar").server_first, "");
}

TEST(Scram, malformed_first_messages_are_refused) {
    for (const char* message :
         {"", "n", "n,", "n,,", "n,,n=alice", "n,,n=,r=abc", "n,,r=abc,n=alice", "n,,n=alice,r=",
          "n,,m=x,n=alice,r=abc", "n,,n=al=ice,r=abc", "n,,n=alice,r=abc,", "n,,n=alice,r=a b",
          "n,,n=alice,r=abc,1=2", "n,,n=alice\x80,r=abc", "n,a=,n=alice,r=abc"}) {
        auto server = scram_server(sha_256, alice());
        EXPECT_NE(why_refused(*server, message), "") << message;
    }
}

TEST(Scram, a_server_takes_nothing_after_its_end) {
    auto server = scram_server(sha_256, alice());
    EXPECT_NE(why_refused(*server, "rubbish"), "");
    EXPECT_EQ(why_refused(*server, "n,,n=alice,r=abc"), "a message came that nobody waited for");
}

TEST(ScramClient, a_servers_iterations_are_bounded) {
    for (const char* count : {"1", "4095", "16385", "2000000000", "0", "-5", "99999999999"}) {
        auto client = scram_client(sha_256, "user", "pencil", "abc");
        (void)client->first();
        EXPECT_FALSE(
            client->evaluate(bytes_of("r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=" +
                                      std::string(count))))
            << count;
    }
}

TEST(ScramClient, a_server_must_prove_that_it_knows_the_password_too) {
    auto client = scram_client(sha_256, "alice", "secret");
    auto server = scram_server(sha_256, alice());
    auto first = server->evaluate(client->first());
    ASSERT_TRUE(first && client->evaluate(*first));
    EXPECT_FALSE(client->evaluate(bytes_of("v=" + base64(Bytes(32)))));
    EXPECT_FALSE(client->complete());
}

TEST(ScramClient, a_server_must_add_to_the_nonce) {
    for (const char* nonce : {"abc", "xyz", "ab"}) {
        auto client = scram_client(sha_256, "user", "pencil", "abc");
        (void)client->first();
        EXPECT_FALSE(client->evaluate(
            bytes_of("r=" + std::string(nonce) + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")))
            << nonce;
    }
}

}  // namespace
}  // namespace stoker::security
