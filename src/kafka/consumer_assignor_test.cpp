#include "kafka/consumer_assignor.hpp"

#include <gtest/gtest.h>

namespace stoker::kafka {
namespace {

using Partitions = std::vector<TopicPartition>;

AssignedMember member(std::string id, std::vector<std::string> topics) {
    return {.member_id = std::move(id), .instance_id = {}, .topics = std::move(topics)};
}

TEST(RangeAssignor, each_topic_is_cut_into_ranges_and_the_first_members_get_one_more) {
    const auto shares = assign_range({member("b", {"t", "u"}), member("a", {"t", "u"})},
                                     {{"t", 3}, {"u", 3}});
    EXPECT_EQ(shares[1], (Partitions{{"t", 0}, {"t", 1}, {"u", 0}, {"u", 1}}));
    EXPECT_EQ(shares[0], (Partitions{{"t", 2}, {"u", 2}}));
}

TEST(RangeAssignor, members_get_only_topics_that_they_read) {
    const auto shares =
        assign_range({member("a", {"t"}), member("b", {"u"})}, {{"t", 2}, {"u", 1}, {"v", 9}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 0}, {"t", 1}}));
    EXPECT_EQ(shares[1], (Partitions{{"u", 0}}));
}

TEST(RangeAssignor, static_members_go_first_whatever_their_member_ids) {
    AssignedMember fixed = member("z", {"t"});
    fixed.instance_id = "i";
    const auto shares = assign_range({member("a", {"t"}), fixed}, {{"t", 3}});
    EXPECT_EQ(shares[1], (Partitions{{"t", 0}, {"t", 1}}));
}

TEST(RangeAssignor, more_members_than_partitions_leave_some_idle) {
    const auto shares =
        assign_range({member("a", {"t"}), member("b", {"t"})}, {{"t", 1}});
    EXPECT_EQ(shares[0].size(), 1u);
    EXPECT_TRUE(shares[1].empty());
}

TEST(RoundRobinAssignor, partitions_of_all_topics_go_round) {
    const auto shares = assign_round_robin({member("a", {"t", "u"}), member("b", {"t", "u"})},
                                           {{"t", 3}, {"u", 3}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 0}, {"t", 2}, {"u", 1}}));
    EXPECT_EQ(shares[1], (Partitions{{"t", 1}, {"u", 0}, {"u", 2}}));
}

TEST(RoundRobinAssignor, who_does_not_read_a_topic_is_passed_over) {
    const auto shares =
        assign_round_robin({member("a", {"t"}), member("b", {"t", "u"})}, {{"t", 1}, {"u", 2}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 0}}));
    EXPECT_EQ(shares[1], (Partitions{{"u", 0}, {"u", 1}}));
}

AssignedMember owner(std::string id, std::vector<TopicPartition> owned, int32_t generation = 1) {
    AssignedMember one = member(std::move(id), {"t"});
    one.owned = std::move(owned);
    one.generation = generation;
    return one;
}

TEST(CooperativeStickyAssignor, a_new_group_shares_evenly) {
    const auto shares =
        assign_cooperative_sticky({member("a", {"t"}), member("b", {"t"})}, {{"t", 3}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 0}, {"t", 2}}));
    EXPECT_EQ(shares[1], (Partitions{{"t", 1}}));
}

TEST(CooperativeStickyAssignor, what_moves_is_first_taken_and_then_given) {
    const AssignedMember all = owner("a", {{"t", 0}, {"t", 1}, {"t", 2}, {"t", 3}});
    const auto first = assign_cooperative_sticky({all, member("b", {"t"})}, {{"t", 4}});
    EXPECT_EQ(first[0], (Partitions{{"t", 0}, {"t", 1}}));
    EXPECT_TRUE(first[1].empty());
    const auto second = assign_cooperative_sticky(
        {owner("a", first[0], 2), owner("b", {}, 2)}, {{"t", 4}});
    EXPECT_EQ(second[0], first[0]);
    EXPECT_EQ(second[1], (Partitions{{"t", 2}, {"t", 3}}));
}

TEST(CooperativeStickyAssignor, what_a_member_left_goes_to_those_with_least) {
    const auto shares = assign_cooperative_sticky(
        {owner("a", {{"t", 4}}), owner("b", {{"t", 0}, {"t", 1}})}, {{"t", 5}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 2}, {"t", 3}, {"t", 4}}));
    EXPECT_EQ(shares[1], (Partitions{{"t", 0}, {"t", 1}}));
}

TEST(CooperativeStickyAssignor, of_two_claims_the_later_generation_counts) {
    const auto shares = assign_cooperative_sticky(
        {owner("a", {{"t", 0}}, 1), owner("b", {{"t", 0}}, 2)}, {{"t", 1}});
    EXPECT_TRUE(shares[0].empty());
    EXPECT_EQ(shares[1], (Partitions{{"t", 0}}));
}

TEST(CooperativeStickyAssignor, nobody_gets_what_he_does_not_read_or_what_is_gone) {
    const auto shares = assign_cooperative_sticky(
        {owner("a", {{"t", 0}, {"t", 9}, {"u", 0}}), member("b", {"u"})}, {{"t", 1}, {"u", 2}});
    EXPECT_EQ(shares[0], (Partitions{{"t", 0}}));
    EXPECT_EQ(shares[1], (Partitions{{"u", 1}})) << "u-0 waits until a has given it up";
}

}  // namespace
}  // namespace stoker::kafka
