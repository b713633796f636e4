// Hostile and unlucky clients: what they cost, and that nobody else notices.
#include "net/server.hpp"

#include <sys/resource.h>

#include <gtest/gtest.h>

#include <atomic>

#include "base/random.hpp"
#include "net/test_file.hpp"
#include "net/test_support.hpp"

namespace stoker::net {
namespace {

using testing::echo;
using testing::eventually;
using testing::framed;
using testing::pattern;
using testing::port_of;
using testing::serve;
using testing::spliced;
using testing::TestClient;
using testing::TestFile;

Bytes prefix(int32_t size) {
    Bytes bytes(4);
    store_big_endian(bytes.data(), size);
    return bytes;
}

struct BadStart {
    std::string name;
    Bytes bytes;
    std::string reason;
};

class BadFrame : public ::testing::TestWithParam<BadStart> {};

TEST_P(BadFrame, closes_its_connection_with_one_log_line_and_nobody_else_notices) {
    testing::LogLines log;
    const auto server = serve(echo, {.frame_size_max = 1000, .logger = log.logger()});
    TestClient good(port_of(*server));
    good.send_frame("before");
    EXPECT_EQ(good.read_frame(), "before");
    TestClient bad(port_of(*server));
    bad.send(framed("a good one first"));
    bad.send(GetParam().bytes);
    EXPECT_EQ(bad.read_frame(), "a good one first");
    EXPECT_TRUE(bad.closed_by_server());
    good.send_frame("after");
    EXPECT_EQ(good.read_frame(), "after");
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("127.0.0.1:"), std::string::npos);
    EXPECT_NE(log.lines()[0].find(GetParam().reason), std::string::npos) << log.lines()[0];
}

INSTANTIATE_TEST_SUITE_P(
    Starts, BadFrame,
    ::testing::Values(
        BadStart{"negative", prefix(-1), "a frame of -1 bytes"},
        BadStart{"smallest", prefix(INT32_MIN), "a frame of -2147483648 bytes"},
        BadStart{"largest", prefix(INT32_MAX), "more than the limit of 1000"},
        BadStart{"one_too_many", prefix(1001), "a frame of 1001 bytes, more than the limit"},
        BadStart{"tls", from_hex("16030102000100"), "speaks TLS"},
        BadStart{"http", to_bytes("GET / HTTP/1.1\r\n\r\n"), "speaks HTTP"},
        BadStart{"http_post", to_bytes("POST /topics HTTP/1.1\r\n\r\n"), "speaks HTTP"},
        BadStart{"garbage", from_hex("deadbeefdeadbeef"), "bytes"}),
    [](const auto& instance) { return instance.param.name; });

TEST(Server, takes_a_frame_of_exactly_the_limit) {
    const auto server = serve(echo, {.frame_size_max = 1000});
    TestClient client(port_of(*server));
    client.send_frame(std::string(1000, 'x'));
    EXPECT_EQ(client.read_frame().size(), 1000u);
}

TEST(Server, a_bad_size_is_refused_when_its_turn_comes_after_a_parked_request) {
    testing::Parked parked;
    testing::LogLines log;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            parked.add(std::move(responder));
            return Next::after_reply;
        },
        {.frame_size_max = 1000, .logger = log.logger()});
    TestClient client(port_of(*server));
    Bytes stream = framed("parked");
    const Bytes bad = prefix(100'000);
    stream.insert(stream.end(), bad.begin(), bad.end());
    client.send(stream);
    ASSERT_TRUE(parked.wait_for(1));
    EXPECT_TRUE(log.lines().empty());
    parked.take(0).send(testing::reply("good"));
    EXPECT_EQ(client.read_frame(), "good");
    EXPECT_TRUE(client.closed_by_server());
    EXPECT_EQ(log.lines().size(), 1u);
}

TEST(Server, survives_random_bytes) {
    testing::LogLines log;
    const auto server = serve(echo, {.frame_size_max = 5000, .logger = log.logger()});
    Random random(11);
    for (int i = 0; i < 200; ++i) {
        TestClient client(port_of(*server));
        Bytes junk(random.below(3000));
        for (auto& byte : junk) byte = static_cast<std::byte>(random.next() % (i % 3 ? 256 : 2));
        client.send(junk);
        if (i % 2) client.reset_on_close();
    }
    TestClient client(port_of(*server));
    client.send_frame("still here");
    EXPECT_EQ(client.read_frame(), "still here") << "seed " << random.seed();
    EXPECT_TRUE(eventually([&] { return server->stats().connections <= 1; }));
}

TEST(Server, a_lying_size_buys_no_memory) {
    const auto server = serve(echo);
    std::vector<TestClient> liars;
    for (int i = 0; i < 100; ++i) {
        liars.emplace_back(port_of(*server));
        liars.back().send(prefix(100 << 20));
        liars.back().send(Bytes(10));
    }
    EXPECT_TRUE(eventually([&] { return server->stats().bytes_in_total == 100 * 14; }));
    EXPECT_LE(server->stats().bytes_held, 100u * (16 << 10));
}

