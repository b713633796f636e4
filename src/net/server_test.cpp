// Frames and replies: what the handler gets and what the client reads, in which order.
#include "net/server.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "net/test_support.hpp"

namespace stoker::net {
namespace {

using testing::echo;
using testing::framed;
using testing::Parked;
using testing::port_of;
using testing::reply;
using testing::serve;
using testing::TestClient;

TEST(Server, answers_a_frame) {
    const auto server = serve(echo);
    TestClient client(port_of(*server));
    ASSERT_TRUE(client.send_frame("hello"));
    EXPECT_EQ(client.read_frame(), "hello");
}

TEST(Server, tells_the_handler_who_asks_and_what_was_reached) {
    const auto server = serve([](const Peer& peer, MutableByteView, Responder responder) {
        std::move(responder).send(reply(peer.listener + " " + peer.address + " " +
                                        peer.local_address + ":" +
                                        std::to_string(peer.local_port)));
        return Next::now;
    });
    TestClient client(port_of(*server));
    client.send_frame("");
    EXPECT_EQ(client.read_frame(),
              "PLAINTEXT 127.0.0.1 127.0.0.1:" + std::to_string(port_of(*server)));
}

TEST(Server, puts_frames_together_wherever_they_were_split) {
    const auto server = serve(echo);
    Bytes stream = framed("first");
    for (const auto* text : {"", "second frame", "3"}) {
        const Bytes frame = framed(text);
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    for (size_t split = 0; split <= stream.size(); ++split) {
        TestClient client(port_of(*server));
        ASSERT_TRUE(client.send(ByteView(stream).first(split)));
        ASSERT_TRUE(client.send(ByteView(stream).subspan(split)));
        for (const auto* text : {"first", "", "second frame", "3"}) {
            ASSERT_EQ(client.read_frame(), text) << "split at " << split;
        }
    }
}

TEST(Server, puts_frames_together_that_come_byte_by_byte) {
    const auto server = serve(echo);
    TestClient client(port_of(*server));
    for (const std::byte byte : framed("one byte at a time")) ASSERT_TRUE(client.send({&byte, 1}));
    EXPECT_EQ(client.read_frame(), "one byte at a time");
}

TEST(Server, carries_large_frames_among_small_ones) {
    const auto server = serve(echo);
    TestClient client(port_of(*server));
    Random random(7);
    for (int i = 0; i < 60; ++i) {
        const size_t size = random.below(3) == 0 ? random.below(3 << 20) : random.below(70'000);
        std::string text(size, ' ');
        for (auto& letter : text) letter = static_cast<char>('a' + (random.seed() + size) % 26);
        if (size > 0) text.back() = 'Z';
        std::thread sender([&] { EXPECT_TRUE(client.send_frame(text)); });
        const std::string got = client.read_frame();
        sender.join();
        ASSERT_TRUE(got == text) << "seed " << random.seed() << ", frame of " << size;
    }
}

TEST(Server, hands_over_pipelined_frames_in_order_before_any_is_answered) {
    Parked parked;
    const auto server = serve([&](const Peer&, MutableByteView, Responder responder) {
        parked.add(std::move(responder));
        return Next::now;
    });
    TestClient client(port_of(*server));
    for (int i = 0; i < 100; ++i) client.send_frame("x");
    ASSERT_TRUE(parked.wait_for(100));
    // Answered from another thread, last first.
    for (size_t i = 100; i-- > 0;) parked.take(i).send(reply(std::to_string(i)));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_frame(), std::to_string(i));
}

TEST(Server, holds_the_next_frame_back_until_a_reply_that_must_go_first) {
    Parked parked;
    const auto server = serve([&](const Peer&, MutableByteView frame, Responder responder) {
        if (text_of(frame) == "now") return echo({}, frame, std::move(responder));
        parked.add(std::move(responder));
        return Next::after_reply;
    });
    TestClient client(port_of(*server));
    Bytes both = framed("wait");
    const Bytes second = framed("wait too");
    both.insert(both.end(), second.begin(), second.end());
    client.send(both);
    client.send_frame("now");
    ASSERT_TRUE(parked.wait_for(1));
    TestClient other(port_of(*server));
    other.send_frame("now");
    EXPECT_EQ(other.read_frame(), "now");
    EXPECT_EQ(parked.size(), 1u);
    parked.take(0).send(reply("first"));
    EXPECT_EQ(client.read_frame(), "first");
    ASSERT_TRUE(parked.wait_for(2));
    parked.take(1).send(reply("second"));
    EXPECT_EQ(client.read_frame(), "second");
    EXPECT_EQ(client.read_frame(), "now");
}

TEST(Server, a_dropped_frame_gets_no_answer_and_the_next_one_goes_on) {
    const auto server = serve([](const Peer&, MutableByteView frame, Responder responder) {
        if (text_of(frame) != "acks=0") return echo({}, frame, std::move(responder));
        std::move(responder).drop();
        return Next::after_reply;
    });
    TestClient client(port_of(*server));
    for (int i = 0; i < 1000; ++i) client.send_frame("acks=0");
    client.send_frame("acks=1");
    EXPECT_EQ(client.read_frame(), "acks=1");
}

TEST(Server, a_session_with_too_many_open_frames_hands_over_no_more) {
    Parked parked;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            parked.add(std::move(responder));
            return Next::now;
        },
        {.in_flight_max = 5});
    TestClient client(port_of(*server));
    for (int i = 0; i < 20; ++i) client.send_frame("x");
    ASSERT_TRUE(parked.wait_for(5));
    for (size_t i = 0; i < 20; ++i) {
        EXPECT_LE(parked.size(), 5 + i);
        ASSERT_TRUE(parked.wait_for(i + 1));
        parked.take(i).send(reply(std::to_string(i)));
        EXPECT_EQ(client.read_frame(), std::to_string(i));
    }
}

TEST(Server, the_handler_may_change_a_frame_in_place) {
    const auto server = serve([](const Peer&, MutableByteView frame, Responder responder) {
        std::ranges::reverse(frame);
        return echo({}, frame, std::move(responder));
    });
    TestClient client(port_of(*server));
    client.send_frame("abc");
    client.send_frame("def");
    EXPECT_EQ(client.read_frame(), "cba");
    EXPECT_EQ(client.read_frame(), "fed");
}

TEST(Server, a_frame_of_another_session_can_be_answered_from_a_handler) {
    Parked parked;
    const auto server = serve([&](const Peer&, MutableByteView frame, Responder responder) {
        if (text_of(frame) == "park") {
            parked.add(std::move(responder));
            return Next::after_reply;
        }
        parked.take(0).send(reply("woken"));
        return echo({}, frame, std::move(responder));
    });
    TestClient waiting(port_of(*server)), waking(port_of(*server));
    waiting.send_frame("park");
    ASSERT_TRUE(parked.wait_for(1));
    waking.send_frame("wake");
    EXPECT_EQ(waking.read_frame(), "wake");
    EXPECT_EQ(waiting.read_frame(), "woken");
}

TEST(Server, the_last_reply_arrives_before_the_connection_ends) {
    const auto server = serve([](const Peer&, MutableByteView, Responder responder) {
        OutFrame last = reply("goodbye");
        last.close_after = true;
        std::move(responder).send(std::move(last));
        return Next::now;
    });
    TestClient client(port_of(*server));
    for (int i = 0; i < 10; ++i) client.send_frame("never answered but the first");
    EXPECT_EQ(client.read_frame(), "goodbye");
    EXPECT_TRUE(client.closed_by_server());
}

TEST(Server, a_client_that_has_finished_sending_still_gets_its_replies) {
    Parked parked;
    const auto server = serve([&](const Peer&, MutableByteView, Responder responder) {
        parked.add(std::move(responder));
        return Next::after_reply;
    });
    TestClient client(port_of(*server));
    client.send_frame("a");
    client.send_frame("b");
    client.finish_sending();
    ASSERT_TRUE(parked.wait_for(1));
    parked.take(0).send(reply("A"));
    ASSERT_TRUE(parked.wait_for(2));
    parked.take(1).send(reply("B"));
    EXPECT_EQ(client.read_frame(), "A");
    EXPECT_EQ(client.read_frame(), "B");
    EXPECT_TRUE(client.closed_by_server());
}

TEST(Server, a_throttled_session_is_answered_but_not_heard_until_its_time_has_come) {
    ManualClock clock;
    const auto server = serve(
        [](const Peer&, MutableByteView frame, Responder responder) {
            if (text_of(frame) == "much") responder.mute_for(5000);
            return echo({}, frame, std::move(responder));
        },
        {.clock = &clock});
    TestClient client(port_of(*server)), other(port_of(*server));
    client.send_frame("much");
    client.send_frame("more");
    EXPECT_EQ(client.read_frame(), "much");
    clock.advance_ms(4999);
    other.send_frame("others are heard");
    EXPECT_EQ(other.read_frame(), "others are heard");
    EXPECT_FALSE(client.has_input());
    clock.advance_ms(1);
    server->post(0, [] {});
    EXPECT_EQ(client.read_frame(), "more");
}

TEST(Server, an_exception_closes_the_connection_of_its_request_only) {
    testing::LogLines log;
    const auto server = serve(
        [](const Peer&, MutableByteView frame, Responder responder) {
            if (text_of(frame) == "bad") throw std::runtime_error("it asks for the moon");
            return echo({}, frame, std::move(responder));
        },
        {.logger = log.logger()});
    TestClient bad(port_of(*server)), good(port_of(*server));
    bad.send_frame("bad");
    EXPECT_TRUE(bad.closed_by_server());
    good.send_frame("good");
    EXPECT_EQ(good.read_frame(), "good");
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("it asks for the moon"), std::string::npos);
}

