// Rolling upgrades from the classic to the consumer protocol and back, and what empty groups do.
#include "broker/group/consumer/consumer_fixture.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::broker {
namespace {

Bytes assigned(const std::string& topic, std::vector<int32_t> partitions, Bytes user_data = {}) {
    protocol::ConsumerProtocolAssignment value;
    value.assigned_partitions.push_back({.topic = topic, .partitions = {}});
    for (const int32_t each : partitions) {
        value.assigned_partitions[0].partitions.push_back(PartitionId{each});
    }
    if (!user_data.empty()) value.user_data = std::move(user_data);
    return protocol::encode_value(value, 1);
}

class Migration : public testing::Test {
protected:
    explicit Migration(MigrationPolicy policy = MigrationPolicy::bidirectional)
        : broker({.consumer_migration_policy = policy}) {
        broker.image = topics_of(1, {{"orders", 4}});
    }
    Member classic_group(const Bytes& assignment) {
        const auto joined = broker.join_twice("g", {});
        const Member member{(*joined)->member_id, (*joined)->generation_id};
        broker.sync("g", member, {{member.id, assignment}});
        return member;
    }
    Assignment synced(const Member& member) {
        const auto answer = broker.sync("g", member);
        EXPECT_EQ((*answer)->error_code, ErrorCode::none);
        Assignment result;
        for (const auto& topic :
             protocol::read_assignment((*answer)->assignment).assigned_partitions) {
            result[topic_id(topic.topic)].insert(topic.partitions.begin(), topic.partitions.end());
        }
        return result;
    }
    GroupHarness broker;
};

TEST_F(Migration, a_consumer_joins_a_classic_group_and_both_kinds_share_the_partitions) {
    Member classic = classic_group(assigned("orders", {0, 1, 2, 3}));
    broker.commit("g", {.member = classic, .offset = 7});
    Consumer a(broker, "g", "a");
    EXPECT_EQ(a.join().error_code, ErrorCode::none);
    EXPECT_TRUE(a.owned.empty());
    EXPECT_EQ(broker.list().at(0).group_type, "consumer");
    EXPECT_EQ(broker.committed("g"), 7);
    EXPECT_EQ(describe(broker, "g").members.size(), 2u);
    // The classic member is told to join again; it gives everything up (eager) and syncs.
    EXPECT_EQ(broker.heartbeat("g", classic), ErrorCode::rebalance_in_progress);
    const auto joined = broker.join("g", {.member_id = classic.id});
    ASSERT_TRUE(*joined);
    EXPECT_EQ((*joined)->error_code, ErrorCode::none);
    EXPECT_EQ((*joined)->protocol_name, "range");
    EXPECT_TRUE((*joined)->members.empty());
    classic.generation = (*joined)->generation_id;
    EXPECT_EQ(size_of(synced(classic)), 2u);
    a.beat();
    EXPECT_EQ(size_of(a.owned), 2u);
    EXPECT_EQ(broker.heartbeat("g", classic), ErrorCode::none);
    EXPECT_EQ(describe(broker, "g").group_state, "Stable");
}

TEST_F(Migration, when_the_last_consumer_leaves_the_rest_is_a_classic_group_again) {
    const Member classic = classic_group(assigned("orders", {0, 1, 2, 3}));
    Consumer a(broker, "g", "a");
    a.join();
    EXPECT_EQ(a.leave().error_code, ErrorCode::none);
    EXPECT_EQ(broker.list().at(0).group_type, "classic");
    EXPECT_EQ(broker.state("g"), "PreparingRebalance");
    const auto joined = broker.join("g", {.member_id = classic.id});
    EXPECT_EQ((*joined)->error_code, ErrorCode::none);
    EXPECT_EQ((*joined)->leader, classic.id);
    GroupHarness restarted;
    restarted.replay(broker.log);
    EXPECT_EQ(restarted.coordinator.dump(), broker.coordinator.dump());
}

TEST_F(Migration, a_classic_member_of_a_consumer_group_is_watched_by_its_own_session) {
    const Member classic = classic_group(assigned("orders", {0, 1, 2, 3}));
    Consumer a(broker, "g", "a");
    a.join();
    broker.pass_ms(5'000);
    a.beat();
    broker.pass_ms(6'000);
    EXPECT_EQ(broker.heartbeat("g", classic), ErrorCode::unknown_member_id);
    a.beat();
    EXPECT_EQ(size_of(a.owned), 4u);
}

TEST_F(Migration, a_classic_member_joins_leaves_and_is_refused_in_a_consumer_group) {
    Consumer a(broker, "g", "a");
    a.join();
    const auto first = broker.join("g", {});
    EXPECT_EQ((*first)->error_code, ErrorCode::member_id_required);
    const std::string id = (*first)->member_id;
    const auto joined = broker.join("g", {.member_id = id});
    EXPECT_EQ((*joined)->error_code, ErrorCode::none);
    const Member member{id, (*joined)->generation_id};
    EXPECT_TRUE(synced(member).empty());
    EXPECT_EQ(broker.commit("g", {.member = {id, member.generation + 1}}),
              ErrorCode::illegal_generation);
    EXPECT_EQ(broker.heartbeat("g", {"a", a.epoch}), ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.heartbeat("g", {id, member.generation + 1}), ErrorCode::illegal_generation);
    const auto other = broker.join("g", {.type = "connect", .version = 3});
    EXPECT_EQ((*other)->error_code, ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(broker.leave("g", {{.member_id = id}}).members.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(broker.leave("g", {{.member_id = id}}).members.at(0).error_code,
              ErrorCode::unknown_member_id);
    EXPECT_EQ(describe(broker, "g").members.size(), 1u);
}

TEST_F(Migration, a_static_classic_member_replaces_the_last_consumer_and_the_group_is_classic) {
    Consumer a(broker, "g", "a");
    a.instance_id = "pump-1";
    a.join();
    a.beat();
    const auto joined = broker.join("g", {.instance_id = "pump-1"});
    ASSERT_TRUE(*joined);
    EXPECT_EQ((*joined)->error_code, ErrorCode::none);
    EXPECT_EQ(broker.state("g"), "Stable");
    const Member member{(*joined)->member_id, (*joined)->generation_id, "pump-1"};
    EXPECT_EQ(synced(member), partitions_of("orders", {0, 1, 2, 3}));
}

TEST_F(Migration, groups_with_custom_assignors_or_of_other_types_are_not_upgraded) {
    classic_group(assigned("orders", {0}, to_bytes("state")));
    const auto refused = Consumer(broker, "g", "a").join();
    EXPECT_EQ(refused.error_code, ErrorCode::group_id_not_found);
    EXPECT_NE(refused.error_message.value_or("").find("custom assignor"), std::string::npos);
    EXPECT_EQ(broker.list().at(0).group_type, "classic");
    broker.stable_member("connectors", {.protocols = {{"x", {}}}, .type = "connect"});
    EXPECT_EQ(Consumer(broker, "connectors", "a").join().error_message,
              "Cannot upgrade classic group connectors to consumer group because the group does "
              "not use the consumer embedded protocol.");
}

TEST_F(Migration, empty_groups_change_their_protocol_and_keep_their_offsets) {
    broker.commit("g", {.offset = 5});
    Consumer a(broker, "g", "a");
    a.join();
    EXPECT_EQ(broker.committed("g"), 5);
    EXPECT_EQ(broker.list().at(0).group_type, "consumer");
    a.leave();
    EXPECT_EQ(broker.list().at(0).group_state, "Empty");
    broker.stable_member("g");
    EXPECT_EQ(broker.list().at(0).group_type, "classic");
    EXPECT_EQ(broker.committed("g"), 5);
    GroupHarness restarted;
    restarted.replay(broker.log);
    EXPECT_EQ(restarted.coordinator.dump(), broker.coordinator.dump());
}

class NoMigration : public Migration {
protected:
    NoMigration() : Migration(MigrationPolicy::disabled) {}
};

TEST_F(NoMigration, a_group_with_members_keeps_its_protocol) {
    classic_group(assigned("orders", {0}));
    const auto refused = Consumer(broker, "g", "a").join();
    EXPECT_EQ(refused.error_code, ErrorCode::group_id_not_found);
    EXPECT_EQ(refused.error_message,
              "Cannot upgrade classic group g to consumer group because online upgrade is "
              "disabled.");
    Consumer b(broker, "h", "b");
    b.join();
    const auto joined = broker.join_twice("h", {});
    EXPECT_EQ((*joined)->error_code, ErrorCode::none);
    b.leave();
    EXPECT_EQ(describe(broker, "h").members.size(), 1u);
}

}  // namespace
}  // namespace stoker::broker
