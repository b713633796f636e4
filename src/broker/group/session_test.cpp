// The life of a member between two rebalances: SyncGroup, Heartbeat, sessions, LeaveGroup.
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

using protocol::SyncGroupResponse;

TEST(SyncGroup, followers_wait_for_the_leader_and_get_their_part) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    EXPECT_EQ((*broker.sync("g", follower))->assignment, to_bytes("B"));
    EXPECT_EQ((*broker.sync("g", leader))->protocol_name, "range");
}

TEST(SyncGroup, a_member_that_the_leader_forgot_gets_an_empty_assignment) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    const auto synced = *broker.sync("g", {joined->member_id, 1}, {{"stranger", to_bytes("X")}});
    EXPECT_EQ(synced->error_code, ErrorCode::none);
    EXPECT_TRUE(synced->assignment.empty());
}

TEST(SyncGroup, errors_name_what_is_wrong) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    const auto error = [&](const std::string& group, const Member& who) {
        return (*broker.sync(group, who))->error_code;
    };
    EXPECT_EQ(error("", member), ErrorCode::invalid_group_id);
    EXPECT_EQ(error("other", member), ErrorCode::unknown_member_id);
    EXPECT_EQ(error("g", {"stranger", 1}), ErrorCode::unknown_member_id);
    EXPECT_EQ(error("g", {member.id, 7}), ErrorCode::illegal_generation);
    broker.join("g", {.version = 3});
    EXPECT_EQ(error("g", member), ErrorCode::rebalance_in_progress);
    broker.leave("g", {{.member_id = member.id}});
}