TEST(Server, a_reason_that_quotes_a_client_stays_one_short_line) {
    testing::LogLines log;
    const auto server = serve(
        [](const Peer&, MutableByteView frame, Responder responder) {
            std::move(responder).close("it sent " + std::string(text_of(frame)));
            return Next::now;
        },
        {.logger = log.logger()});
    TestClient client(port_of(*server));
    client.send_frame("a\nforged line " + std::string(100'000, 'x'));
    EXPECT_TRUE(client.closed_by_server());
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("it sent a?forged line"), std::string::npos);
    EXPECT_LT(log.lines()[0].size(), 500u);
}

TEST(Server, serves_the_same_when_it_polls_before_it_sleeps) {
    const auto server = serve(echo, {.busy_poll_us = 50});
    TestClient client(port_of(*server));
    for (int i = 0; i < 100; ++i) {
        client.send_frame(std::to_string(i));
        ASSERT_EQ(client.read_frame(), std::to_string(i));
    }
}

TEST(Server, a_request_that_is_given_up_closes_its_connection) {
    Parked parked;
    testing::LogLines log;
    const auto server = serve(
        [&](const Peer&, MutableByteView, Responder responder) {
            parked.add(std::move(responder));
            return Next::now;
        },
        {.logger = log.logger()});
    TestClient client(port_of(*server));
    client.send_frame("x");
    ASSERT_TRUE(parked.wait_for(1));
    parked.clear();
    EXPECT_TRUE(client.closed_by_server());
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("without an answer"), std::string::npos);
}

