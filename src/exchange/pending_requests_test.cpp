#include "exchange/pending_requests.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stoker::exchange {
namespace {

using Kind = PendingRequests::Arrival::Kind;

std::vector<std::string> texts(const PendingRequests::Result& result) {
    std::vector<std::string> all;
    for (const Bytes& reply : result.replies) all.emplace_back(text_of(reply));
    return all;
}

TEST(PendingRequests, results_come_in_the_order_of_the_requests) {
    PendingRequests pending(1);
    pending.add("a", 0, 100);
    pending.add("b", 1, 101);
    EXPECT_EQ(pending.arrive("b", to_bytes("second"), 10).kind, Kind::wanted);
    EXPECT_TRUE(pending.take_results(10).empty());
    EXPECT_EQ(pending.arrive("a", to_bytes("first"), 20).number, 1u);
    const auto results = pending.take_results(20);
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(texts(results[0]), std::vector<std::string>{"first"});
    EXPECT_EQ(results[0].waited_ms, 20);
    EXPECT_EQ(texts(results[1]), std::vector<std::string>{"second"});
    EXPECT_EQ(results[1].waited_ms, 9);
    EXPECT_TRUE(pending.empty());
}

TEST(PendingRequests, a_request_whose_time_is_over_has_no_reply_and_a_later_one_is_late) {
    PendingRequests pending(1);
    pending.add("a", 0, 100);
    EXPECT_EQ(pending.next_deadline_ms(), 100);
    EXPECT_TRUE(pending.take_results(100).empty());
    const auto results = pending.take_results(101);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(results[0].timed_out);
    EXPECT_TRUE(results[0].replies.empty());
    const auto arrival = pending.arrive("a", to_bytes("x"), 150);
    EXPECT_EQ(arrival.kind, Kind::late);
    EXPECT_EQ(arrival.number, 1u);
    EXPECT_EQ(arrival.waited_ms, 150);
    EXPECT_TRUE(pending.take_results(200).empty());
}

TEST(PendingRequests, a_reply_behind_the_deadline_is_late_though_nobody_has_looked) {
    PendingRequests pending(1);
    pending.add("a", 0, 100);
    EXPECT_EQ(pending.arrive("a", to_bytes("x"), 101).kind, Kind::late);
    EXPECT_TRUE(pending.take_results(101).at(0).timed_out);
}

TEST(PendingRequests, several_responders_may_be_waited_for) {
    PendingRequests pending(2);
    pending.add("a", 0, 100);
    pending.add("b", 0, 100);
    EXPECT_EQ(pending.arrive("a", to_bytes("one"), 1).kind, Kind::wanted);
    EXPECT_TRUE(pending.take_results(1).empty());
    EXPECT_EQ(pending.arrive("a", to_bytes("two"), 2).kind, Kind::wanted);
    EXPECT_EQ(pending.arrive("a", to_bytes("three"), 3).kind, Kind::extra);
    EXPECT_EQ(texts(pending.take_results(3).at(0)), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(pending.arrive("b", to_bytes("only"), 4).kind, Kind::wanted);
    const auto results = pending.take_results(101);
    EXPECT_TRUE(results.at(0).timed_out);
    EXPECT_EQ(texts(results[0]), std::vector<std::string>{"only"});
}

TEST(PendingRequests, a_request_that_was_not_sent_waits_no_more) {
    PendingRequests pending(1);
    const size_t number = pending.add("a", 0, 100);
    pending.give_up(number);
    EXPECT_TRUE(pending.take_results(0).at(0).timed_out);
    pending.give_up(number);
    EXPECT_TRUE(pending.empty());
}

TEST(PendingRequests, a_reply_to_somebody_else_is_foreign) {
    PendingRequests pending(1);
    pending.add("a", 0, 100);
    EXPECT_EQ(pending.arrive("z", to_bytes("x"), 1).kind, Kind::foreign);
}

}  // namespace
}  // namespace stoker::exchange
