// What an observer of frames is told: once for each frame, with times that never go back.
#include "net/frame_observer.hpp"

#include <array>

#include <gtest/gtest.h>

#include "base/guarded.hpp"
#include "net/reply_queue.hpp"
#include "net/test_support.hpp"

namespace stoker::net {
namespace {

using testing::echo;
using testing::eventually;
using testing::port_of;
using testing::serve;
using testing::TestClient;

struct Told {
    FrameTimes times;
    int64_t sent_ns = 0;
};

class Notes final : public FrameObserver {
public:
    explicit Notes(Guarded<std::vector<Told>>& told) : told_(told) {}
    void finished(const FrameTimes& times, int64_t sent_ns) override {
        told_.lock()->push_back({times, sent_ns});
    }

private:
    Guarded<std::vector<Told>>& told_;
};

bool in_order(const Told& told) {
    const FrameTimes& times = told.times;
    return 0 < times.received_ns && times.received_ns <= times.begun_ns &&
           times.begun_ns <= times.handled_ns && times.handled_ns <= times.answered_ns &&
           times.answered_ns <= times.sending_ns && times.sending_ns <= told.sent_ns;
}

ServerOptions observed(Guarded<std::vector<Told>>& told) {
    ServerOptions options;
    options.observe = [&told] { return std::make_unique<Notes>(told); };
    return options;
}

TEST(FrameObserver, is_told_of_every_frame_what_it_begins_with_and_when_what_happened) {
    Guarded<std::vector<Told>> told;
    const auto server = serve(echo, observed(told));
    TestClient client(port_of(*server));
    client.send_frame("1234 and more");
    client.send_frame("no");
    client.read_frame();
    client.read_frame();
    ASSERT_TRUE(eventually([&] { return told.lock()->size() == 2; }));
    const auto all = *told.lock();
    EXPECT_EQ(all[0].times.begins, 0x31323334u);
    EXPECT_EQ(all[1].times.begins, ~uint32_t{0}) << "too short to begin with anything";
    for (const Told& each : all) {
        EXPECT_TRUE(in_order(each));
        EXPECT_EQ(each.times.handled_ns, each.times.answered_ns) << "its handler answered";
    }
    EXPECT_GT(server->stats().idle_ns_total, 0);
    EXPECT_EQ(server->stats().connections_of.at("PLAINTEXT"), 1u);
}

TEST(FrameObserver, a_frame_without_an_answer_is_finished_at_once) {
    Guarded<std::vector<Told>> told;
    const auto drop = [](const Peer&, MutableByteView, Responder responder) {
        std::move(responder).drop();
        return Next::now;
    };
    const auto server = serve(drop, observed(told));
    TestClient client(port_of(*server));
    client.send_frame("dropped");
    ASSERT_TRUE(eventually([&] { return told.lock()->size() == 1; }));
    EXPECT_TRUE(in_order(told.lock()->front()));
}

TEST(FrameObserver, an_answer_that_comes_later_was_waited_for_after_the_handler) {
    Guarded<std::vector<Told>> told;
    Notes notes(told);
    ReplyQueue queue(&notes);
    queue.set_now(20);
    const auto number = queue.open({.begins = 7, .received_ns = 10, .begun_ns = 20});
    queue.set_now(30);
    queue.handled();
    queue.set_now(40);
    queue.answer(number, {.bytes = to_bytes("abc"), .splices = {}});
    queue.set_now(50);
    std::array<iovec, 2> pieces;
    ASSERT_EQ(queue.gather(pieces, {}, 10).bytes, 3u);
    queue.set_now(60);
    queue.advance(2);
    EXPECT_TRUE(told.lock()->empty()) << "a byte is missing";
    queue.set_now(70);
    queue.advance(1);
    ASSERT_EQ(told.lock()->size(), 1u);
    const Told& only = told.lock()->front();
    EXPECT_EQ(only.times.begins, 7u);
    EXPECT_EQ(only.times.handled_ns, 30);
    EXPECT_EQ(only.times.answered_ns, 40);
    EXPECT_EQ(only.times.sending_ns, 50);
    EXPECT_EQ(only.sent_ns, 70);
}

}  // namespace
}  // namespace stoker::net
