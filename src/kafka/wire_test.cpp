#include "kafka/wire.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace stoker::kafka {
namespace {

TEST(Wire, a_broker_that_went_away_is_told_and_does_not_end_the_program) {
    ASSERT_NE(::signal(SIGPIPE, SIG_DFL), SIG_ERR);
    const auto context = security::TlsContext::for_client({});
    ASSERT_TRUE(context) << context.error();
    for (const bool encrypted : {false, true}) {
        int sockets[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
        Wire wire(sockets[0]);
        ::close(sockets[1]);
        if (encrypted) wire.encrypt(**context, "localhost");
        const std::byte hello[] = {std::byte{1}};
        const Wire::Step step = encrypted ? wire.shake_hands() : wire.send(hello);
        EXPECT_EQ(step.state, Wire::Step::State::closed);
        EXPECT_EQ(step.why, "Broken pipe");
    }
}

}  // namespace
}  // namespace stoker::kafka
