#include "net/turn.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/server.hpp"
#include "net/test_support.hpp"

namespace stoker::net {
namespace {

using testing::framed;
using testing::Parked;
using testing::port_of;
using testing::reply;
using testing::serve;
using testing::TestClient;

TEST(Turn, a_task_of_a_thread_that_is_no_io_thread_runs_at_once) {
    bool ran = false;
    after_turn([&](bool) { ran = true; });
    EXPECT_TRUE(ran);
}

TEST(Turn, a_task_of_an_io_thread_runs_after_all_frames_that_came_together) {
    std::vector<std::string> order;
    std::atomic<bool> ended = false;
    const auto server = serve([&](const Peer&, MutableByteView frame, Responder responder) {
        order.push_back("frame");
        if (order.size() == 1) {
            after_turn([&](bool) {
                order.push_back("end of turn");
                ended = true;
            });
        }
        std::move(responder).send(reply(text_of(frame)));
        return Next::now;
    });
    TestClient client(port_of(*server));
    Bytes frames;
    for (const auto* text : {"a", "b", "c"}) {
        const Bytes frame = framed(text);
        frames.insert(frames.end(), frame.begin(), frame.end());
    }
    ASSERT_TRUE(client.send(frames));
    for (const auto* text : {"a", "b", "c"}) EXPECT_EQ(client.read_frame(), text);
    ASSERT_TRUE(testing::eventually([&] { return ended.load(); }));
    EXPECT_EQ(order, (std::vector<std::string>{"frame", "frame", "frame", "end of turn"}));
}

TEST(Turn, a_task_is_told_whether_it_is_the_only_one_of_its_turn) {
    std::vector<bool> alone;
    std::atomic<int> ended = 0;
    const auto server = serve([&](const Peer&, MutableByteView frame, Responder responder) {
        after_turn([&, responder = std::make_shared<Responder>(std::move(responder)),
                    text = std::string(text_of(frame))](bool only) {
            alone.push_back(only);
            std::move(*responder).send(reply(text));
            ++ended;
        });
        return Next::now;
    });
    TestClient client(port_of(*server));
    Bytes two = framed("a");
    const Bytes second = framed("b");
    two.insert(two.end(), second.begin(), second.end());
    ASSERT_TRUE(client.send(two));
    EXPECT_EQ(client.read_frame(), "a");
    EXPECT_EQ(client.read_frame(), "b");
    ASSERT_TRUE(client.send(framed("c")));
    EXPECT_EQ(client.read_frame(), "c");
    ASSERT_TRUE(testing::eventually([&] { return ended == 3; }));
    EXPECT_EQ(alone, (std::vector<bool>{false, false, true}));
}

TEST(Turn, answers_that_wake_their_io_thread_once_all_arrive) {
    Parked parked;
    const auto server = serve([&](const Peer&, MutableByteView, Responder responder) {
        parked.add(std::move(responder));
        return Next::now;
    });
    TestClient first(port_of(*server)), second(port_of(*server));
    first.send_frame("1");
    first.send_frame("2");
    second.send_frame("3");
    ASSERT_TRUE(parked.wait_for(3));
    {
        const WakeOnce wake;
        const WakeOnce inner_leaves_it_to_the_outer;
        for (size_t i = 0; i < 3; ++i) parked.take(i).send(reply("done"));
    }
    EXPECT_EQ(first.read_frame(), "done");
    EXPECT_EQ(first.read_frame(), "done");
    EXPECT_EQ(second.read_frame(), "done");
}

}  // namespace
}  // namespace stoker::net
