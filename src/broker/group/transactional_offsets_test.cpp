// Offsets that are committed in a producer's transaction (KIP-98, KIP-447): nobody sees them before
// it is committed, and a restart knows what was pending.
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

constexpr ProducerId producer{7};
constexpr ProducerId other{8};

struct InTransaction {
    ProducerId id = producer;
    std::string topic = "orders";
    int64_t offset = 1;
    Member member = {.id = "", .generation = -1};
    int16_t version = 3;
    std::optional<std::string> metadata = "";
};

ErrorCode commit(GroupHarness& broker, const std::string& group, const InTransaction& how) {
    auto [answer, send] = GroupHarness::reply<protocol::TxnOffsetCommitResponse>();
    broker.coordinator.commit_in_transaction(
        {.request = {.transactional_id = "tx",
                     .group_id = group,
                     .producer_id = how.id,
                     .producer_epoch = 0,
                     .generation_id = how.member.generation,
                     .member_id = how.member.id,
                     .group_instance_id = how.member.instance_id,
                     .topics = {{.name = how.topic,
                                 .partitions = {{.partition_index = PartitionId{0},
                                                 .committed_offset = Offset{how.offset},
                                                 .committed_metadata = how.metadata}}}}},
         .version = how.version},
        storage::VerificationGuard::not_needed, std::move(send));
    return (*answer)->topics.at(0).partitions.at(0).error_code;
}

/// What OffsetFetch answers to a consumer that wants no offset that may still change.
protocol::OffsetFetchResponse::OffsetFetchResponsePartitions stable(GroupHarness& broker,
                                                                    const std::string& group) {
    auto [answer, send] = GroupHarness::reply<protocol::OffsetFetchResponse>();
    broker.coordinator.fetch_offsets(
        {.request = {.groups = {{.group_id = group,
                                 .topics = {{{.name = "orders",
                                              .partition_indexes = {PartitionId{0}}}}}}},
                     .require_stable = true},
         .version = 9},
        std::move(send));
    return (*answer)->groups.at(0).topics.at(0).partitions.at(0);
}

void expect_replays_to_live(GroupHarness& live) {
    GroupHarness restarted;
    restarted.replay(live.log);
    EXPECT_EQ(restarted.coordinator.dump(), live.coordinator.dump());
}

TEST(TransactionalOffsets, are_seen_when_the_transaction_is_committed) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    EXPECT_EQ(broker.committed("g"), -1);
    expect_replays_to_live(broker);
    broker.end_transaction("g", producer, true);
    EXPECT_EQ(broker.committed("g"), 5);
    expect_replays_to_live(broker);
}

TEST(TransactionalOffsets, are_forgotten_when_it_is_aborted) {
    GroupHarness broker;
    EXPECT_EQ(broker.commit("g", {.offset = 3}), ErrorCode::none);
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    broker.end_transaction("g", producer, false);
    EXPECT_EQ(broker.committed("g"), 3);
    EXPECT_EQ(stable(broker, "g").error_code, ErrorCode::none);
    expect_replays_to_live(broker);
}

TEST(TransactionalOffsets, while_pending_are_unstable_for_who_asks_for_stable_ones) {
    GroupHarness broker;
    EXPECT_EQ(broker.commit("g", {.offset = 3}), ErrorCode::none);
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    EXPECT_EQ(broker.committed("g"), 3) << "who does not ask gets what is committed";
    const auto unstable = stable(broker, "g");
    EXPECT_EQ(unstable.error_code, ErrorCode::unstable_offset_commit);
    EXPECT_EQ(unstable.committed_offset, Offset{-1});
    broker.end_transaction("g", producer, true);
    EXPECT_EQ(stable(broker, "g").committed_offset, Offset{5});
}

TEST(TransactionalOffsets, in_version_7_of_offset_fetch_the_partition_says_that_it_is_unstable) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {}), ErrorCode::none);
    auto [answer, send] = GroupHarness::reply<protocol::OffsetFetchResponse>();
    protocol::OffsetFetchRequest request{.group_id = "g", .require_stable = true};
    request.topics.emplace().push_back(
        {.name = "orders", .partition_indexes = {PartitionId{0}}});
    broker.coordinator.fetch_offsets({.request = std::move(request), .version = 7},
                                     std::move(send));
    EXPECT_EQ((*answer)->topics.at(0).partitions.at(0).error_code,
              ErrorCode::unstable_offset_commit);
}

TEST(TransactionalOffsets, a_plain_commit_that_was_written_later_stays) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    EXPECT_EQ(broker.commit("g", {.offset = 9}), ErrorCode::none);
    broker.end_transaction("g", producer, true);
    EXPECT_EQ(broker.committed("g"), 9);
    expect_replays_to_live(broker);
}

TEST(TransactionalOffsets, of_two_producers_are_decided_each_by_its_own_marker) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {.id = producer, .offset = 5}), ErrorCode::none);
    EXPECT_EQ(commit(broker, "g", {.id = other, .offset = 6}), ErrorCode::none);
    broker.end_transaction("g", other, true);
    EXPECT_EQ(broker.committed("g"), 6);
    EXPECT_EQ(stable(broker, "g").error_code, ErrorCode::unstable_offset_commit);
    broker.end_transaction("g", producer, true);
    EXPECT_EQ(broker.committed("g"), 6) << "the later record counts, not the later marker";
    expect_replays_to_live(broker);
}

