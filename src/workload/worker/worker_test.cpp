// Processes that send for a run: what they say arrives, and one that dies is missed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "workload/worker/frame_socket.hpp"
#include "workload/worker/worker_senders.hpp"

namespace stoker::workload {
namespace {

TEST(FrameSocket, frames_arrive_whole_and_in_order) {
    auto ends = FrameSocket::pair();
    ASSERT_TRUE(ends);
    auto& [a, b] = *ends;
    EXPECT_FALSE(b.receive());
    const Bytes large(100'000, std::byte{7});
    ASSERT_TRUE(a.send(FrameKind::go, bytes_of("now")));
    ASSERT_TRUE(a.send(FrameKind::stop));
    ASSERT_TRUE(a.send(FrameKind::result, large));
    auto frame = b.receive();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->kind, FrameKind::go);
    EXPECT_EQ(text_of(frame->body), "now");
    EXPECT_EQ(b.receive()->kind, FrameKind::stop);
    EXPECT_EQ(b.receive()->body, large);
    EXPECT_FALSE(b.receive());
    EXPECT_FALSE(b.ended());
}

TEST(FrameSocket, the_end_comes_after_all_that_was_said) {
    auto ends = FrameSocket::pair();
    ASSERT_TRUE(ends);
    {
        FrameSocket writer = std::move((*ends)[0]);
        ASSERT_TRUE(writer.send(FrameKind::ready));
    }
    EXPECT_TRUE((*ends)[1].receive());
    EXPECT_FALSE((*ends)[1].ended());
    EXPECT_FALSE((*ends)[1].receive());
    EXPECT_TRUE((*ends)[1].ended());
    EXPECT_FALSE((*ends)[1].send(FrameKind::go));
}

TEST(FrameSocket, half_a_frame_is_none) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    FrameSocket reader(ends[0]);
    const std::array<char, 11> part{5, 0, 0, 0, 0, 0, 0, 0, 3, 'x', 'y'};
    ASSERT_EQ(::write(ends[1], part.data(), part.size()), ssize_t(part.size()));
    EXPECT_FALSE(reader.receive());
    ::close(ends[1]);
    EXPECT_FALSE(reader.receive());
    EXPECT_TRUE(reader.ended());
}

class WorkerSendersTest : public testing::Test {
protected:
    WorkerSendersTest() {
        workload.phases = {{.duration_s = 1, .rate = 1}};
        workload.producers.count = 5;
        workload.workers = 2;
        properties.set("bootstrap.servers", "127.0.0.1:1");
        properties.set("max.block.ms", "1");
    }
    /// Looks again and again, for ten seconds at most.
    template <class Condition>
    static bool eventually(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        return condition();
    }

    Workload workload;
    kafka::ClientProperties properties;
    SystemClock clock;
};

TEST_F(WorkerSendersTest, what_refuses_a_worker_is_said_by_the_run) {
    auto senders = WorkerSenders::start(workload, properties, clock);
    ASSERT_TRUE(senders) << senders.error();
    EXPECT_FALSE((*senders)->ready());
    (*senders)->connect({.topics = {"t"}});
    ASSERT_TRUE(eventually([&] { return (*senders)->ready(); }));
    ASSERT_TRUE((*senders)->refused());
    EXPECT_NE((*senders)->refused()->find("Topic t not present"), std::string::npos)
        << *(*senders)->refused();
}

TEST_F(WorkerSendersTest, one_that_is_killed_is_told_with_its_producers_and_the_load_ends) {
    auto senders = WorkerSenders::start(workload, properties, clock);
    ASSERT_TRUE(senders) << senders.error();
    ::kill((*senders)->processes()[1], SIGKILL);
    ASSERT_TRUE(eventually([&] {
        (*senders)->stats();
        return (*senders)->refused().has_value();
    }));
    EXPECT_EQ(*(*senders)->refused(),
              "the worker process of producers 2 to 4 was killed by signal 9");
    ::kill((*senders)->processes()[0], SIGKILL);
    ASSERT_TRUE(eventually([&] { return (*senders)->done(); }));
    const SendersResult left = (*senders)->take();
    EXPECT_EQ(left.ledgers.size(), 5u);
    EXPECT_EQ(left.failure, "the worker process of producers 0 to 1 was killed by signal 9");
}

}  // namespace
}  // namespace stoker::workload
