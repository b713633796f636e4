// What sessions may cost before it is known who sends.
#include <gtest/gtest.h>

#include "net/server.hpp"
#include "net/tls_test_support.hpp"

namespace stoker::net {
namespace {

using security::SecurityProtocol;
using testing::eventually;
using testing::port_of;
using testing::serve;
using testing::TestClient;
using testing::tls_listener;
using testing::TlsTestClient;

/// "in" proves who the sender is; the answer tells how long the frame was.
Next let_in(const Peer&, MutableByteView frame, Responder responder) {
    if (text_of(frame) == "in") responder.authenticated();
    std::move(responder).send(testing::reply(std::to_string(frame.size())));
    return Next::after_reply;
}

ServerOptions sasl(const testing::LogLines& log) {
    return {.listeners = {{.name = "SASL_PLAINTEXT",
                           .host = "127.0.0.1",
                           .protocol = SecurityProtocol::sasl_plaintext}},
            .logger = log.logger()};
}

TEST(BeforeAuthentication, frames_are_small_and_afterwards_they_are_not) {
    const testing::LogLines log;
    const auto server = serve(let_in, sasl(log));
    const std::string edge(64 << 10, 'x');
    TestClient known(port_of(*server));
    known.send_frame(edge);
    EXPECT_EQ(known.read_frame(), "65536");
    known.send_frame("in");
    EXPECT_EQ(known.read_frame(), "2");
    known.send_frame(edge + "x");
    EXPECT_EQ(known.read_frame(), "65537");
    TestClient stranger(port_of(*server));
    stranger.send_frame(edge + "x");
    EXPECT_EQ(stranger.read_frame(), "<closed>");
    ASSERT_TRUE(eventually([&] { return log.lines().size() == 1; }));
    EXPECT_NE(log.lines()[0].find("65537 bytes, more than the limit of 65536"),
              std::string::npos);
}

TEST(BeforeAuthentication, another_thread_may_say_who_it_is) {
    const testing::LogLines log;
    testing::Parked parked;
    const auto server = serve(
        [&](const Peer& peer, MutableByteView frame, Responder responder) {
            if (text_of(frame) != "in") return let_in(peer, frame, std::move(responder));
            parked.add(std::move(responder));
            return Next::after_reply;
        },
        sasl(log));
    TestClient client(port_of(*server));
    client.send_frame("in");
    ASSERT_TRUE(parked.wait_for(1));
    Responder responder = parked.take(0);
    responder.authenticated();
    std::move(responder).send(testing::reply("done"));
    EXPECT_EQ(client.read_frame(), "done");
    client.send_frame(std::string(70'000, 'x'));
    EXPECT_EQ(client.read_frame(), "70000");
}

TEST(BeforeAuthentication, time_is_short) {
    const testing::LogLines log;
    ManualClock clock;
    ServerOptions options = sasl(log);
    options.clock = &clock;
    const auto server = serve(let_in, std::move(options));
    TestClient known(port_of(*server)), stranger(port_of(*server));
    known.send_frame("in");
    EXPECT_EQ(known.read_frame(), "2");
    stranger.send_frame("x");
    EXPECT_EQ(stranger.read_frame(), "1");
    clock.advance_ms(9'999);
    stranger.send_frame("x");
    EXPECT_EQ(stranger.read_frame(), "1");
    clock.advance_ms(1);
    server->post(0, [] {});
    EXPECT_EQ(stranger.read_frame(), "<closed>");
    ASSERT_TRUE(eventually([&] { return log.lines().size() == 1; }));
    EXPECT_NE(log.lines()[0].find("did not authenticate within 10000 ms"), std::string::npos);
    known.send_frame("still here");
    EXPECT_EQ(known.read_frame(), "10");
}

TEST(BeforeAuthentication, a_tls_handshake_has_the_same_time) {
    testing::LogLines log;
    const testing::TestTls tls;
    ManualClock clock;
    const auto server = serve(let_in, {.listeners = {tls_listener(tls.server())},
                                       .clock = &clock,
                                       .logger = log.logger()});
    TestClient half(port_of(*server)), silent(port_of(*server));
    const Bytes start = from_hex("1603010200010001fc0303");
    half.send(start);
    ASSERT_TRUE(eventually([&] { return server->stats().connections == 2; }));
    clock.advance_ms(10'000);
    server->post(0, [] {});
    EXPECT_TRUE(half.closed_by_server());
    EXPECT_TRUE(silent.closed_by_server());
    ASSERT_TRUE(eventually([&] { return log.lines().size() == 1; })) << "one said nothing";
    EXPECT_NE(log.lines()[0].find("did not finish its TLS handshake"), std::string::npos);
}

TEST(BeforeAuthentication, many_wait_for_a_few_seats_and_all_get_in) {
    constexpr size_t clients = 200;
    testing::LogLines log;
    const testing::TestTls tls;
    const auto server =
        serve(let_in, {.listeners = {tls_listener(tls.server(), SecurityProtocol::sasl_ssl)},
                       .before_authentication = {.sessions_max = 2},
                       .logger = log.logger()});
    std::vector<TestClient> idle;
    for (size_t i = 0; i < clients; ++i) idle.emplace_back(port_of(*server));
    for (size_t i = 0; i < clients; ++i) {
        TlsTestClient client(port_of(*server), tls.client());
        client.send_frame("in");
        ASSERT_EQ(client.read_frame(), "2") << i;
    }
    EXPECT_TRUE(log.lines().empty()) << log.lines()[0];
}

TEST(BeforeAuthentication, who_idles_on_a_seat_loses_it_to_who_waits) {
    testing::LogLines log;
    const testing::TestTls tls;
    const auto server =
        serve(let_in, {.listeners = {tls_listener(tls.server(), SecurityProtocol::sasl_ssl)},
                       .before_authentication = {.sessions_max = 1},
                       .logger = log.logger()});
    TlsTestClient idler(port_of(*server), tls.client());
    ASSERT_TRUE(idler.shaken());
    TlsTestClient client(port_of(*server), tls.client());
    client.send_frame("in");
    EXPECT_EQ(client.read_frame(), "2");
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("let others wait"), std::string::npos);
}

}  // namespace
}  // namespace stoker::net