TEST(Server, memory_for_large_frames_is_bounded_and_every_frame_arrives_all_the_same) {
    constexpr size_t size = 3 << 20;
    const auto server = serve(
        [](const Peer&, MutableByteView frame, Responder responder) {
            std::move(responder).send(testing::reply(std::to_string(frame.size())));
            return Next::now;
        },
        {.frame_memory_max = 4 << 20});
    std::vector<TestClient> clients;
    std::vector<size_t> sent(10);
    for (int i = 0; i < 10; ++i) clients.emplace_back(port_of(*server));
    const Bytes frame = framed(std::string(size, 'x'));
    size_t left = clients.size() * frame.size();
    size_t held_max = 0;
    ASSERT_TRUE(eventually([&] {
        for (size_t i = 0; i < clients.size(); ++i) {
            const auto rest = ByteView(frame).subspan(sent[i]);
            const size_t n = rest.empty() ? 0 : clients[i].send_what_fits(rest);
            sent[i] += n;
            left -= n;
        }
        held_max = std::max<size_t>(held_max, server->stats().bytes_held);
        return left == 0;
    }));
    for (auto& client : clients) EXPECT_EQ(client.read_frame(), std::to_string(size));
    EXPECT_LE(held_max, (4u << 20) + size + (1 << 20));
}

TEST(Server, a_slow_reader_of_files_costs_no_data_and_gets_every_byte) {
    const auto file = std::make_shared<TestFile>(pattern(8 << 20));
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            std::move(responder).send(spliced("head", file, "tail"));
            return Next::now;
        },
        {.in_flight_max = 16, .send_buffer = 64 << 10});
    TestClient slow(port_of(*server), 4096);
    for (int i = 0; i < 40; ++i) slow.send_frame("fetch");
    // The socket is full, requests wait in the kernel, and the server still serves others.
    EXPECT_TRUE(eventually([&] { return server->stats().bytes_out_total > 0; }));
    TestClient other(port_of(*server));
    other.send_frame("fetch");
    EXPECT_EQ(other.read_frame().size(), (8u << 20) + 8);
    EXPECT_LE(server->stats().bytes_held, 64u << 10);
    for (int i = 0; i < 3; ++i) {
        const std::string got = slow.read_frame();
        ASSERT_EQ(got.size(), (8u << 20) + 8);
        EXPECT_EQ(got.substr(0, 4) + got.substr(got.size() - 4), "headtail");
        EXPECT_TRUE(got.substr(4, 8 << 20) == text_of(pattern(8 << 20)));
    }
}

