#include "net/lobby.hpp"

#include <gtest/gtest.h>

namespace stoker::net {
namespace {

TEST(Lobby, gives_its_seats_to_who_comes_first_and_then_to_who_waits_longest) {
    Lobby lobby(2);
    EXPECT_TRUE(lobby.enter(1, 0));
    EXPECT_TRUE(lobby.enter(2, 0));
    EXPECT_FALSE(lobby.enter(3, 0));
    EXPECT_FALSE(lobby.enter(4, 0));
    EXPECT_FALSE(lobby.enter(3, 1)) << "asking again changes nothing";
    EXPECT_EQ(lobby.leave(1, 2), 3u);
    EXPECT_TRUE(lobby.enter(3, 3));
    EXPECT_EQ(lobby.leave(4, 4), std::nullopt) << "who waits can leave, too";
    EXPECT_EQ(lobby.leave(2, 5), std::nullopt);
    EXPECT_TRUE(lobby.enter(5, 6));
    EXPECT_EQ(lobby.leave(77, 7), std::nullopt);
}

TEST(Lobby, takes_the_seat_of_who_idles_for_a_second_while_others_wait) {
    Lobby lobby(2);
    lobby.enter(1, 0);
    lobby.enter(2, 10);
    EXPECT_EQ(lobby.idler(5000), std::nullopt) << "nobody waits";
    EXPECT_FALSE(lobby.enter(3, 5000));
    EXPECT_EQ(lobby.next_look_ms(), Lobby::idle_max_ms);
    EXPECT_EQ(lobby.idler(5000), 1u);
    lobby.enter(1, 5000);
    EXPECT_EQ(lobby.idler(5000), 2u) << "who speaks is not idle";
    EXPECT_EQ(lobby.leave(2, 5000), 3u);
    EXPECT_EQ(lobby.idler(9000), std::nullopt);
    EXPECT_FALSE(lobby.enter(4, 5000));
    EXPECT_EQ(lobby.idler(5999), std::nullopt) << "a seat that was just given is not idle";
}

}  // namespace
}  // namespace stoker::net
