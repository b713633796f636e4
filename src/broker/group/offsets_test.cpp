// Committed offsets: who may commit, what is answered, and when offsets go.
#include "broker/group/group_fixture.hpp"

namespace stoker::broker {
namespace {

constexpr int64_t day_ms = 24 * 3'600'000;
constexpr int64_t expiry_step_ms = 600'000;

Uuid topic_id(char last) {
    Uuid id;
    id.bytes[15] = std::byte(last);
    return id;
}

TEST(OffsetCommit, an_administrator_or_simple_consumer_commits_to_an_empty_group) {
    GroupHarness broker;
    EXPECT_EQ(broker.commit("g", {.offset = 42}), ErrorCode::none);
    EXPECT_EQ(broker.committed("g"), 42);
    EXPECT_EQ(broker.state("g"), "Empty");
    EXPECT_EQ(broker.describe("g").protocol_type, "");
}

TEST(OffsetCommit, the_empty_group_id_is_a_group_like_any_other) {
    GroupHarness broker;
    EXPECT_EQ(broker.commit("", {.offset = 7}), ErrorCode::none);
    EXPECT_EQ(broker.committed(""), 7);
}

TEST(OffsetCommit, a_generation_of_a_group_that_is_not_there_is_illegal) {
    GroupHarness broker;
    const Member ghost{"m", 3};
    EXPECT_EQ(broker.commit("g", {.member = ghost, .version = 8}), ErrorCode::illegal_generation);
    EXPECT_EQ(broker.commit("g", {.member = ghost, .version = 9}), ErrorCode::group_id_not_found);
    EXPECT_TRUE(broker.list().empty());
}

TEST(OffsetCommit, errors_name_what_is_wrong) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    EXPECT_EQ(broker.commit("g", {.member = member}), ErrorCode::none);
    EXPECT_EQ(broker.commit("g", {.member = {member.id, 9}}), ErrorCode::illegal_generation);
    EXPECT_EQ(broker.commit("g", {.member = {"stranger", 1}}), ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.commit("g", {}), ErrorCode::unknown_member_id);
    EXPECT_EQ(broker.commit("g", {.member = {member.id, -1}}), ErrorCode::illegal_generation);
}

TEST(OffsetCommit, is_accepted_while_members_rejoin_but_not_before_they_have_their_assignment) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    const auto newcomer = broker.join("g", {.version = 3});
    EXPECT_EQ(broker.commit("g", {.member = member}), ErrorCode::none);
    const auto rejoined = broker.join("g", {.member_id = member.id});
    const Member again{member.id, (*rejoined)->generation_id};
    EXPECT_EQ(broker.commit("g", {.member = again}), ErrorCode::rebalance_in_progress);
}

