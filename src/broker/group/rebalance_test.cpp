// JoinGroup and the rebalance that it starts, of dynamic members.
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

TEST(JoinGroup, a_new_member_is_told_its_id_first_from_version_4_on) {
    GroupHarness broker;
    const auto first = *broker.join("g", {.version = 4});
    EXPECT_EQ(first->error_code, ErrorCode::member_id_required);
    EXPECT_EQ(first->generation_id, -1);
    EXPECT_EQ(first->member_id.size(), std::string("app-").size() + 36);
    EXPECT_TRUE(first->member_id.starts_with("app-"));
    EXPECT_EQ(broker.state("g"), "Empty");
    const auto second = *broker.join("g", {.member_id = first->member_id, .version = 4});
    EXPECT_EQ(second->error_code, ErrorCode::none);
    EXPECT_EQ(second->member_id, first->member_id);
}

TEST(JoinGroup, a_new_member_joins_at_once_before_version_4) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    EXPECT_EQ(joined->error_code, ErrorCode::none);
    EXPECT_EQ(joined->generation_id, 1);
    EXPECT_EQ(joined->leader, joined->member_id);
    ASSERT_EQ(joined->members.size(), 1u);
    EXPECT_EQ(joined->members[0].metadata, subscription({"orders"}));
    EXPECT_EQ(broker.state("g"), "CompletingRebalance");
}

