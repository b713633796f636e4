// Sessions over TLS, with OpenSSL as the client.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "net/server.hpp"
#include "net/test_file.hpp"
#include "net/tls_test_support.hpp"

namespace stoker::net {
namespace {

using security::testing::expired;
using security::testing::wish;
using testing::ClientAuth;
using testing::echo;
using testing::eventually;
using testing::framed;
using testing::pattern;
using testing::port_of;
using testing::serve;
using testing::spliced;
using testing::TestClient;
using testing::TestFile;
using testing::tls_listener;
using testing::TlsTestClient;
using testing::TlsSettings;

Next name_the_principal(const Peer& peer, MutableByteView, Responder responder) {
    std::move(responder).send(testing::reply(peer.principal));
    return Next::now;
}

class Tls : public ::testing::Test {
protected:
    std::unique_ptr<Server> server_for(Handler handler, ClientAuth auth = ClientAuth::none) {
        return serve(std::move(handler),
                     {.listeners = {tls_listener(tls.server(auth))}, .logger = log.logger()});
    }
    std::string logged() {
        return log.lines().empty() ? "" : log.lines().back();
    }

    testing::TestTls tls;
    testing::LogLines log;
};

TEST_F(Tls, carries_frames_both_ways_in_both_versions) {
    const auto server = server_for(echo);
    for (const auto* version : {"TLSv1.2", "TLSv1.3"}) {
        TlsSettings settings = tls.client();
        settings.enabled_protocols = {version};
        TlsTestClient client(port_of(*server), settings);
        ASSERT_TRUE(client.shaken()) << version;
        EXPECT_STREQ(SSL_get_version(client.tls()), version);
        for (const auto* text : {"one", "two", ""}) {
            client.send_frame(text);
            EXPECT_EQ(client.read_frame(), text);
        }
    }
}

TEST_F(Tls, carries_frames_of_any_size_in_pieces_of_any_size) {
    const auto server = server_for(echo);
    TlsTestClient client(port_of(*server), tls.client());
    Random random(5);
    for (int i = 0; i < 60; ++i) {
        std::string text(random.below(i % 10 == 0 ? 1'500'000 : 40'000), 'x');
        for (char& c : text) c = char(random.below(256));
        const Bytes frame = framed(text);
        for (size_t at = 0; at < frame.size();) {
            const size_t piece = std::min(frame.size() - at, 1 + random.below(100'000));
            ASSERT_TRUE(client.send(ByteView(frame).subspan(at, piece)));
            at += piece;
        }
        ASSERT_EQ(client.read_frame(), text) << "seed 5, frame " << i;
    }
}

TEST_F(Tls, hands_over_frames_that_came_while_it_could_not_take_them) {
    testing::Parked parked;
    const auto server = server_for([&](const Peer&, MutableByteView, Responder responder) {
        parked.add(std::move(responder));
        return Next::after_reply;
    });
    TlsTestClient client(port_of(*server), tls.client());
    Bytes all;
    for (int i = 0; i < 40; ++i) {
        const Bytes frame = framed(std::string(1000, 'a'));
        all.insert(all.end(), frame.begin(), frame.end());
    }
    client.send(all);
    for (size_t i = 0; i < 40; ++i) {
        ASSERT_TRUE(parked.wait_for(i + 1)) << i;
        parked.take(i).send(testing::reply(std::to_string(i)));
        EXPECT_EQ(client.read_frame(), std::to_string(i));
    }
}

TEST_F(Tls, encrypts_file_slices_for_a_reader_that_is_slow) {
    constexpr size_t size = 8 << 20;
    const auto file = std::make_shared<TestFile>(pattern(size));
    const auto server = server_for([&](const Peer&, MutableByteView, Responder responder) {
        std::move(responder).send(spliced("head", file, "tail"));
        return Next::now;
    });
    TlsTestClient client(port_of(*server), tls.client());
    client.send_frame("give");
    // The server has filled the sockets and holds no more than a batch of ciphertext.
    ASSERT_TRUE(eventually([&] { return client.plain().has_input(); }));
    EXPECT_LE(server->stats().bytes_held, 256u << 10);
    const std::string got = client.read_frame();
    ASSERT_EQ(got.size(), size + 8);
    EXPECT_EQ(got.substr(0, 4) + got.substr(size + 4), "headtail");
    EXPECT_TRUE(equal(bytes_of(got).subspan(4, size), pattern(size)));
}

TEST_F(Tls, ends_a_connection_in_good_order) {
    const auto server = server_for([](const Peer&, MutableByteView, Responder responder) {
        OutFrame last = testing::reply("last");
        last.close_after = true;
        std::move(responder).send(std::move(last));
        return Next::now;
    });
    TlsTestClient client(port_of(*server), tls.client());
    client.send_frame("x");
    EXPECT_EQ(client.read_frame(), "last");
    EXPECT_TRUE(client.closed_in_good_order());
    EXPECT_TRUE(log.lines().empty());
}

TEST_F(Tls, names_nobody_without_a_certificate_and_whom_the_certificate_names_with_one) {
    const auto server = server_for(name_the_principal, ClientAuth::requested);
    TlsTestClient nobody(port_of(*server), tls.client());
    nobody.send_frame("who");
    EXPECT_EQ(nobody.read_frame(), "User:ANONYMOUS");
    auto duke = wish("Duke");
    duke.organizational_units = {"Dev"};
    TlsTestClient somebody(port_of(*server), tls.client_named(duke));
    somebody.send_frame("who");
    EXPECT_EQ(somebody.read_frame(), "User:CN=Duke,OU=Dev");
}

TEST_F(Tls, names_by_the_mapping_rules_and_closes_for_whom_there_is_none) {
    TlsSettings settings = tls.server(ClientAuth::required);
    settings.principal_mapping_rules = "RULE:^CN=(D.*)$/$1/L";
    const auto server = serve(name_the_principal, {.listeners = {tls_listener(settings)},
                                                   .logger = log.logger()});
    TlsTestClient duke(port_of(*server), tls.client_named(wish("Duke")));
    duke.send_frame("who");
    EXPECT_EQ(duke.read_frame(), "User:duke");
    TlsTestClient other(port_of(*server), tls.client_named(wish("Other")));
    other.send_frame("who");
    EXPECT_EQ(other.read_frame(), "<closed>");
    ASSERT_TRUE(eventually([&] { return !logged().empty(); }));
    EXPECT_NE(logged().find("no rule of ssl.principal.mapping.rules"), std::string::npos);
    EXPECT_NE(logged().find("CN=Other"), std::string::npos);
}

TEST_F(Tls, refuses_clients_whose_certificate_is_missing_expired_or_of_another_authority) {
    const auto server = server_for(echo, ClientAuth::required);
    const testing::TestTls others;
    TlsSettings foreign = tls.client();
    foreign.key_store = security::testing::key_store(others.identity);
    struct Case {
        TlsSettings settings;
        std::string alert, line;
    };
    for (const Case& one :
         {Case{tls.client(), "certificate required", "it sent no certificate"},
          Case{tls.client_named(expired("old")), "certificate expired", "certificate has expired"},
          Case{foreign, "unknown ca", "unable to get local issuer certificate"}}) {
        const size_t before = log.lines().size();
        TlsTestClient client(port_of(*server), one.settings);
        client.send_frame("x");
        EXPECT_EQ(client.read_frame(), "<closed>");
        const char* said = ERR_reason_error_string(ERR_peek_error());
        EXPECT_NE(std::string(said == nullptr ? "" : said).find(one.alert), std::string::npos)
            << one.alert << ": " << (said == nullptr ? "nothing" : said);
        ASSERT_TRUE(eventually([&] { return log.lines().size() == before + 1; }));
        EXPECT_NE(logged().find(one.line), std::string::npos) << logged();
        EXPECT_NE(logged().find("127.0.0.1:"), std::string::npos);
    }
}

TEST_F(Tls, closes_on_plain_text_with_one_line) {
    const auto server = server_for(echo);
    for (const auto* text : {"GET / HTTP/1.1\r\n\r\n", "hello"}) {
        const size_t before = log.lines().size();
        TestClient client(port_of(*server));
        client.send(bytes_of(text));
        EXPECT_TRUE(client.closed_by_server());
        ASSERT_TRUE(eventually([&] { return log.lines().size() == before + 1; }));
        EXPECT_NE(logged().find("but this listener"), std::string::npos) << logged();
    }
    TlsTestClient good(port_of(*server), tls.client());
    good.send_frame("x");
    EXPECT_EQ(good.read_frame(), "x");
}

TEST_F(Tls, survives_a_handshake_of_random_bytes) {
    const auto server = server_for(echo);
    Random random(11);
    for (int i = 0; i < 200; ++i) {
        TestClient client(port_of(*server));
        Bytes bytes(1 + random.below(600));
        for (std::byte& byte : bytes) byte = std::byte(random.below(256));
        bytes[0] = std::byte{0x16};
        if (bytes.size() > 1) bytes[1] = std::byte{3};
        client.send(bytes);
        client.finish_sending();
        EXPECT_FALSE(client.read(1'000'000)) << "seed 11, attempt " << i;
    }
    TlsTestClient good(port_of(*server), tls.client());
    good.send_frame("x");
    EXPECT_EQ(good.read_frame(), "x");
}

TEST_F(Tls, refuses_to_renegotiate) {
    const auto server = server_for(echo);
    TlsSettings settings = tls.client();
    settings.enabled_protocols = {"TLSv1.2"};
    TlsTestClient client(port_of(*server), settings);
    client.send_frame("x");
    EXPECT_EQ(client.read_frame(), "x");
    SSL_clear_options(client.tls(), SSL_OP_NO_RENEGOTIATION);
    ERR_clear_error();
    ASSERT_EQ(SSL_renegotiate(client.tls()), 1);
    EXPECT_NE(SSL_do_handshake(client.tls()), 1);
    EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_NO_RENEGOTIATION);
    ERR_clear_error();
    TlsTestClient other(port_of(*server), settings);
    other.send_frame("y");
    EXPECT_EQ(other.read_frame(), "y");
}

TEST_F(Tls, gives_new_connections_a_new_certificate_and_leaves_the_others) {
    ListenerOptions listener = tls_listener(tls.server());
    const auto slot = listener.tls;
    const auto server = serve(echo, {.listeners = {listener}, .logger = log.logger()});
    TlsTestClient before(port_of(*server), tls.client());
    testing::TestTls fresh;
    slot->put(testing::server_context(fresh.server()));
    EXPECT_FALSE(TlsTestClient(port_of(*server), tls.client()).shaken());
    TlsTestClient after(port_of(*server), fresh.client());
    for (TlsTestClient* client : {&before, &after}) {
        client->send_frame("x");
        EXPECT_EQ(client->read_frame(), "x");
    }
}

}  // namespace
}  // namespace stoker::net