TEST(OffsetCommit, is_a_sign_of_life) {
    GroupHarness broker;
    const Member member = broker.stable_member("g", {.session_ms = 10'000});
    for (int i = 0; i < 10; ++i) {
        broker.pass_ms(9'000);
        EXPECT_EQ(broker.commit("g", {.member = member}), ErrorCode::none);
    }
}

TEST(OffsetCommit, metadata_has_a_limit_in_characters_as_java_counts_them) {
    GroupHarness broker({.offset_metadata_size_max = 4});
    EXPECT_EQ(broker.commit("g", {.metadata = "\u20ac\u20ac\u20ac\u20ac"}), ErrorCode::none);
    EXPECT_EQ(broker.commit("g", {.metadata = "12345"}), ErrorCode::offset_metadata_too_large);
    EXPECT_EQ(broker.commit("g", {.metadata = "abc\U0001F600"}),
              ErrorCode::offset_metadata_too_large);
    EXPECT_EQ(broker.commit("g", {.metadata = std::nullopt}), ErrorCode::none);
}

TEST(OffsetCommit, one_batch_holds_all_partitions_of_a_request) {
    GroupHarness broker;
    auto [answer, send] = GroupHarness::reply<protocol::OffsetCommitResponse>();
    broker.coordinator.commit_offsets(
        {.request = {.group_id = "g",
                     .topics = {{.name = "a",
                                 .partitions = {{.partition_index = PartitionId{0}},
                                                {.partition_index = PartitionId{1}}}},
                                {.name = "b",
                                 .partitions = {{.partition_index = PartitionId{0}}}}}},
         .version = 9},
        std::move(send));
    EXPECT_EQ((*answer)->topics.size(), 2u);
    EXPECT_EQ(broker.batches, 1);
    EXPECT_EQ(broker.log.size(), 3u);
    EXPECT_EQ(broker.log[0].partition, broker.coordinator.partition_of("g"));
}

TEST(OffsetCommit, that_cannot_be_stored_changes_nothing) {
    GroupHarness broker;
    broker.append_error = ErrorCode::kafka_storage_error;
    EXPECT_EQ(broker.commit("g", {}), ErrorCode::coordinator_not_available);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_TRUE(broker.list().empty());
    broker.append_error = ErrorCode::message_too_large;
    EXPECT_EQ(broker.commit("g", {}), ErrorCode::unknown_server_error);
}

TEST(OffsetCommit, the_answer_waits_until_the_offsets_are_durable) {
    GroupHarness broker;
    broker.hold_until_durable = true;
    EXPECT_EQ(broker.commit("g", {}), ErrorCode::request_timed_out);  // no answer yet
    ASSERT_EQ(broker.held.size(), 1u);
    EXPECT_EQ(broker.held[0].first, broker.coordinator.partition_of("g"));
    broker.held[0].second();
}

class OffsetsOfTopics : public testing::Test {
protected:
    TopicDirectory directory() {
        return {.name_of = [this](const Uuid& id) -> std::optional<std::string> {
                    return id == orders_id ? std::optional<std::string>("orders") : std::nullopt;
                },
                .id_of = [this](std::string_view name) -> std::optional<Uuid> {
                    return name == "orders" ? std::optional(orders_id) : std::nullopt;
                },
                .has_partition =
                    [](std::string_view name, PartitionId partition) {
                        return name == "orders" && partition == PartitionId{0};
                    }};
    }
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup fetch(
        std::optional<std::vector<Uuid>> ids) {
        protocol::OffsetFetchRequest::OffsetFetchRequestGroup group{.group_id = "g",
                                                                    .topics = std::nullopt};
        if (ids) {
            group.topics.emplace();
            for (const auto& id : *ids) {
                group.topics->push_back({.topic_id = id, .partition_indexes = {PartitionId{0}}});
            }
        }
        auto [answer, send] = GroupHarness::reply<protocol::OffsetFetchResponse>();
        broker.coordinator.fetch_offsets({.request = {.groups = {group}}, .version = 10},
                                         std::move(send));
        return (*answer)->groups.at(0);
    }

    Uuid orders_id = topic_id(1);
    GroupHarness broker{{}, directory()};
};

TEST_F(OffsetsOfTopics, a_commit_names_partitions_that_exist) {
    EXPECT_EQ(broker.commit("g", {.topic = "other"}), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(broker.commit("g", {.partition = PartitionId{1}}),
              ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(broker.commit("g", {}), ErrorCode::none);
}

TEST_F(OffsetsOfTopics, from_version_10_on_topics_have_ids) {
    EXPECT_EQ(broker.commit("g", {.topic = "", .topic_id = orders_id, .offset = 5, .version = 10}),
              ErrorCode::none);
    EXPECT_EQ(broker.commit("g", {.topic = "", .topic_id = topic_id(9), .version = 10}),
              ErrorCode::unknown_topic_id);
    const auto fetched = fetch({{orders_id, topic_id(9)}});
    EXPECT_EQ(fetched.topics.at(0).topic_id, orders_id);
    EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, Offset{5});
    EXPECT_EQ(fetched.topics.at(1).topic_id, topic_id(9));
    EXPECT_EQ(fetched.topics.at(1).partitions.at(0).error_code, ErrorCode::unknown_topic_id);
    EXPECT_EQ(broker.committed("g"), 5);
}

TEST_F(OffsetsOfTopics, offsets_of_a_topic_that_was_deleted_and_created_again_are_not_given_out) {
    broker.commit("g", {.offset = 5});
    orders_id = topic_id(2);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_EQ(fetch({{orders_id}}).topics.at(0).partitions.at(0).committed_offset, Offset{-1});
    EXPECT_TRUE(fetch(std::nullopt).topics.empty());
}

TEST_F(OffsetsOfTopics, without_topics_all_are_fetched) {
    broker.commit("g", {.offset = 5});
    const auto all = fetch(std::nullopt);
    ASSERT_EQ(all.topics.size(), 1u);
    EXPECT_EQ(all.topics[0].topic_id, orders_id);
    EXPECT_EQ(all.topics[0].partitions.at(0).committed_offset, Offset{5});
}

TEST(OffsetFetch, says_minus_one_where_nothing_was_committed) {
    GroupHarness broker;
    EXPECT_EQ(broker.committed("g"), -1);
    broker.commit("g", {});
    EXPECT_EQ(broker.committed("g", "other"), -1);
    EXPECT_EQ(broker.committed("g", "orders", PartitionId{1}), -1);
}

TEST(OffsetFetch, before_version_8_asks_for_one_group) {
    GroupHarness broker;
    broker.commit("g", {.offset = 4, .metadata = "note"});
    const auto fetch = [&](std::optional<std::vector<
                               protocol::OffsetFetchRequest::OffsetFetchRequestTopic>> topics) {
        auto [answer, send] = GroupHarness::reply<protocol::OffsetFetchResponse>();
        broker.coordinator.fetch_offsets(
            {.request = {.group_id = "g", .topics = std::move(topics)}, .version = 7},
            std::move(send));
        return **answer;
    };
    const auto some = fetch({{{.name = "orders", .partition_indexes = {PartitionId{0}}}}});
    EXPECT_TRUE(some.groups.empty());
    EXPECT_EQ(some.topics.at(0).partitions.at(0).committed_offset, Offset{4});
    EXPECT_EQ(some.topics.at(0).partitions.at(0).committed_leader_epoch, LeaderEpoch{3});
    EXPECT_EQ(some.topics.at(0).partitions.at(0).metadata, "note");
    EXPECT_EQ(fetch(std::nullopt).topics, some.topics);
}

TEST(OffsetDelete, removes_offsets_of_topics_that_nobody_subscribes_to) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    broker.commit("g", {.member = member, .topic = "orders"});
    broker.commit("g", {.member = member, .topic = "old"});
    auto [answer, send] = GroupHarness::reply<protocol::OffsetDeleteResponse>();
    broker.coordinator.delete_offsets(
        {.request = {.group_id = "g",
                     .topics = {{.name = "orders", .partitions = {{PartitionId{0}}}},
                                {.name = "old",
                                 .partitions = {{PartitionId{0}}, {PartitionId{5}}}}}}},
        std::move(send));
    EXPECT_EQ((*answer)->topics.at(0).partitions.at(0).error_code,
              ErrorCode::group_subscribed_to_topic);
    EXPECT_EQ((*answer)->topics.at(1).partitions.at(0).error_code, ErrorCode::none);
    EXPECT_EQ((*answer)->topics.at(1).partitions.at(1).error_code, ErrorCode::none);
    EXPECT_EQ(broker.committed("g", "orders"), 1);
    EXPECT_EQ(broker.committed("g", "old"), -1);
}

ErrorCode delete_offset(GroupHarness& broker, const std::string& group) {
    auto [answer, send] = GroupHarness::reply<protocol::OffsetDeleteResponse>();
    broker.coordinator.delete_offsets(
        {.request = {.group_id = group,
                     .topics = {{.name = "orders", .partitions = {{PartitionId{0}}}}}}},
        std::move(send));
    if ((*answer)->error_code != ErrorCode::none) return (*answer)->error_code;
    return (*answer)->topics.at(0).partitions.at(0).error_code;
}

TEST(OffsetDelete, errors_name_what_is_wrong) {
    GroupHarness broker;
    EXPECT_EQ(delete_offset(broker, ""), ErrorCode::invalid_group_id);
    EXPECT_EQ(delete_offset(broker, "g"), ErrorCode::group_id_not_found);
    broker.stable_member("connectors", {.type = "connect"});
    EXPECT_EQ(delete_offset(broker, "connectors"), ErrorCode::non_empty_group);
}

TEST(OffsetDelete, consumers_whose_subscriptions_do_not_parse_count_as_subscribed) {
    GroupHarness broker;
    broker.stable_member("g", {.protocols = {{"range", to_bytes("??")}}});
    EXPECT_EQ(delete_offset(broker, "g"), ErrorCode::group_subscribed_to_topic);
}

TEST(OffsetDelete, of_an_empty_group_always_works) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    broker.commit("g", {.member = member});
    broker.leave("g", {{.member_id = member.id}});
    EXPECT_EQ(delete_offset(broker, "g"), ErrorCode::none);
    EXPECT_EQ(broker.committed("g"), -1);
}

TEST(OffsetExpiry, offsets_go_seven_days_after_the_group_became_empty) {
    GroupHarness broker;
    const Member member = broker.stable_member("g");
    broker.commit("g", {.member = member});
    for (int i = 0; i < 20; ++i) {
        broker.pass_ms(9'000);
        broker.heartbeat("g", member);
    }
    broker.leave("g", {{.member_id = member.id}});
    broker.pass_ms(7 * day_ms - expiry_step_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g"), 1);
    broker.pass_ms(2 * expiry_step_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_TRUE(broker.list().empty());  // and the group with them
    EXPECT_EQ(broker.coordinator.dump(), "");
}

TEST(OffsetExpiry, offsets_of_a_simple_consumer_go_seven_days_after_the_last_commit) {
    GroupHarness broker;
    broker.commit("g", {});
    broker.pass_ms(6 * day_ms, expiry_step_ms);
    broker.commit("g", {.topic = "second"});
    broker.pass_ms(day_ms + expiry_step_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g"), -1);
    EXPECT_EQ(broker.committed("g", "second"), 1);
    EXPECT_EQ(broker.list().size(), 1u);
}

TEST(OffsetExpiry, a_living_group_loses_only_offsets_of_topics_that_it_no_longer_reads) {
    GroupHarness broker;
    const Member member = broker.stable_member("g", {.session_ms = 1'800'000});
    broker.commit("g", {.member = member, .topic = "orders"});
    broker.commit("g", {.member = member, .topic = "old"});
    for (int64_t passed = 0; passed < 8 * day_ms; passed += expiry_step_ms) {
        broker.pass_ms(expiry_step_ms, expiry_step_ms);
        ASSERT_EQ(broker.heartbeat("g", member), ErrorCode::none);
    }
    EXPECT_EQ(broker.committed("g", "orders"), 1);
    EXPECT_EQ(broker.committed("g", "old"), -1);
}

TEST(OffsetExpiry, a_living_group_that_is_no_consumer_group_loses_nothing) {
    GroupHarness broker;
    const Member member =
        broker.stable_member("g", {.type = "connect", .session_ms = 1'800'000});
    broker.commit("g", {.member = member});
    for (int64_t passed = 0; passed < 8 * day_ms; passed += expiry_step_ms) {
        broker.pass_ms(expiry_step_ms, expiry_step_ms);
        broker.heartbeat("g", member);
    }
    EXPECT_EQ(broker.committed("g"), 1);
}

TEST(OffsetExpiry, a_retention_of_its_own_comes_before_the_group_s) {
    GroupHarness broker;
    broker.commit("g", {.topic = "short", .retention_ms = 3'600'000, .version = 4});
    broker.commit("g", {.topic = "long", .retention_ms = 20 * day_ms, .version = 4});
    broker.commit("g",
                  {.topic = "forever", .retention_ms = 0x7fff'ffff'ffff'ffff, .version = 4});
    broker.pass_ms(4'200'000, expiry_step_ms);
    EXPECT_EQ(broker.committed("g", "short"), -1);
    broker.pass_ms(10 * day_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g", "long"), 1);
    EXPECT_EQ(broker.committed("g", "forever"), 1);
}

TEST(OffsetExpiry, an_empty_group_without_offsets_goes_unless_somebody_is_about_to_join) {
    GroupHarness broker;
    const auto pending = *broker.join("g", {.session_ms = 1'800'000});
    broker.pass_ms(expiry_step_ms, expiry_step_ms);
    EXPECT_EQ((*broker.join("g", {.member_id = pending->member_id}))->error_code,
              ErrorCode::none);
    broker.leave("g", {{.member_id = pending->member_id}});
    broker.pass_ms(expiry_step_ms, expiry_step_ms);
    EXPECT_TRUE(broker.list().empty());
}

TEST(OffsetExpiry, is_tried_again_when_it_could_not_be_stored) {
    GroupHarness broker({.offsets_retention_ms = 1'000});
    broker.commit("g", {});
    broker.append_error = ErrorCode::kafka_storage_error;
    broker.pass_ms(expiry_step_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g"), 1);
    broker.append_error = ErrorCode::none;
    broker.pass_ms(expiry_step_ms, expiry_step_ms);
    EXPECT_EQ(broker.committed("g"), -1);
}

TEST(TopicDeletion, removes_the_offsets_of_the_topic_from_every_group) {
    GroupHarness broker;
    for (const std::string group : {"g1", "g2", "g3"}) {
        broker.commit(group, {.topic = "orders"});
        broker.commit(group, {.topic = "other"});
    }
    broker.coordinator.on_topic_deleted("orders", topic_id(1));
    for (const std::string group : {"g1", "g2", "g3"}) {
        EXPECT_EQ(broker.committed(group, "orders"), -1);
        EXPECT_EQ(broker.committed(group, "other"), 1);
    }
}

TEST_F(OffsetsOfTopics, the_deletion_of_a_topic_spares_the_offsets_of_its_successor) {
    broker.commit("g", {.offset = 5});
    broker.coordinator.on_topic_deleted("orders", topic_id(7));
    EXPECT_EQ(broker.committed("g"), 5);
    broker.coordinator.on_topic_deleted("orders", orders_id);
    EXPECT_EQ(broker.committed("g"), -1);
}

TEST(TopicDeletion, a_great_many_offsets_go_in_batches_of_a_thousand) {
    GroupHarness broker;
    for (int32_t i = 0; i < 1'001; ++i) broker.commit("g", {.partition = PartitionId{i}});
    const int before = broker.batches;
    broker.coordinator.on_topic_deleted("orders", {});
    EXPECT_EQ(broker.batches - before, 2);
    EXPECT_EQ(broker.committed("g", "orders", PartitionId{1'000}), -1);
}

}  // namespace
}  // namespace stoker::broker