TEST(JoinGroup, a_refusal_names_no_protocol_where_that_can_be_said) {
    GroupHarness broker;
    EXPECT_EQ((*broker.join("", {.version = 7}))->protocol_name, std::nullopt);
    EXPECT_EQ((*broker.join("", {.version = 6}))->protocol_name, "");
    const auto unknown = *broker.join("g", {.member_id = "stranger", .version = 6});
    EXPECT_EQ(unknown->error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(unknown->protocol_name, "");
}

TEST(JoinGroup, an_empty_group_id_is_invalid_and_the_member_id_comes_back) {
    GroupHarness broker;
    const auto refused = *broker.join("", {.member_id = "m"});
    EXPECT_EQ(refused->error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(refused->member_id, "m");
}

TEST(JoinGroup, the_session_time_out_lies_between_six_seconds_and_thirty_minutes) {
    GroupHarness broker;
    const auto error = [&](int32_t session_ms) {
        return (*broker.join("g", {.session_ms = session_ms, .version = 3}))->error_code;
    };
    EXPECT_EQ(error(5'999), ErrorCode::invalid_session_timeout);
    EXPECT_EQ(error(1'800'001), ErrorCode::invalid_session_timeout);
    EXPECT_TRUE(broker.list().empty());
    EXPECT_EQ(error(6'000), ErrorCode::none);
}

TEST(JoinGroup, an_unknown_member_of_a_group_that_is_not_there_creates_no_group) {
    GroupHarness broker;
    EXPECT_EQ((*broker.join("g", {.member_id = "m"}))->error_code, ErrorCode::unknown_member_id);
    EXPECT_TRUE(broker.list().empty());
}

TEST(JoinGroup, a_member_without_protocols_is_refused_and_leaves_an_empty_group) {
    GroupHarness broker;
    EXPECT_EQ((*broker.join("g", {.protocols = {}}))->error_code,
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(broker.state("g"), "Empty");
}

TEST(JoinGroup, a_member_without_protocols_or_type_is_inconsistent) {
    GroupHarness broker;
    EXPECT_EQ((*broker.join("g", {.protocols = {}}))->error_code,
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ((*broker.join("g", {.type = ""}))->error_code,
              ErrorCode::inconsistent_group_protocol);
}

TEST(JoinGroup, type_and_one_protocol_must_be_common_to_all_members) {
    GroupHarness broker;
    broker.stable_member("g");
    EXPECT_EQ((*broker.join("g", {.type = "connect"}))->error_code,
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ((*broker.join("g", {.protocols = {{"sticky", {}}}}))->error_code,
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(broker.state("g"), "Stable");
}

TEST(JoinGroup, the_protocol_that_most_members_prefer_of_those_common_to_all_wins) {
    GroupHarness broker({.initial_rebalance_delay_ms = 100});
    const auto member = [&](std::vector<std::string> names) {
        JoinOptions how{.protocols = {}, .version = 3};
        for (const auto& each : names) how.protocols.push_back({each, {}});
        return broker.join("g", how);
    };
    const auto a = member({"only-a", "range", "sticky"});
    const auto b = member({"sticky", "range"});
    const auto c = member({"sticky", "range"});
    broker.pass_ms(1'000, 50);
    EXPECT_EQ((*a)->protocol_name, "sticky");
    EXPECT_EQ((*b)->protocol_name, "sticky");
    EXPECT_EQ((*c)->protocol_type, "consumer");
}

TEST(JoinGroup, a_protocol_that_is_named_twice_counts_once) {
    GroupHarness broker;
    const auto joined = *broker.join(
        "g", {.protocols = {{"range", to_bytes("x")}, {"range", to_bytes("y")}}, .version = 3});
    EXPECT_EQ(joined->error_code, ErrorCode::none);
    EXPECT_EQ(joined->members.at(0).metadata, to_bytes("x"));
}

TEST(JoinGroup, only_the_leader_hears_who_the_members_are) {
    GroupHarness broker({.initial_rebalance_delay_ms = 100});
    const auto a = broker.join("g", {.version = 3});
    const auto b = broker.join("g", {.version = 3});
    broker.pass_ms(1'000, 50);
    const auto& leader = (*a)->member_id == (*a)->leader ? *a : *b;
    const auto& follower = (*a)->member_id == (*a)->leader ? *b : *a;
    EXPECT_EQ(leader->members.size(), 2u);
    EXPECT_TRUE(follower->members.empty());
    EXPECT_EQ(follower->leader, leader->member_id);
    EXPECT_EQ(follower->generation_id, leader->generation_id);
}

TEST(InitialRebalance, the_delay_is_extended_while_members_keep_coming) {
    GroupHarness broker({.initial_rebalance_delay_ms = 3'000});
    const auto first = broker.join("g", {.rebalance_ms = 60'000, .version = 3});
    broker.pass_ms(2'000);
    const auto second = broker.join("g", {.version = 3});
    broker.pass_ms(3'500);
    EXPECT_FALSE(*first);  // the second has put the end off
    broker.pass_ms(1'000);
    ASSERT_TRUE(*first);
    EXPECT_EQ((*first)->generation_id, 1);
    EXPECT_EQ((*second)->generation_id, 1);
}

TEST(InitialRebalance, the_delay_is_not_extended_beyond_the_rebalance_time_out) {
    GroupHarness broker({.initial_rebalance_delay_ms = 3'000});
    const auto first = broker.join("g", {.rebalance_ms = 8'000, .version = 3});
    for (int i = 0; i < 7; ++i) {
        EXPECT_FALSE(*first) << i;
        broker.pass_ms(1'000);
        broker.join("g", {.rebalance_ms = 8'000, .version = 3});
    }
    broker.pass_ms(2'000);
    ASSERT_TRUE(*first);
    EXPECT_EQ((*first)->error_code, ErrorCode::none);
}

TEST(InitialRebalance, without_a_delay_the_first_member_need_not_wait) {
    GroupHarness broker;
    EXPECT_EQ((*broker.join("g", {.version = 0}))->error_code, ErrorCode::none);
}

TEST(Rebalance, version_0_waits_for_members_as_long_as_their_session_lasts) {
    GroupHarness broker;
    const auto first = broker.join("g", {.session_ms = 6'000, .rebalance_ms = 1, .version = 0});
    const Member leader{(*first)->member_id, 1};
    broker.sync("g", leader, {});
    const auto second = broker.join("g", {.session_ms = 6'000, .rebalance_ms = 1, .version = 0});
    for (int i = 0; i < 5; ++i) {
        broker.pass_ms(1'000);
        EXPECT_EQ(broker.heartbeat("g", leader), ErrorCode::rebalance_in_progress);
    }
    EXPECT_FALSE(*second);
    broker.pass_ms(1'500);
    EXPECT_EQ((*second)->error_code, ErrorCode::none);
    EXPECT_EQ((*second)->members.size(), 1u);
}

TEST(Rebalance, all_members_rejoin_into_the_next_generation) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    EXPECT_EQ(leader.generation, 2);
    EXPECT_EQ(broker.state("g"), "Stable");
    EXPECT_EQ(broker.heartbeat("g", leader), ErrorCode::none);
    EXPECT_EQ(broker.heartbeat("g", follower), ErrorCode::none);
}

TEST(Rebalance, members_that_do_not_rejoin_in_time_are_dropped) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair(
        "g", {.session_ms = 1'800'000, .rebalance_ms = 20'000},
        {.session_ms = 1'800'000, .rebalance_ms = 5'000});
    const auto rejoined = broker.join("g", {.member_id = leader.id, .rebalance_ms = 20'000});
    EXPECT_FALSE(*rejoined);
    broker.pass_ms(19'500);
    EXPECT_FALSE(*rejoined);  // the longest time-out of all members counts
    broker.pass_ms(500);
    ASSERT_TRUE(*rejoined);
    EXPECT_EQ((*rejoined)->generation_id, 3);
    EXPECT_EQ((*rejoined)->members.size(), 1u);
    EXPECT_EQ(broker.heartbeat("g", follower), ErrorCode::unknown_member_id);
}

TEST(Rebalance, a_leader_that_does_not_rejoin_is_succeeded) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", {.session_ms = 1'800'000},
                                                       {.session_ms = 1'800'000});
    const auto rejoined =
        broker.join("g", {.member_id = follower.id, .protocols = {{"range", to_bytes("new")}}});
    broker.pass_ms(60'000);
    ASSERT_TRUE(*rejoined);
    EXPECT_EQ((*rejoined)->leader, follower.id);
    EXPECT_EQ((*rejoined)->members.size(), 1u);
}

TEST(Rebalance, the_join_phase_waits_for_members_that_were_just_told_their_id) {
    GroupHarness broker;
    const Member leader = broker.stable_member("g");
    const auto pending = *broker.join("g", {});
    const auto rejoined = broker.join("g", {.member_id = leader.id});
    EXPECT_FALSE(*rejoined);
    const auto joined = broker.join("g", {.member_id = pending->member_id});
    ASSERT_TRUE(*rejoined);
    EXPECT_EQ((*rejoined)->members.size(), 2u);
    EXPECT_EQ((*joined)->generation_id, (*rejoined)->generation_id);
}

TEST(Rebalance, a_pending_member_that_never_comes_back_is_given_up_after_its_session) {
    GroupHarness broker;
    const Member leader = broker.stable_member("g", {.session_ms = 30'000});
    const auto pending = *broker.join("g", {.session_ms = 6'000});
    const auto rejoined = broker.join("g", {.member_id = leader.id, .session_ms = 30'000});
    broker.pass_ms(5'500);
    EXPECT_FALSE(*rejoined);
    broker.pass_ms(500);
    EXPECT_EQ((*rejoined)->members.size(), 1u);
    EXPECT_EQ((*broker.join("g", {.member_id = pending->member_id}))->error_code,
              ErrorCode::unknown_member_id);
}

TEST(Rebalance, a_follower_without_news_gets_the_present_generation_again) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    const auto again = *broker.join("g", {.member_id = follower.id});
    EXPECT_EQ(again->generation_id, follower.generation);
    EXPECT_EQ(again->leader, leader.id);
    EXPECT_TRUE(again->members.empty());
    EXPECT_EQ(broker.state("g"), "Stable");
}

TEST(Rebalance, a_follower_with_other_metadata_starts_a_rebalance) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    broker.join("g", {.member_id = follower.id, .protocols = {{"range", to_bytes("other")}}});
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
    EXPECT_EQ(broker.heartbeat("g", leader), ErrorCode::rebalance_in_progress);
}

TEST(Rebalance, a_leader_that_joins_again_starts_a_rebalance_even_without_news) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    EXPECT_FALSE(*broker.join("g", {.member_id = leader.id}));
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
}

TEST(Rebalance, whoever_missed_the_announcement_hears_it_again_while_it_completes) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    const auto again = *broker.join("g", {.member_id = joined->member_id, .version = 3});
    EXPECT_EQ(again->generation_id, joined->generation_id);
    EXPECT_EQ(again->members, joined->members);
}

TEST(Rebalance, a_second_join_request_of_a_member_replaces_the_first_which_is_answered) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    const auto first = broker.join("g", {.member_id = leader.id});
    const auto second = broker.join("g", {.member_id = leader.id});
    EXPECT_EQ((*first)->error_code, ErrorCode::rebalance_in_progress);
    EXPECT_FALSE(*second);
    broker.join("g", {.member_id = follower.id});
    EXPECT_EQ((*second)->error_code, ErrorCode::none);
}

TEST(Rebalance, a_join_of_a_new_member_is_dropped_after_five_minutes) {
    GroupHarness broker;
    const Member leader = broker.stable_member("g", {.rebalance_ms = 1'000'000});
    const auto waiting = broker.join("g", {.version = 3});
    for (int i = 0; i < 299; ++i) {
        broker.pass_ms(1'000);
        broker.heartbeat("g", leader);
    }
    EXPECT_FALSE(*waiting);
    broker.pass_ms(1'000);
    ASSERT_TRUE(*waiting);
    EXPECT_EQ((*waiting)->error_code, ErrorCode::unknown_member_id);
}

}  // namespace
}  // namespace stoker::broker