TEST(Server, a_session_with_too_many_reply_bytes_hands_over_no_more) {
    std::atomic<int> handled = 0;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            ++handled;
            std::move(responder).send(testing::reply(std::string(100'000, 'x')));
            return Next::now;
        },
        {.out_bytes_max = 1 << 20, .send_buffer = 64 << 10});
    TestClient slow(port_of(*server), 4096);
    for (int i = 0; i < 200; ++i) slow.send_frame("x");
    ASSERT_TRUE(eventually([&] { return server->stats().bytes_held > (900u << 10); }));
    EXPECT_LE(server->stats().bytes_held, 1'300'000u);
    EXPECT_LT(handled, 200);
    for (int i = 0; i < 200; ++i) ASSERT_EQ(slow.read_frame().size(), 100'000u);
}

TEST(Server, data_that_is_not_cached_is_read_elsewhere_into_one_bounded_buffer) {
    const auto file = std::make_shared<TestFile>(pattern(1 << 20));
    file->cached_to = 100'000;
    std::mutex mutex;
    std::vector<std::function<void()>> tasks;
    const auto waiting = [&] {
        const std::lock_guard lock(mutex);
        return tasks.size();
    };
    const auto server = serve(
        [&](const Peer& peer, MutableByteView frame, Responder responder) {
            if (text_of(frame) == "hot") return echo(peer, frame, std::move(responder));
            std::move(responder).send(spliced("h", file, "t"));
            return Next::now;
        },
        {.storage_executor = [&](std::function<void()> task) {
            const std::lock_guard lock(mutex);
            tasks.push_back(std::move(task));
        }});
    TestClient cold(port_of(*server)), hot(port_of(*server));
    cold.send_frame("cold");
    ASSERT_TRUE(eventually([&] { return waiting() == 1; }));
    hot.send_frame("hot");
    EXPECT_EQ(hot.read_frame(), "hot");
    EXPECT_EQ(file->reads, 0u) << "no cold read on the io thread";

    std::string got;
    std::thread reader([&] { got = cold.read_frame(); });
    size_t held_max = 0;
    while (file->reads * (64 << 10) < (1 << 20) - 100'000) {
        ASSERT_TRUE(eventually([&] { return waiting() == 1; }));
        held_max = std::max<size_t>(held_max, server->stats().bytes_held);
        std::function<void()> task;
        {
            const std::lock_guard lock(mutex);
            std::swap(task, tasks.front());
            tasks.clear();
        }
        task();
    }
    reader.join();
    EXPECT_TRUE(got == "h" + std::string(text_of(pattern(1 << 20))) + "t");
    EXPECT_LE(held_max, 130u << 10);
}

TEST(Server, reads_cold_data_with_threads_of_its_own_when_it_is_given_none) {
    const auto file = std::make_shared<TestFile>(pattern(300'000));
    file->cached_to = 0;
    const auto server = serve([&](const Peer&, MutableByteView, Responder responder) {
        std::move(responder).send(spliced("", file, ""));
        return Next::now;
    });
    TestClient client(port_of(*server));
    client.send_frame("x");
    EXPECT_TRUE(client.read_frame() == text_of(pattern(300'000)));
}

TEST(Server, a_reply_whose_file_cannot_be_read_closes_its_connection) {
    for (const bool cold : {false, true}) {
        testing::LogLines log;
        const auto file = std::make_shared<TestFile>(pattern(1000));
        file->cached_to = cold ? 0 : INT64_MAX;
        file->broken = !cold;
        const auto server = serve(
            [&](const Peer&, MutableByteView, Responder responder) {
                OutFrame frame = spliced("", file, "");
                frame.splices[0].slices[0].position = cold ? 5000 : 0;
                std::move(responder).send(std::move(frame));
                return Next::now;
            },
            {.logger = log.logger()});
        TestClient client(port_of(*server));
        client.send_frame("x");
        EXPECT_EQ(client.read_frame(), "<closed>");
        ASSERT_EQ(log.lines().size(), 1u);
        EXPECT_NE(log.lines()[0].find("could not be read"), std::string::npos);
    }
}

TEST(Server, a_thousand_idle_connections_hold_nothing_and_all_answer) {
    const auto server = serve(echo, {.io_threads = 2});
    std::vector<TestClient> clients;
    for (int i = 0; i < 1000; ++i) {
        clients.emplace_back(port_of(*server));
        ASSERT_TRUE(clients.back().connected());
    }
    for (auto& client : clients) client.send_frame("x");
    for (auto& client : clients) ASSERT_EQ(client.read_frame(), "x");
    EXPECT_EQ(server->stats().connections, 1000u);
    EXPECT_TRUE(eventually([&] { return server->stats().bytes_held == 0; }));
}

TEST(Server, refuses_connections_beyond_the_limit_and_takes_new_ones_when_others_have_left) {
    testing::LogLines log;
    const auto server = serve(echo, {.connections_max = 2, .logger = log.logger()});
    TestClient first(port_of(*server));
    {
        TestClient second(port_of(*server));
        second.send_frame("x");
        EXPECT_EQ(second.read_frame(), "x");
        for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE(TestClient(port_of(*server)).closed_by_server());
        }
    }
    EXPECT_EQ(server->stats().refused_total, 5u);
    EXPECT_EQ(log.lines().size(), 1u) << "one line a second at most";
    EXPECT_NE(log.lines()[0].find("max.connections"), std::string::npos);
    ASSERT_TRUE(eventually([&] { return server->stats().connections == 1; }));
    TestClient third(port_of(*server));
    third.send_frame("x");
    EXPECT_EQ(third.read_frame(), "x");
}

TEST(Server, a_listener_may_have_a_limit_and_a_pace_of_its_own) {
    testing::LogLines log;
    ServerOptions options{.listeners = {{.name = "INSIDE", .host = "127.0.0.1"},
                                        {.name = "OUTSIDE", .host = "127.0.0.1"}},
                          .logger = log.logger()};
    std::atomic<int> asked = 0;
    options.listeners[0].connections_max = 1;
    options.listeners[0].accept_pause_ms = [&asked] { return ++asked == 1 ? 1 : 0; };
    const auto server = serve(echo, std::move(options));
    const auto port = [&](size_t i) { return server->bound().at(i).port; };
    {
        TestClient first(port(0));
        first.send_frame("x");
        EXPECT_EQ(first.read_frame(), "x");
        EXPECT_TRUE(TestClient(port(0)).closed_by_server());
        ASSERT_EQ(log.lines().size(), 1u);
        EXPECT_NE(log.lines()[0].find("on listener INSIDE: it has 1 connections already"),
                  std::string::npos);
        for (int i = 0; i < 3; ++i) {
            TestClient other(port(1));
            other.send_frame("x");
            EXPECT_EQ(other.read_frame(), "x");
        }
        EXPECT_EQ(asked, 1);
    }
    ASSERT_TRUE(eventually([&] { return server->stats().connections == 0; }));
    TestClient next(port(0));
    next.send_frame("x");
    EXPECT_EQ(next.read_frame(), "x");
    EXPECT_EQ(asked, 2);
}

TEST(Server, refuses_connections_of_one_address_beyond_its_limit) {
    testing::LogLines log;
    const auto server = serve(echo, {.connections_max_per_ip = 1, .logger = log.logger()});
    TestClient first(port_of(*server));
    EXPECT_TRUE(TestClient(port_of(*server)).closed_by_server());
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("max.connections.per.ip"), std::string::npos);
}

}  // namespace
}  // namespace stoker::net
