// Listing, describing and deleting groups, and the limits that keep the memory bounded.
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

TEST(ListGroups, names_every_group_with_state_and_type) {
    GroupHarness broker;
    broker.stable_member("b");
    broker.commit("a", {});
    const auto groups = broker.list();
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].group_id, "a");
    EXPECT_EQ(groups[0].protocol_type, "");
    EXPECT_EQ(groups[0].group_state, "Empty");
    EXPECT_EQ(groups[1].protocol_type, "consumer");
    EXPECT_EQ(groups[1].group_state, "Stable");
    EXPECT_EQ(groups[1].group_type, "classic");
}

TEST(ListGroups, filters_by_state_and_type_whatever_the_case) {
    GroupHarness broker;
    broker.stable_member("b");
    broker.commit("a", {});
    EXPECT_EQ(broker.list({.states_filter = {"stABLE"}}).size(), 1u);
    EXPECT_EQ(broker.list({.states_filter = {" empty ", "Stable"}}).size(), 2u);
    EXPECT_EQ(broker.list({.states_filter = {"Dead"}}).size(), 0u);
    EXPECT_EQ(broker.list({.types_filter = {"CLASSIC"}}).size(), 2u);
    EXPECT_EQ(broker.list({.types_filter = {"consumer"}}).size(), 0u);
    EXPECT_EQ(broker.list({.types_filter = {"nonsense"}}).size(), 0u);
}

TEST(DescribeGroups, shows_members_with_subscription_and_assignment_when_stable) {
    GroupHarness broker;
    const Member member = broker.stable_member("g", {.instance_id = "pump"});
    const auto group = broker.describe("g");
    EXPECT_EQ(group.error_code, ErrorCode::none);
    EXPECT_EQ(group.group_state, "Stable");
    EXPECT_EQ(group.protocol_type, "consumer");
    EXPECT_EQ(group.protocol_data, "range");
    EXPECT_EQ(group.authorized_operations, std::numeric_limits<int32_t>::min());
    ASSERT_EQ(group.members.size(), 1u);
    EXPECT_EQ(group.members[0].member_id, member.id);
    EXPECT_EQ(group.members[0].group_instance_id, "pump");
    EXPECT_EQ(group.members[0].client_id, "app");
    EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
    EXPECT_EQ(group.members[0].member_metadata, subscription({"orders"}));
    EXPECT_EQ(group.members[0].member_assignment, to_bytes("plan"));
}

TEST(DescribeGroups, shows_no_subscriptions_while_it_rebalances) {
    GroupHarness broker;
    broker.stable_member("g");
    broker.join("g", {.version = 3});
    const auto group = broker.describe("g");
    EXPECT_EQ(group.group_state, "PreparingRebalance");
    EXPECT_EQ(group.protocol_data, "");
    ASSERT_EQ(group.members.size(), 2u);
    EXPECT_TRUE(group.members[0].member_metadata.empty());
}

TEST(DescribeGroups, an_unknown_group_is_dead_and_from_version_6_on_an_error) {
    GroupHarness broker;
    EXPECT_EQ(broker.describe("g", 5).group_state, "Dead");
    EXPECT_EQ(broker.describe("g", 5).error_code, ErrorCode::none);
    const auto group = broker.describe("g", 6);
    EXPECT_EQ(group.group_state, "Dead");
    EXPECT_EQ(group.error_code, ErrorCode::group_id_not_found);
    EXPECT_EQ(group.error_message, "Group g not found.");
}

TEST(DeleteGroups, deletes_an_empty_group_with_its_offsets) {
    GroupHarness broker;
    broker.commit("g", {});
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::none);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_TRUE(broker.list().empty());
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::group_id_not_found);
}

TEST(DeleteGroups, refuses_a_group_with_members) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::non_empty_group);
    broker.leave("g", {{.member_id = member.id}});
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::none);
}

TEST(DeleteGroups, takes_a_member_whose_session_has_ended_for_gone_before_the_next_tick) {
    GroupHarness broker;
    broker.stable_member("g");
    broker.clock.advance_ms(9'999);
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::non_empty_group);
    broker.clock.advance_ms(1);
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::none);
}

