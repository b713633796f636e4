// Listening, time-outs, and the end.
#include "net/server.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "net/test_file.hpp"
#include "net/test_support.hpp"
#include "net/ticker.hpp"
#include "net/worker_pool.hpp"

namespace stoker::net {
namespace {

using testing::echo;
using testing::eventually;
using testing::Parked;
using testing::port_of;
using testing::serve;
using testing::TestClient;

TEST(Server, closes_an_idle_connection_and_not_a_busy_one) {
    ManualClock clock;
    const auto server = serve(echo, {.idle_ms = 10'000, .clock = &clock});
    TestClient idle(port_of(*server)), busy(port_of(*server));
    idle.send_frame("x");
    EXPECT_EQ(idle.read_frame(), "x");
    clock.advance_ms(6000);
    busy.send_frame("x");
    EXPECT_EQ(busy.read_frame(), "x");
    clock.advance_ms(6000);
    server->post(0, [] {});
    EXPECT_TRUE(idle.closed_by_server());
    busy.send_frame("y");
    EXPECT_EQ(busy.read_frame(), "y");
}

TEST(Server, a_client_that_waits_for_its_answer_is_not_idle) {
    ManualClock clock;
    Parked parked;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            parked.add(std::move(responder));
            return Next::after_reply;
        },
        {.idle_ms = 10'000, .clock = &clock});
    TestClient client(port_of(*server));
    client.send_frame("long poll");
    ASSERT_TRUE(parked.wait_for(1));
    for (int i = 0; i < 5; ++i) {
        clock.advance_ms(9000);
        std::atomic<bool> looked = false;
        server->post(0, [&] { looked = true; });
        ASSERT_TRUE(eventually([&] { return looked.load(); }));
    }
    parked.take(0).send(testing::reply("at last"));
    EXPECT_EQ(client.read_frame(), "at last");
}

TEST(Server, a_reader_that_takes_nothing_is_idle) {
    ManualClock clock;
    const auto server = serve(
        [](const Peer&, MutableByteView, Responder responder) {
            std::move(responder).send(testing::reply(std::string(20 << 20, 'x')));
            return Next::now;
        },
        {.idle_ms = 10'000, .send_buffer = 64 << 10, .clock = &clock});
    TestClient stuck(port_of(*server), 4096);
    stuck.send_frame("x");
    ASSERT_TRUE(eventually([&] { return server->stats().bytes_held > 0; }));
    EXPECT_TRUE(eventually([&] {
        clock.advance_ms(10'000);
        server->post(0, [] {});
        return server->stats().connections == 0;
    }));
    EXPECT_EQ(server->stats().bytes_held, 0u);
}

TEST(Server, a_frame_that_drips_is_cut_at_its_deadline) {
    ManualClock clock;
    testing::LogLines log;
    const auto server =
        serve(echo, {.frame_deadline_ms = 5000, .clock = &clock, .logger = log.logger()});
    TestClient slow(port_of(*server));
    const Bytes frame = testing::framed("a slow one");
    for (size_t i = 0; i < 7; ++i) {
        slow.send(ByteView(frame).subspan(i, 1));
        ASSERT_TRUE(eventually([&] { return server->stats().bytes_in_total == i + 1; }));
        clock.advance_ms(1000);
    }
    clock.advance_ms(2000);
    server->post(0, [] {});
    EXPECT_TRUE(slow.closed_by_server());
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("did not complete a frame in time"), std::string::npos);
}

TEST(Server, the_time_in_which_a_client_is_not_heard_does_not_count_against_its_frame) {
    ManualClock clock;
    Parked parked;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            parked.add(std::move(responder));
            return Next::after_reply;
        },
        {.frame_deadline_ms = 5000, .clock = &clock});
    TestClient client(port_of(*server));
    Bytes stream = testing::framed("first");
    const Bytes second = testing::framed("second");
    stream.insert(stream.end(), second.begin(), second.end());
    client.send(ByteView(stream).first(stream.size() - 2));
    ASSERT_TRUE(parked.wait_for(1));
    clock.advance_ms(60'000);
    parked.take(0).send(testing::reply("one"));
    EXPECT_EQ(client.read_frame(), "one");
    client.send(ByteView(stream).last(2));
    ASSERT_TRUE(parked.wait_for(2));
    parked.take(1).send(testing::reply("two"));
    EXPECT_EQ(client.read_frame(), "two");
}

TEST(Server, listens_on_both_families_of_localhost_with_one_port) {
    const auto server = serve(echo, {.listeners = {{.host = "localhost"}}});
    ASSERT_GE(server->bound().size(), 1u);
    EXPECT_EQ(server->bound()[0].address, "127.0.0.1");
    if (server->bound().size() == 2) {
        EXPECT_EQ(server->bound()[1].address, "::1");
        EXPECT_EQ(server->bound()[0].port, server->bound()[1].port);
    }
    TestClient client(port_of(*server));
    client.send_frame("x");
    EXPECT_EQ(client.read_frame(), "x");
}

TEST(Server, an_ipv4_client_of_the_ipv6_wildcard_is_written_as_ipv4) {
    const auto server = Server::start(
        {.listeners = {{.name = "ANY", .host = "::"}}, .io_threads = 1},
        [](const Peer& peer, MutableByteView, Responder responder) {
            std::move(responder).send(testing::reply(peer.address + " " + peer.local_address));
            return Next::now;
        });
    if (!server) GTEST_SKIP() << server.error();
    TestClient client(port_of(**server));
    client.send_frame("x");
    EXPECT_EQ(client.read_frame(), "127.0.0.1 127.0.0.1");
}

TEST(Server, several_listeners_are_told_apart_by_name) {
    const auto server = serve(
        [](const Peer& peer, MutableByteView, Responder responder) {
            std::move(responder).send(testing::reply(peer.listener));
            return Next::now;
        },
        {.listeners = {{.name = "A", .host = "127.0.0.1"}, {.name = "B", .host = "0.0.0.0"}}});
    ASSERT_EQ(server->bound().size(), 2u);
    for (const auto& listener : server->bound()) {
        TestClient client(listener.port);
        client.send_frame("x");
        EXPECT_EQ(client.read_frame(), listener.name);
    }
}

TEST(Server, a_taken_port_is_an_error_that_says_whom_to_ask_and_what_to_change) {
    const auto first = serve(echo);
    const auto second = Server::start(
        {.listeners = {{.host = "127.0.0.1", .port = port_of(*first)}}, .io_threads = 1}, echo);
    ASSERT_FALSE(second.has_value());
    const std::string port = std::to_string(port_of(*first));
    EXPECT_NE(second.error().find("127.0.0.1:" + port), std::string::npos) << second.error();
    EXPECT_NE(second.error().find("ss -ltnp 'sport = :" + port), std::string::npos);
    EXPECT_NE(second.error().find("--override listeners="), std::string::npos);
}

TEST(Server, an_address_that_the_machine_does_not_have_is_an_error) {
    const auto server =
        Server::start({.listeners = {{.host = "203.0.113.7"}}, .io_threads = 1}, echo);
    ASSERT_FALSE(server.has_value());
    EXPECT_NE(server.error().find("does not have that address"), std::string::npos);
}

TEST(Server, no_listener_is_an_error) {
    EXPECT_FALSE(Server::start({.io_threads = 1}, echo).has_value());
}

TEST(Server, waits_without_spinning_when_descriptors_run_out_and_accepts_again_later) {
    ManualClock clock;
    testing::LogLines log;
    const auto server = serve(echo, {.clock = &clock, .logger = log.logger()});
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    {
        TestClient waiting(port_of(*server));
        waiting.send_frame("x");
        EXPECT_EQ(waiting.read_frame(), "x");
    }
    ASSERT_TRUE(eventually([&] { return server->stats().connections == 0; }));
    std::atomic<bool> held = false, go_on = false;
    server->post(0, [&] {
        held = true;
        while (!go_on) std::this_thread::yield();
    });
    ASSERT_TRUE(eventually([&] { return held.load(); }));
    // Connected in the kernel's queue, while the limit falls below the next free descriptor.
    TestClient client(port_of(*server));
    client.send_frame("let me in");
    const int next_free = ::dup(0);
    ::close(next_free);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(next_free), .rlim_max = limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    go_on = true;
    const bool logged = eventually([&] { return log.lines().size() == 1; });
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ASSERT_TRUE(logged);
    EXPECT_NE(log.lines()[0].find("ulimit -n"), std::string::npos);
    EXPECT_FALSE(client.has_input());
    clock.advance_ms(1000);
    server->post(0, [] {});
    EXPECT_EQ(client.read_frame(), "let me in");
    EXPECT_EQ(log.lines().size(), 1u);
}

TEST(Server, stops_while_clients_are_busy_and_answers_are_under_way) {
    std::vector<std::thread> clients;
    std::atomic<size_t> ended = 0;
    std::atomic<size_t> replies = 0;
    Parked parked;
    auto server = serve(
        [&](const Peer& peer, MutableByteView frame, Responder responder) {
            if (frame.size() != 7) return echo(peer, frame, std::move(responder));
            parked.add(std::move(responder));
            return Next::now;
        },
        {.io_threads = 2}, [&](uint64_t) { ++ended; });
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, port = port_of(*server)] {
            TestClient client(port);
            client.send_frame("parking");
            while (client.send_frame("x") && replies < 1'000'000) ++replies;
        });
    }
    ASSERT_TRUE(parked.wait_for(8));
    ASSERT_TRUE(eventually([&] { return replies > 1000; }));
    std::atomic<bool> stopped = false;
    std::thread answering([&] {
        for (size_t i = 0; i < 4; ++i) parked.take(i).send(testing::reply("late"));
        while (!stopped) std::this_thread::yield();
        for (size_t i = 4; i < 8; ++i) parked.take(i).send(testing::reply("too late"));
    });
    server->stop();
    stopped = true;
    server.reset();
    for (auto& client : clients) client.join();
    answering.join();
    EXPECT_EQ(ended, 8u);
}

TEST(Server, stops_while_cold_data_is_being_read) {
    const auto file = std::make_shared<testing::TestFile>(testing::pattern(1000));
    file->cached_to = 0;
    Guarded<std::vector<std::function<void()>>> tasks;
    auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            std::move(responder).send(testing::spliced("", file, ""));
            return Next::now;
        },
        {.storage_executor = [&](auto task) { tasks.lock()->push_back(std::move(task)); }});
    TestClient client(port_of(*server));
    client.send_frame("x");
    ASSERT_TRUE(eventually([&] { return tasks.lock()->size() == 1; }));
    server.reset();
    tasks.lock()->front()();
    EXPECT_EQ(client.read_frame(), "<closed>");
}

TEST(Ticker, calls_until_it_is_stopped) {
    std::atomic<int> calls = 0;
    Ticker ticker(std::chrono::milliseconds(1), [&] { ++calls; });
    EXPECT_TRUE(eventually([&] { return calls >= 3; }));
    ticker.stop();
    const int at_stop = calls;
    std::this_thread::yield();
    EXPECT_EQ(calls, at_stop);
}

TEST(WorkerPool, runs_tasks_on_other_threads_and_waits_for_them_at_the_end) {
    std::atomic<int> done = 0;
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i) pool.run([&] { ++done; });
    EXPECT_TRUE(eventually([&] { return done == 100; }));
    pool.stop();
    pool.run([&] { ++done; });
    EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace stoker::net
