// Static members (KIP-345) and the assignment that their leader skips (KIP-814).
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

JoinOptions as(const std::string& instance, JoinOptions how = {}) {
    how.instance_id = instance;
    return how;
}

TEST(StaticMember, joins_at_once_under_an_id_made_of_its_name) {
    GroupHarness broker;
    const auto joined = *broker.join("g", as("pump-1"));
    EXPECT_EQ(joined->error_code, ErrorCode::none);
    EXPECT_TRUE(joined->member_id.starts_with("pump-1-"));
    EXPECT_EQ(joined->members.at(0).group_instance_id, "pump-1");
}

TEST(StaticMember, that_restarts_gets_a_new_id_and_its_assignment_without_a_rebalance) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    const auto back = *broker.join("g", as("b"));
    EXPECT_EQ(back->error_code, ErrorCode::none);
    EXPECT_NE(back->member_id, follower.id);
    EXPECT_EQ(back->generation_id, follower.generation);
    EXPECT_EQ(back->leader, leader.id);
    EXPECT_FALSE(back->skip_assignment);
    EXPECT_EQ(broker.state("g"), "Stable");
    EXPECT_EQ((*broker.sync("g", {back->member_id, back->generation_id, "b"}))->assignment,
              to_bytes("B"));
}

TEST(StaticMember, a_leader_that_restarts_is_told_to_skip_the_assignment_from_version_9_on) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    const auto back = *broker.join("g", as("a"));
    EXPECT_TRUE(back->skip_assignment);
    EXPECT_EQ(back->leader, back->member_id);
    EXPECT_EQ(back->members.size(), 2u);
}

TEST(StaticMember, a_leader_that_restarts_does_not_know_itself_as_leader_before_version_9) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    const auto back = *broker.join("g", as("a", {.version = 8}));
    EXPECT_FALSE(back->skip_assignment);
    EXPECT_EQ(back->leader, leader.id);
    EXPECT_NE(back->member_id, leader.id);
    EXPECT_TRUE(back->members.empty());
}

TEST(StaticMember, that_restarts_with_another_choice_of_protocols_starts_a_rebalance) {
    GroupHarness broker;
    const std::vector<MemberProtocol> both{{"range", {}}, {"sticky", {}}};
    broker.stable_pair("g", as("a", {.protocols = both}), as("b", {.protocols = both}));
    broker.join("g", as("a", {.protocols = {{"sticky", {}}}}));
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
}

TEST(StaticMember, the_former_id_is_fenced_everywhere) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    broker.join("g", as("b"));
    EXPECT_EQ(broker.heartbeat("g", follower), ErrorCode::fenced_instance_id);
    EXPECT_EQ((*broker.sync("g", follower))->error_code, ErrorCode::fenced_instance_id);
    EXPECT_EQ((*broker.join("g", as("b", {.member_id = follower.id})))->error_code,
              ErrorCode::fenced_instance_id);
    EXPECT_EQ(broker.commit("g", {.member = follower}), ErrorCode::fenced_instance_id);
    EXPECT_EQ(broker.leave("g", {{.member_id = follower.id, .group_instance_id = "b"}})
                  .members.at(0).error_code,
              ErrorCode::fenced_instance_id);
}

TEST(StaticMember, a_name_that_nobody_holds_is_unknown) {
    GroupHarness broker;
    const Member member = broker.stable_member("g", as("a"));
    EXPECT_EQ(broker.heartbeat("g", {member.id, member.generation, "other"}),
              ErrorCode::unknown_member_id);
}

TEST(StaticMember, a_join_that_waits_under_the_former_id_is_fenced) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    const auto waiting = broker.join("g", as("a", {.member_id = leader.id}));
    EXPECT_FALSE(*waiting);
    const auto twin = broker.join("g", as("a"));
    EXPECT_EQ((*waiting)->error_code, ErrorCode::fenced_instance_id);
    EXPECT_FALSE(*twin);
    broker.join("g", as("b", {.member_id = follower.id}));
    EXPECT_EQ((*twin)->error_code, ErrorCode::none);
}

TEST(StaticMember, a_sync_that_waits_under_the_former_id_is_fenced_and_the_rebalance_restarts) {
    GroupHarness broker({.initial_rebalance_delay_ms = 100});
    const auto a = broker.join("g", as("a"));
    const auto b = broker.join("g", as("b"));
    broker.pass_ms(1'000, 50);
    const bool a_leads = (*a)->leader == (*a)->member_id;
    const std::string follower = a_leads ? "b" : "a";
    const Member member{a_leads ? (*b)->member_id : (*a)->member_id, 1, follower};
    const auto waiting = broker.sync("g", member);
    broker.join("g", as(follower));
    EXPECT_EQ((*waiting)->error_code, ErrorCode::fenced_instance_id);
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
}

TEST(StaticMember, stays_in_the_group_when_it_misses_a_rebalance) {
    GroupHarness broker;
    const auto [leader, follower] =
        broker.stable_pair("g", as("a", {.session_ms = 900'000}), as("b", {.session_ms = 900'000}));
    const auto rejoined = broker.join("g", as("a", {.member_id = leader.id}));
    broker.pass_ms(60'000);
    ASSERT_TRUE(*rejoined);
    EXPECT_EQ((*rejoined)->members.size(), 2u);
}

TEST(StaticMember, a_group_none_of_whose_static_members_is_back_waits_for_their_sessions) {
    GroupHarness broker;
    broker.stable_pair("g", as("a", {.session_ms = 200'000, .rebalance_ms = 10'000}),
                       {.session_ms = 6'000, .rebalance_ms = 10'000});
    broker.pass_ms(50'000);
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
    EXPECT_EQ(broker.describe("g").members.size(), 1u);
    broker.pass_ms(200'000);
    EXPECT_EQ(broker.state("g"), "Empty");
}

TEST(StaticMember, is_removed_by_its_name_alone) {
    GroupHarness broker;
    broker.stable_member("g", as("a"));
    const auto left = broker.leave("g", {{.member_id = "", .group_instance_id = "a"},
                                         {.member_id = "", .group_instance_id = "b"},
                                         {.member_id = ""}});
    EXPECT_EQ(left.members.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(left.members.at(1).error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(left.members.at(2).error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.state("g"), "Empty");
}

TEST(StaticMember, keeps_its_old_id_when_the_new_one_cannot_be_stored) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    broker.append_error = ErrorCode::not_enough_replicas;
    const auto back = *broker.join("g", as("b"));
    EXPECT_EQ(back->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(back->member_id, "");
    broker.append_error = ErrorCode::none;
    EXPECT_EQ(broker.heartbeat("g", follower), ErrorCode::none);
    EXPECT_EQ((*broker.sync("g", follower))->assignment, to_bytes("B"));
}

TEST(StaticMember, an_id_of_a_dynamic_member_in_waiting_does_not_go_with_a_static_name) {
    GroupHarness broker;
    const auto pending = *broker.join("g", {});
    EXPECT_EQ((*broker.join("g", as("a", {.member_id = pending->member_id})))->error_code,
              ErrorCode::unknown_server_error);
}

TEST(StaticMember, the_answer_to_a_restart_waits_until_the_new_id_is_durable) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", as("a"), as("b"));
    broker.hold_until_durable = true;
    const auto back = broker.join("g", as("b"));
    EXPECT_FALSE(*back);
    broker.held.at(0).second();
    EXPECT_TRUE(*back);
}

}  // namespace
}  // namespace stoker::broker