TEST(DeleteGroups, answers_each_name_once_and_waits_for_all_partitions) {
    GroupHarness broker;
    for (const std::string group : {"a", "b", "c"}) broker.commit(group, {});
    broker.hold_until_durable = true;
    auto [answer, send] = GroupHarness::reply<protocol::DeleteGroupsResponse>();
    broker.coordinator.delete_groups({.request = {.groups_names = {"a", "b", "a", "c", "x"}}},
                                     std::move(send));
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_FALSE(*answer);
        ASSERT_EQ(broker.held.size(), i + 1);
        auto next = std::move(broker.held[i].second);
        next();
    }
    ASSERT_TRUE(*answer);
    EXPECT_EQ((*answer)->results.size(), 4u);
    EXPECT_EQ((*answer)->results[3].error_code, ErrorCode::group_id_not_found);
}

TEST(DeleteGroups, that_cannot_be_stored_is_not_done) {
    GroupHarness broker;
    broker.commit("g", {.offset = 3});
    broker.append_error = ErrorCode::kafka_storage_error;
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::coordinator_not_available);
    EXPECT_EQ(broker.committed("g"), 3);
}

TEST(GroupLimits, a_group_has_at_most_group_max_size_members) {
    GroupHarness broker({.max_size = 2});
    const auto [a, b] = broker.stable_pair("g");
    const auto refused = *broker.join("g", {});
    EXPECT_EQ(refused->error_code, ErrorCode::group_max_size_reached);
    EXPECT_EQ(refused->member_id, "");
    EXPECT_EQ(broker.heartbeat("g", a), ErrorCode::none);
    EXPECT_EQ((*broker.join("g", {.member_id = b.id}))->error_code, ErrorCode::none);
}

TEST(GroupLimits, while_rebalancing_those_who_have_joined_count) {
    GroupHarness broker({.max_size = 1, .initial_rebalance_delay_ms = 1'000});
    const auto first = broker.join("g", {.version = 3});
    EXPECT_EQ((*broker.join("g", {.version = 3}))->error_code,
              ErrorCode::group_max_size_reached);
    broker.pass_ms(2'000);
    EXPECT_EQ((*first)->members.size(), 1u);
}

TEST(GroupLimits, a_group_that_is_loaded_over_its_size_is_rebalanced_down_to_it) {
    GroupHarness before;
    const auto [a, b] = before.stable_pair("g");
    GroupHarness after({.max_size = 1});
    after.replay(before.log);
    EXPECT_EQ(after.state("g"), "PreparingRebalance");
    const auto kept = after.join("g", {.member_id = b.id});
    EXPECT_EQ((*after.join("g", {.member_id = a.id}))->error_code,
              ErrorCode::group_max_size_reached);
    after.pass_ms(60'000);
    EXPECT_EQ((*kept)->members.size(), 1u);
}

TEST(GroupLimits, the_number_of_members_that_were_told_to_come_back_is_bounded) {
    GroupHarness broker({.pending_members_max = 3});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ((*broker.join("g", {}))->error_code, ErrorCode::member_id_required);
    }
    EXPECT_EQ((*broker.join("g", {}))->error_code, ErrorCode::group_max_size_reached);
    broker.pass_ms(10'000);
    EXPECT_EQ((*broker.join("g", {}))->error_code, ErrorCode::member_id_required);
}

TEST(GroupLimits, the_number_of_groups_is_bounded) {
    GroupHarness broker({.groups_max = 16});
    int joined = 0;
    int committed = 0;
    for (int i = 0; i < 100; ++i) {
        const std::string group = "g" + std::to_string(i);
        const auto error = (*broker.join(group, {}))->error_code;
        if (error == ErrorCode::member_id_required) ++joined;
        else EXPECT_EQ(error, ErrorCode::group_max_size_reached);
        const auto commit_error = broker.commit("c" + group, {});
        if (commit_error == ErrorCode::none) ++committed;
        else EXPECT_EQ(commit_error, ErrorCode::policy_violation);
    }
    EXPECT_LE(joined + committed, 16);
    EXPECT_GT(joined, 0);
    EXPECT_EQ(broker.list().size(), static_cast<size_t>(joined + committed));
}

TEST(GroupLimits, a_very_long_client_id_still_makes_a_member_id_that_can_be_sent) {
    GroupHarness broker;
    std::string client_id(1'023, 'x');
    while (client_id.size() < 32'000) client_id += "\u20ac";
    const auto joined = *broker.join("g", {.client_id = client_id});
    EXPECT_EQ(joined->member_id.size(), 1'023u + 1 + 36);  // no half character
}

}  // namespace
}  // namespace stoker::broker