TEST(TransactionalOffsets, a_marker_of_another_partition_decides_nothing) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    std::string elsewhere = "h";
    while (broker.coordinator.partition_of(elsewhere) == broker.coordinator.partition_of("g")) {
        elsewhere += "h";
    }
    broker.end_transaction(elsewhere, producer, true);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_EQ(stable(broker, "g").error_code, ErrorCode::unstable_offset_commit);
}

TEST(TransactionalOffsets, do_not_let_the_committed_one_expire) {
    GroupHarness broker;
    EXPECT_EQ(broker.commit("g", {.offset = 3}), ErrorCode::none);
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    const int64_t week_ms = int64_t{7} * 24 * 3'600'000;
    broker.pass_ms(week_ms + 1'200'000, 600'000);
    EXPECT_EQ(broker.committed("g"), 3);
    broker.end_transaction("g", producer, false);
    broker.pass_ms(1'200'000, 600'000);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_EQ(broker.state("g"), "Dead");
    expect_replays_to_live(broker);
}

TEST(TransactionalOffsets, go_when_the_offset_the_topic_or_the_group_is_deleted) {
    const auto pending = [](GroupHarness& broker) {
        EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::none);
    };
    const auto expect_gone = [](GroupHarness& broker) {
        broker.end_transaction("g", producer, true);
        EXPECT_EQ(broker.committed("g"), -1);
        expect_replays_to_live(broker);
    };
    {
        GroupHarness broker;
        pending(broker);
        auto [answer, send] = GroupHarness::reply<protocol::OffsetDeleteResponse>();
        protocol::OffsetDeleteRequest request{.group_id = "g"};
        request.topics.push_back(
            {.name = "orders", .partitions = {{.partition_index = PartitionId{0}}}});
        broker.coordinator.delete_offsets({.request = request}, std::move(send));
        EXPECT_EQ((*answer)->error_code, ErrorCode::none);
        expect_gone(broker);
    }
    {
        GroupHarness broker;
        pending(broker);
        broker.coordinator.on_topic_deleted("orders", {});
        expect_gone(broker);
    }
    {
        GroupHarness broker;
        pending(broker);
        EXPECT_EQ(broker.delete_group("g"), ErrorCode::none);
        expect_gone(broker);
    }
}

TEST(TransactionalOffsets, of_a_member_need_its_generation) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    EXPECT_EQ(commit(broker, "g", {.member = member}), ErrorCode::none);
    Member late = member;
    --late.generation;
    EXPECT_EQ(commit(broker, "g", {.member = late}), ErrorCode::illegal_generation);
    EXPECT_EQ(commit(broker, "g", {.member = {.id = "x", .generation = member.generation}}),
              ErrorCode::unknown_member_id);
    EXPECT_EQ(commit(broker, "g", {}), ErrorCode::none)
        << "producers before KIP-447 do not say who";
    EXPECT_EQ(commit(broker, "new", {.member = {.id = "x", .generation = 3}}),
              ErrorCode::illegal_generation);
    EXPECT_EQ(commit(broker, "new", {}), ErrorCode::none);
}

TEST(TransactionalOffsets, have_the_limit_of_metadata) {
    GroupHarness broker;
    EXPECT_EQ(commit(broker, "g", {.metadata = std::string(4'097, 'x')}),
              ErrorCode::offset_metadata_too_large);
}

TEST(TransactionalOffsets, what_the_log_refuses_is_not_pending) {
    GroupHarness broker;
    broker.append_error = ErrorCode::invalid_producer_epoch;
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::invalid_producer_epoch);
    broker.append_error = ErrorCode::kafka_storage_error;
    EXPECT_EQ(commit(broker, "g", {.offset = 5}), ErrorCode::coordinator_not_available);
    broker.append_error = ErrorCode::none;
    broker.end_transaction("g", producer, true);
    EXPECT_EQ(broker.committed("g"), -1);
    const auto refused = broker.coordinator.end_transaction(
        PartitionId{0}, producer, true,
        [] { return Result<Offset>(fail(ErrorCode::invalid_producer_epoch)); });
    EXPECT_EQ(refused.error(), ErrorCode::invalid_producer_epoch);
}

TEST(TransactionalOffsets, after_any_history_replay_to_the_live_state) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        GroupHarness live;
        Random random(seed);
        const std::vector<std::string> groups = {"a", "b", "c"};
        for (int step = 0; step < 120; ++step) {
            const std::string& group = groups[random.below(3)];
            const ProducerId who{int64_t(random.below(3))};
            const auto offset = int64_t(random.below(1'000));
            const std::string topic = random.below(2) == 0 ? "orders" : "bills";
            switch (random.below(9)) {
                case 0: case 1: case 2:
                    (void)commit(live, group, {.id = who, .topic = topic, .offset = offset});
                    break;
                case 3: (void)live.commit(group, {.topic = topic, .offset = offset}); break;
                case 4: live.end_transaction(group, who, true); break;
                case 5: live.end_transaction(group, who, false); break;
                case 6: if (random.below(4) == 0) (void)live.delete_group(group); break;
                case 7: if (random.below(4) == 0) live.coordinator.on_topic_deleted(topic, {});
                    break;
                default: live.pass_ms(int64_t(random.below(4)) * 24 * 3'600'000, 24 * 3'600'000);
            }
            if (step % 4 != 0) continue;
            GroupHarness restarted;
            restarted.replay(live.log);
            ASSERT_EQ(restarted.coordinator.dump(), live.coordinator.dump())
                << "seed " << seed << ", step " << step;
        }
    }
}

}  // namespace
}  // namespace stoker::broker
