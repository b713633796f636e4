// KIP-848 as clients see it: joining, reconciliation, fencing, time-outs, offsets, administration.
#include "broker/group/consumer/consumer_fixture.hpp"

namespace stoker::broker {
namespace {

class ConsumerGroups : public testing::Test {
protected:
    ConsumerGroups() { broker.image = topics_of(1, {{"orders", 4}, {"bills", 2}}); }
    GroupHarness broker;
};

TEST_F(ConsumerGroups, the_first_member_gets_everything_in_its_first_answer) {
    Consumer a(broker, "g", "a");
    const auto joined = a.join();
    EXPECT_EQ(joined.error_code, ErrorCode::none);
    EXPECT_EQ(joined.member_id, "a");
    EXPECT_EQ(joined.heartbeat_interval_ms, 5'000);
    EXPECT_EQ(a.owned, partitions_of("orders", {0, 1, 2, 3}));
    EXPECT_EQ(describe(broker, "g").group_state, "Stable");
}

TEST_F(ConsumerGroups, a_member_at_rest_hears_of_no_assignment_and_writes_nothing) {
    Consumer a(broker, "g", "a");
    a.join();
    a.beat();
    const auto batches = broker.batches;
    const auto beat = a.beat();
    EXPECT_EQ(beat.assignment, std::nullopt);
    EXPECT_EQ(beat.member_epoch, a.epoch);
    EXPECT_EQ(broker.batches, batches);
}

TEST_F(ConsumerGroups, only_partitions_that_move_are_revoked_and_they_wait_for_their_owner) {
    Consumer a(broker, "g", "a");
    Consumer b(broker, "g", "b");
    a.join();
    a.beat();
    const Assignment all = a.owned;
    b.join();
    EXPECT_TRUE(b.owned.empty());
    const auto revoking = a.beat();
    ASSERT_TRUE(revoking.assignment);
    EXPECT_EQ(size_of(a.owned), 2u);
    const Assignment kept = a.owned;
    // Not before a has said that it has let go does b get anything.
    b.beat();
    EXPECT_TRUE(b.owned.empty());
    a.beat();
    EXPECT_EQ(a.owned, kept);
    b.beat();
    EXPECT_EQ(size_of(b.owned), 2u);
    for (const auto& [topic, partitions] : b.owned) {
        for (const PartitionId each : partitions) EXPECT_FALSE(has(kept, topic, each));
    }
    EXPECT_EQ(describe(broker, "g").group_state, "Stable");
}

TEST_F(ConsumerGroups, a_member_that_does_not_let_go_is_fenced_after_its_rebalance_time_out) {
    Consumer a(broker, "g", "a");
    Consumer b(broker, "g", "b");
    a.join();
    a.beat();
    b.join();
    a.beat();  // told to revoke; it never confirms
    for (int i = 0; i < 6; ++i) {
        broker.pass_ms(5'000);
        HeartbeatRequest alive{.group_id = "g", .member_id = "a", .member_epoch = a.epoch};
        if (heartbeat(broker, alive).error_code != ErrorCode::none) break;
        b.beat();
    }
    broker.pass_ms(1'000);
    EXPECT_EQ(a.beat().error_code, ErrorCode::unknown_member_id);
    b.beat();
    EXPECT_EQ(b.owned, partitions_of("orders", {0, 1, 2, 3}));
}

TEST_F(ConsumerGroups, a_member_that_is_silent_for_its_session_is_gone_and_the_rest_take_over) {
    Consumer a(broker, "g", "a");
    Consumer b(broker, "g", "b");
    a.join();
    b.join();
    settle(broker, "g", {&a, &b});
    for (int i = 0; i < 10; ++i) {
        broker.pass_ms(5'000);
        b.beat();
    }
    b.beat();
    EXPECT_EQ(b.owned, partitions_of("orders", {0, 1, 2, 3}));
    EXPECT_EQ(a.beat().error_code, ErrorCode::unknown_member_id);
}

TEST_F(ConsumerGroups, the_sessions_and_intervals_of_one_group_are_configured_for_it) {
    broker.settings = {.session_timeout_ms = 1'000, .heartbeat_interval_ms = 100};
    Consumer a(broker, "g", "a");
    EXPECT_EQ(a.join().heartbeat_interval_ms, 100);
    broker.pass_ms(1'500);
    EXPECT_EQ(describe(broker, "g").group_state, "Empty");
}

TEST_F(ConsumerGroups, epochs_that_are_not_the_members_fence_it) {
    Consumer a(broker, "g", "a");
    a.join();
    HeartbeatRequest request{.group_id = "g", .member_id = "a", .member_epoch = a.epoch + 1};
    EXPECT_EQ(heartbeat(broker, request).error_code, ErrorCode::fenced_member_epoch);
    request.member_epoch = a.epoch - 1;
    EXPECT_EQ(heartbeat(broker, request).error_code, ErrorCode::fenced_member_epoch);
    request = {.group_id = "g", .member_id = "nobody", .member_epoch = a.epoch};
    EXPECT_EQ(heartbeat(broker, request).error_code, ErrorCode::unknown_member_id);
    request = {.group_id = "none", .member_id = "a", .member_epoch = 1};
    EXPECT_EQ(heartbeat(broker, request).error_code, ErrorCode::group_id_not_found);
}

TEST_F(ConsumerGroups, the_epoch_before_is_accepted_from_who_missed_an_answer) {
    Consumer a(broker, "g", "a");
    a.join();
    a.beat();
    const int32_t before = a.epoch;
    Consumer(broker, "g", "b").join();
    a.beat();
    Consumer repeating = a;
    a.beat();
    ASSERT_GT(a.epoch, before);
    repeating.epoch = before;
    EXPECT_EQ(repeating.beat().error_code, ErrorCode::none);
}

TEST_F(ConsumerGroups, requests_that_are_wrong_are_refused_in_apache_kafkas_words) {
    HeartbeatRequest request{.group_id = "g", .member_id = "a"};
    EXPECT_EQ(heartbeat(broker, request).error_message,
              "RebalanceTimeoutMs must be provided in first request.");
    request.rebalance_timeout_ms = 1'000;
    EXPECT_EQ(heartbeat(broker, request).error_message,
              "TopicPartitions must be empty when (re-)joining.");
    request.topic_partitions.emplace();
    EXPECT_EQ(heartbeat(broker, request).error_code, ErrorCode::invalid_request);
    request.subscribed_topic_names = {{"orders"}};
    request.server_assignor = "sticky";
    const auto refused = heartbeat(broker, request);
    EXPECT_EQ(refused.error_code, ErrorCode::unsupported_assignor);
    EXPECT_EQ(refused.error_message,
              "ServerAssignor sticky is not supported. Supported assignors: uniform, range.");
    request.server_assignor.reset();
    request.member_id = " ";
    EXPECT_EQ(heartbeat(broker, request).error_message, "MemberId can't be empty.");
    request.member_id = "";
    const auto named = heartbeat(broker, request, 0);
    EXPECT_EQ(named.member_id.value_or("").size(), 22u);
    request.member_epoch = -3;
    request.member_id = "a";
    EXPECT_EQ(heartbeat(broker, request).error_message, "MemberEpoch is invalid.");
}

TEST_F(ConsumerGroups, a_group_that_is_full_takes_no_more_members) {
    GroupHarness small({.consumer_max_size = 1});
    Consumer(small, "g", "a").join();
    const auto refused = Consumer(small, "g", "b").join();
    EXPECT_EQ(refused.error_code, ErrorCode::group_max_size_reached);
    EXPECT_EQ(refused.error_message,
              "The consumer group has reached its maximum capacity of 1 members.");
}

TEST_F(ConsumerGroups, new_topics_and_partitions_are_assigned_at_the_next_heartbeat) {
    Consumer a(broker, "g", "a", {"orders", "late"});
    a.join();
    broker.image = topics_of(2, {{"orders", 5}, {"late", 1}});
    a.beat();
    EXPECT_EQ(size_of(a.owned), 6u);
    broker.image = topics_of(3, {{"orders", 5}});
    a.beat();
    a.beat();
    EXPECT_EQ(a.owned, partitions_of("orders", {0, 1, 2, 3, 4}));
}

TEST_F(ConsumerGroups, topics_that_are_not_its_own_leave_a_group_alone) {
    Consumer a(broker, "g", "a");
    a.join();
    const int32_t epoch = describe(broker, "g").group_epoch;
    broker.image = topics_of(2, {{"orders", 4}, {"other", 9}});
    a.beat();
    EXPECT_EQ(describe(broker, "g").group_epoch, epoch);
}

TEST_F(ConsumerGroups, a_subscription_that_changes_takes_and_gives_topics) {
    Consumer a(broker, "g", "a");
    a.join();
    a.beat();
    a.subscribe({"bills"});
    a.beat();
    a.beat();
    EXPECT_EQ(a.owned, partitions_of("bills", {0, 1}));
    EXPECT_EQ(describe(broker, "g").group_state, "Stable");
}

TEST_F(ConsumerGroups, a_regular_expression_subscribes_to_present_and_future_topics) {
    Consumer a(broker, "g", "a", {});
    a.regex = "(orders|bills).*";
    a.join();
    EXPECT_EQ(size_of(a.owned), 6u);
    broker.image = topics_of(2, {{"orders", 4}, {"bills", 2}, {"orders-eu", 3}, {"x", 1}});
    a.beat();
    EXPECT_EQ(size_of(a.owned), 9u);
    EXPECT_EQ(describe(broker, "g").members.at(0).subscribed_topic_regex, "(orders|bills).*");
    a.leave();
    EXPECT_EQ(describe(broker, "g").group_state, "Empty");
}

TEST_F(ConsumerGroups, what_is_no_regular_expression_is_refused_and_creates_no_group) {
    Consumer a(broker, "g", "a", {});
    a.regex = "[";
    const auto refused = a.join();
    EXPECT_EQ(refused.error_code, ErrorCode::invalid_regular_expression);
    EXPECT_EQ(refused.error_message,
              "SubscribedTopicRegex `[` is not a valid regular expression: missing closing ].");
    EXPECT_TRUE(broker.list().empty());
}

TEST_F(ConsumerGroups, a_static_member_that_comes_back_has_its_partitions_again) {
    Consumer a(broker, "g", "a");
    a.instance_id = "pump-1";
    Consumer b(broker, "g", "b");
    a.join();
    b.join();
    settle(broker, "g", {&a, &b});
    const Assignment had = a.owned;
    const Assignment others = b.owned;
    EXPECT_EQ(a.leave(left_for_a_while_epoch).member_epoch, -2);
    b.beat();
    EXPECT_EQ(b.owned, others);
    Consumer again(broker, "g", "a2");
    again.instance_id = "pump-1";
    EXPECT_EQ(again.join().error_code, ErrorCode::none);
    EXPECT_EQ(again.owned, had);
    EXPECT_EQ(a.beat().error_code, ErrorCode::fenced_instance_id);
    EXPECT_EQ(describe(broker, "g").members.size(), 2u);
}

TEST_F(ConsumerGroups, a_static_name_that_is_in_use_cannot_be_taken) {
    Consumer a(broker, "g", "a");
    a.instance_id = "pump-1";
    a.join();
    Consumer b(broker, "g", "b");
    b.instance_id = "pump-1";
    EXPECT_EQ(b.join().error_code, ErrorCode::unreleased_instance_id);
}

TEST_F(ConsumerGroups, the_assignor_that_most_members_want_is_taken) {
    Consumer a(broker, "g", "a");
    Consumer b(broker, "g", "b");
    a.assignor = b.assignor = "range";
    a.join();
    b.join();
    settle(broker, "g", {&a, &b});
    EXPECT_EQ(describe(broker, "g").assignor_name, "range");
    EXPECT_EQ(a.owned, partitions_of("orders", {0, 1}));
}

TEST_F(ConsumerGroups, offsets_are_committed_and_fetched_under_the_members_epoch) {
    GroupHarness named({}, {.id_of = [](std::string_view name) { return topic_id(name); }});
    named.image = topics_of(1, {{"orders", 4}});
    Consumer a(named, "g", "a");
    a.join();
    a.beat();
    const int32_t first = a.epoch;
    EXPECT_EQ(named.commit("g", {.member = {"a", a.epoch}, .offset = 5}), ErrorCode::none);
    EXPECT_EQ(named.commit("g", {.member = {"a", a.epoch + 1}}), ErrorCode::stale_member_epoch);
    EXPECT_EQ(named.commit("g", {.member = {"a", a.epoch}, .version = 8}),
              ErrorCode::unsupported_version);
    EXPECT_EQ(named.commit("g", {.member = {"b", a.epoch}}), ErrorCode::unknown_member_id);
    EXPECT_EQ(named.commit("g", {}), ErrorCode::unknown_member_id);
    Consumer b(named, "g", "b");
    b.join();
    settle(named, "g", {&a, &b});
    ASSERT_GT(a.epoch, first);
    const auto commit_late = [&](PartitionId partition) {
        return named.commit("g", {.member = {"a", first}, .partition = partition, .offset = 6});
    };
    // Late, but of partitions that it had then and has now; those of the other are fenced.
    EXPECT_EQ(commit_late(*a.owned.begin()->second.begin()), ErrorCode::none);
    EXPECT_EQ(commit_late(*b.owned.begin()->second.begin()), ErrorCode::stale_member_epoch);
}

TEST_F(ConsumerGroups, offsets_are_fetched_with_the_members_epoch_or_without_any) {
    Consumer a(broker, "g", "a");
    a.join();
    const auto fetch = [&](std::optional<std::string> member, int32_t epoch) {
        auto [answer, send] = GroupHarness::reply<protocol::OffsetFetchResponse>();
        broker.coordinator.fetch_offsets(
            {.request = {.groups = {{.group_id = "g",
                                     .member_id = std::move(member),
                                     .member_epoch = epoch,
                                     .topics = std::nullopt}}},
             .version = 9},
            std::move(send));
        return (*answer)->groups.at(0).error_code;
    };
    EXPECT_EQ(fetch(std::nullopt, -1), ErrorCode::none);
    EXPECT_EQ(fetch("a", a.epoch), ErrorCode::none);
    EXPECT_EQ(fetch("a", a.epoch + 1), ErrorCode::stale_member_epoch);
    EXPECT_EQ(fetch("b", a.epoch), ErrorCode::unknown_member_id);
}

TEST_F(ConsumerGroups, are_listed_by_type_and_state_and_are_no_classic_groups) {
    Consumer a(broker, "g", "a");
    a.join();
    broker.commit("simple", {});
    const auto listed = broker.list({.types_filter = {"Consumer"}});
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].group_type, "consumer");
    EXPECT_EQ(listed[0].group_state, "Stable");
    EXPECT_EQ(listed[0].protocol_type, "consumer");
    EXPECT_EQ(broker.list({.states_filter = {"empty"}}).at(0).group_id, "simple");
    EXPECT_EQ(broker.describe("g").error_code, ErrorCode::group_id_not_found);
    EXPECT_EQ(broker.describe("g").error_message, "Group g is not a classic group.");
    EXPECT_EQ(broker.describe("g", 5).group_state, "Dead");
    EXPECT_EQ(describe(broker, "simple").error_message, "Group simple is not a consumer group.");
    EXPECT_EQ(describe(broker, "none").error_message, "Group none not found.");
    EXPECT_EQ(describe(broker, "").error_code, ErrorCode::invalid_group_id);
}

TEST_F(ConsumerGroups, are_deleted_with_their_offsets_when_they_have_no_members) {
    Consumer a(broker, "g", "a");
    a.join();
    EXPECT_EQ(broker.commit("g", {.member = {"a", a.epoch}}), ErrorCode::none);
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::non_empty_group);
    a.leave();
    EXPECT_EQ(broker.committed("g"), 1);
    EXPECT_EQ(broker.delete_group("g"), ErrorCode::none);
    EXPECT_TRUE(broker.list().empty());
    EXPECT_EQ(broker.committed("g"), -1);
}

TEST_F(ConsumerGroups, keep_their_offsets_of_subscribed_topics_and_lose_others_in_time) {
    GroupHarness keeper({.offsets_retention_ms = 10'000,
                         .offsets_retention_check_interval_ms = 1'000});
    keeper.image = topics_of(1, {{"orders", 1}});
    Consumer a(keeper, "g", "a");
    a.join();
    keeper.commit("g", {.member = {"a", a.epoch}});
    keeper.commit("g", {.member = {"a", a.epoch}, .topic = "bills"});
    keeper.pass_ms(12'000);
    EXPECT_EQ(keeper.committed("g"), 1);
    EXPECT_EQ(keeper.committed("g", "bills"), -1);
    a.leave();
    keeper.pass_ms(2'000);
    EXPECT_TRUE(keeper.list().empty());
}

TEST_F(ConsumerGroups, what_the_log_refuses_does_not_happen) {
    Consumer a(broker, "g", "a");
    a.join();
    const std::string before = broker.coordinator.dump();
    broker.append_error = ErrorCode::kafka_storage_error;
    EXPECT_EQ(Consumer(broker, "g", "b").join().error_code,
              ErrorCode::coordinator_not_available);
    EXPECT_EQ(a.leave().error_code, ErrorCode::coordinator_not_available);
    broker.pass_ms(60'000);
    EXPECT_EQ(broker.coordinator.dump(), before);
    broker.append_error = ErrorCode::none;
    broker.pass_ms(2'000);
    EXPECT_EQ(describe(broker, "g").group_state, "Empty");
}

TEST_F(ConsumerGroups, targets_are_computed_at_most_once_an_interval) {
    GroupHarness slow({.consumer_assignment_interval_ms = 1'000});
    slow.image = broker.image;
    Consumer a(slow, "g", "a");
    Consumer b(slow, "g", "b");
    a.join();
    b.join();
    EXPECT_EQ(describe(slow, "g").group_state, "Assigning");
    slow.pass_ms(1'000);
    settle(slow, "g", {&a, &b});
    EXPECT_EQ(size_of(b.owned), 2u);
}

}  // namespace
}  // namespace stoker::broker