TEST(SyncGroup, from_version_5_on_the_protocol_must_be_said_and_right) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    const auto error = [&](std::optional<std::string> type, std::optional<std::string> name,
                           int16_t version) {
        auto [answer, send] = GroupHarness::reply<SyncGroupResponse>();
        broker.coordinator.sync({.request = {.group_id = "g",
                                             .generation_id = member.generation,
                                             .member_id = member.id,
                                             .protocol_type = type,
                                             .protocol_name = name},
                                 .version = version},
                                std::move(send));
        return (*answer)->error_code;
    };
    EXPECT_EQ(error("consumer", "range", 5), ErrorCode::none);
    EXPECT_EQ(error(std::nullopt, "range", 5), ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(error(std::nullopt, std::nullopt, 4), ErrorCode::none);
    EXPECT_EQ(error("connect", "range", 5), ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(error("consumer", "sticky", 5), ErrorCode::inconsistent_group_protocol);
}

TEST(SyncGroup, members_that_do_not_sync_in_time_are_dropped_and_the_rest_starts_over) {
    GroupHarness broker({.initial_rebalance_delay_ms = 100});
    const auto a = broker.join("g", {.session_ms = 1'800'000, .rebalance_ms = 5'000, .version = 3});
    const auto b = broker.join("g", {.session_ms = 1'800'000, .rebalance_ms = 5'000, .version = 3});
    broker.pass_ms(1'000, 50);
    const bool a_leads = (*a)->leader == (*a)->member_id;
    const Member follower{a_leads ? (*b)->member_id : (*a)->member_id, 1};
    const auto waiting = broker.sync("g", follower);
    broker.pass_ms(5'000);
    ASSERT_TRUE(*waiting);
    EXPECT_EQ((*waiting)->error_code, ErrorCode::rebalance_in_progress);
    EXPECT_EQ(broker.describe("g").members.size(), 1u);
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
}

TEST(SyncGroup, a_second_sync_of_a_member_replaces_the_first_which_is_answered) {
    GroupHarness broker({.initial_rebalance_delay_ms = 100});
    const auto a = broker.join("g", {.version = 3});
    const auto b = broker.join("g", {.version = 3});
    broker.pass_ms(1'000, 50);
    const bool a_leads = (*a)->leader == (*a)->member_id;
    const Member follower{a_leads ? (*b)->member_id : (*a)->member_id, 1};
    const auto first = broker.sync("g", follower);
    const auto second = broker.sync("g", follower);
    EXPECT_EQ((*first)->error_code, ErrorCode::rebalance_in_progress);
    broker.sync("g", {(*a)->leader, 1}, {{follower.id, to_bytes("F")}});
    EXPECT_EQ((*second)->assignment, to_bytes("F"));
}

TEST(SyncGroup, when_the_assignment_cannot_be_stored_the_group_starts_over) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    broker.append_error = ErrorCode::kafka_storage_error;
    const auto synced = *broker.sync("g", {joined->member_id, 1});
    EXPECT_EQ(synced->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
    broker.append_error = ErrorCode::none;
    const auto again = *broker.join("g", {.member_id = joined->member_id, .version = 3});
    EXPECT_EQ(again->generation_id, 2);
    EXPECT_EQ((*broker.sync("g", {joined->member_id, 2}))->error_code, ErrorCode::none);
}

TEST(SyncGroup, the_answers_wait_until_the_assignment_is_durable) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    broker.hold_until_durable = true;
    const auto synced = broker.sync("g", {joined->member_id, 1}, {{joined->member_id, {}}});
    EXPECT_FALSE(*synced);
    ASSERT_EQ(broker.held.size(), 1u);
    EXPECT_EQ(broker.held[0].first, broker.coordinator.partition_of("g"));
    broker.held[0].second();
    EXPECT_EQ((*synced)->error_code, ErrorCode::none);
}

TEST(Heartbeat, errors_name_what_is_wrong) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    EXPECT_EQ(broker.heartbeat("", member), ErrorCode::invalid_group_id);
    EXPECT_EQ(broker.heartbeat("other", member), ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.heartbeat("g", {"stranger", 1}), ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.heartbeat("g", {member.id, 0}), ErrorCode::illegal_generation);
    EXPECT_EQ(broker.heartbeat("g", member), ErrorCode::none);
}

TEST(Heartbeat, is_accepted_while_the_rebalance_completes) {
    GroupHarness broker;
    const auto joined = *broker.join("g", {.version = 3});
    EXPECT_EQ(broker.heartbeat("g", {joined->member_id, 1}), ErrorCode::none);
}

TEST(Session, a_member_that_is_silent_for_its_session_is_dropped) {
    GroupHarness broker;
    const Member member = broker.stable_member("g", {.session_ms = 10'000});
    broker.pass_ms(9'500);
    EXPECT_EQ(broker.heartbeat("g", member), ErrorCode::none);
    broker.pass_ms(9'500);
    EXPECT_EQ(broker.state("g"), "Stable");
    broker.pass_ms(500);
    EXPECT_EQ(broker.state("g"), "Empty");
    EXPECT_EQ(broker.heartbeat("g", member), ErrorCode::unknown_member_id);
}

TEST(Session, the_end_of_one_session_starts_a_rebalance_of_the_others) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g", {.session_ms = 30'000});
    broker.pass_ms(10'000);
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
    const auto alone = *broker.join("g", {.member_id = leader.id});
    EXPECT_EQ(alone->generation_id, 3);
    EXPECT_EQ(alone->members.size(), 1u);
}

TEST(Session, does_not_end_while_the_broker_lets_the_member_wait) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair(
        "g", {.session_ms = 10'000}, {.session_ms = 600'000, .rebalance_ms = 300'000});
    const auto waiting = broker.join("g", {.member_id = leader.id, .session_ms = 10'000});
    broker.pass_ms(60'000);
    EXPECT_FALSE(*waiting);
    broker.join("g", {.member_id = follower.id});
    EXPECT_EQ((*waiting)->error_code, ErrorCode::none);
}

TEST(Session, a_jump_of_the_wall_clock_ends_no_session) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    broker.clock.jump_wall_ms(3'600'000);
    broker.coordinator.tick();
    EXPECT_EQ(broker.heartbeat("g", member), ErrorCode::none);
}

TEST(LeaveGroup, the_last_member_leaves_an_empty_group_in_the_next_generation) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    const auto left = broker.leave("g", {{.member_id = member.id, .reason = "bye"}});
    EXPECT_EQ(left.error_code, ErrorCode::none);
    EXPECT_EQ(left.members.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(broker.state("g"), "Empty");
    EXPECT_EQ((*broker.join("g", {.version = 3}))->generation_id, 3);
}

TEST(LeaveGroup, has_an_error_per_member_from_version_3_on) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    const auto left = broker.leave("g", {{.member_id = "stranger"}, {.member_id = member.id}}, 3);
    EXPECT_EQ(left.error_code, ErrorCode::none);
    EXPECT_EQ(left.members.at(0).error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(left.members.at(1).error_code, ErrorCode::none);
}

TEST(LeaveGroup, has_one_error_before_version_3) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    EXPECT_EQ(broker.leave("g", {{.member_id = "stranger"}}, 2).error_code,
              ErrorCode::unknown_member_id);
    const auto left = broker.leave("g", {{.member_id = member.id}}, 0);
    EXPECT_EQ(left.error_code, ErrorCode::none);
    EXPECT_TRUE(left.members.empty());
    EXPECT_EQ(broker.leave("other", {{.member_id = "m"}}, 1).error_code,
              ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.leave("", {{.member_id = "m"}}, 5).error_code, ErrorCode::invalid_group_id);
}

TEST(LeaveGroup, of_an_unknown_group_is_an_error_of_every_member) {
    GroupHarness broker;
    const auto left = broker.leave("other", {{.member_id = "a"}, {.member_id = "b"}});
    EXPECT_EQ(left.error_code, ErrorCode::none);
    EXPECT_EQ(left.members.at(1).error_code, ErrorCode::unknown_member_id);
}

TEST(LeaveGroup, of_a_member_that_waits_answers_what_it_waits_for) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    const auto waiting = broker.join("g", {.member_id = leader.id});
    broker.leave("g", {{.member_id = leader.id}});
    EXPECT_EQ((*waiting)->error_code, ErrorCode::unknown_member_id);
}

TEST(LeaveGroup, of_the_last_missing_member_ends_the_join_phase) {
    GroupHarness broker;
    const auto [leader, follower] = broker.stable_pair("g");
    const auto waiting = broker.join("g", {.member_id = leader.id});
    broker.leave("g", {{.member_id = follower.id}});
    ASSERT_TRUE(*waiting);
    EXPECT_EQ((*waiting)->members.size(), 1u);
}

TEST(LeaveGroup, of_a_pending_member_forgets_it) {
    GroupHarness broker;
    const auto pending = *broker.join("g", {});
    EXPECT_EQ(broker.leave("g", {{.member_id = pending->member_id}}).members.at(0).error_code,
              ErrorCode::none);
    EXPECT_EQ((*broker.join("g", {.member_id = pending->member_id}))->error_code,
              ErrorCode::unknown_member_id);
}

}  // namespace
}  // namespace stoker::broker
