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
    after_turn([&] { ran = true; });
    EXPECT_TRUE(ran);
}

TEST(Turn, a_task_of_an_io_thread_runs_after_all_frames_that_came_together) {
    std::vector<std::string> order;
    std::atomic<bool> ended = false;
    const auto server = serve([&](const Peer&, MutableByteView frame, Responder responder) {
        order.push_back("frame");
        if (order.size() == 1) {
            after_turn([&] {
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