TEST(Server, a_handler_can_close_the_connection_and_say_why) {
    testing::LogLines log;
    const auto server = serve(
        [](const Peer&, MutableByteView frame, Responder responder) {
            if (text_of(frame) == "ok") return echo({}, frame, std::move(responder));
            std::move(responder).close("the header is malformed");
            return Next::now;
        },
        {.logger = log.logger()});
    TestClient client(port_of(*server));
    client.send_frame("ok");
    client.send_frame("junk");
    EXPECT_EQ(client.read_frame(), "ok");
    EXPECT_TRUE(client.closed_by_server());
    ASSERT_EQ(log.lines().size(), 1u);
    EXPECT_NE(log.lines()[0].find("127.0.0.1"), std::string::npos);
    EXPECT_NE(log.lines()[0].find("the header is malformed"), std::string::npos);
}

TEST(Server, says_once_that_a_session_has_ended) {
    Guarded<std::vector<uint64_t>> ended;
    Guarded<std::vector<uint64_t>> seen;
    const auto server = serve(
        [&](const Peer& peer, MutableByteView frame, Responder responder) {
            seen.lock()->push_back(peer.session_id);
            return echo(peer, frame, std::move(responder));
        },
        {}, [&](uint64_t id) { ended.lock()->push_back(id); });
    for (int i = 0; i < 3; ++i) {
        TestClient client(port_of(*server));
        client.send_frame("x");
        EXPECT_EQ(client.read_frame(), "x");
    }
    ASSERT_TRUE(testing::eventually([&] { return ended.lock()->size() == 3; }));
    EXPECT_EQ(*ended.lock(), *seen.lock());
    const auto ids = *seen.lock();
    EXPECT_NE(ids[0], ids[1]);
}

TEST(Server, deals_connections_out_to_all_io_threads) {
    Guarded<std::vector<std::thread::id>> threads;
    const auto server = serve(
        [&](const Peer& peer, MutableByteView frame, Responder responder) {
            threads.lock()->push_back(std::this_thread::get_id());
            return echo(peer, frame, std::move(responder));
        },
        {.io_threads = 3});
    std::vector<TestClient> clients;
    for (int round = 0; round < 2; ++round) {
        for (size_t i = 0; i < 6; ++i) {
            if (round == 0) clients.emplace_back(port_of(*server));
            clients[i].send_frame("x");
            EXPECT_EQ(clients[i].read_frame(), "x");
        }
    }
    const auto seen = *threads.lock();
    for (size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(seen[i], seen[(i + 3) % 6]);
        EXPECT_NE(seen[i], seen[(i + 1) % 6]);
        EXPECT_EQ(seen[i], seen[i + 6]) << "a session never changes thread";
    }
}

TEST(Server, runs_a_posted_task_on_that_io_thread) {
    Guarded<std::thread::id> handler_thread;
    const auto server = serve([&](const Peer& peer, MutableByteView frame, Responder responder) {
        *handler_thread.lock() = std::this_thread::get_id();
        return echo(peer, frame, std::move(responder));
    });
    TestClient client(port_of(*server));
    client.send_frame("x");
    client.read_frame();
    std::atomic<bool> same = false;
    server->post(0, [&] { same = std::this_thread::get_id() == *handler_thread.lock(); });
    EXPECT_TRUE(testing::eventually([&] { return same.load(); }));
}

TEST(Server, counts_connections_and_bytes) {
    const auto server = serve(echo);
    TestClient client(port_of(*server));
    client.send_frame("12345");
    EXPECT_EQ(client.read_frame(), "12345");
    EXPECT_TRUE(testing::eventually([&] { return server->stats().bytes_out_total == 9; }));
    EXPECT_EQ(server->stats().bytes_in_total, 9u);
    EXPECT_EQ(server->stats().connections, 1u);
    client.close();
    EXPECT_TRUE(testing::eventually([&] { return server->stats().connections == 0; }));
    EXPECT_EQ(server->stats().connections_total, 1u);
}

}  // namespace
}  // namespace stoker::net
