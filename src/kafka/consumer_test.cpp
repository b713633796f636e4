#include "kafka/consumer_fixture.hpp"

namespace stoker::kafka {
namespace {

TEST_F(ConsumerTest, an_assigned_partition_is_read_from_where_the_caller_seeks) {
    log_batches = {batch(0, {"a", "b"}), batch(2, {"c"})};
    auto consumer = make();
    consumer->assign({where});
    consumer->seek(where, Offset{1});
    EXPECT_EQ(read(*consumer, 2), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(consumer->position(where), Offset{3});
}

TEST_F(ConsumerTest, without_offsets_the_reset_policy_says_where_to_begin) {
    log_batches = {batch(0, {"a"})};
    auto from_beginning = make();
    from_beginning->assign({where});
    EXPECT_EQ(read(*from_beginning, 1), std::vector<std::string>{"a"});

    auto from_end = make({{"auto.offset.reset", "latest"}});
    from_end->assign({where});
    EXPECT_FALSE(value_or_throw(from_end->poll(30)));
    EXPECT_EQ(from_end->position(where), Offset{1});

    auto nowhere = make({{"auto.offset.reset", "none"}});
    nowhere->assign({where});
    const auto polled = nowhere->poll(enough_ms);
    ASSERT_FALSE(polled);
    EXPECT_EQ(polled.error().to_string(),
              "org.apache.kafka.clients.consumer.NoOffsetForPartitionException: Undefined offset "
              "with no reset policy for partitions: [t-0]");
}

TEST_F(ConsumerTest, an_offset_out_of_range_is_reset) {
    log_batches = {batch(5, {"a"})};
    fetch_error = ErrorCode::offset_out_of_range;
    auto consumer = make();
    consumer->assign({where});
    consumer->seek(where, Offset{100});
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
}

TEST_F(ConsumerTest, what_a_new_leader_mends_is_asked_again) {
    log_batches = {batch(0, {"a"})};
    fetch_error = ErrorCode::not_leader_or_follower;
    auto consumer = make();
    consumer->assign({where});
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
}

TEST_F(ConsumerTest, a_batch_with_a_wrong_checksum_is_told) {
    log_batches = {batch(0, {"a"})};
    log_batches[0].back() ^= std::byte{1};
    auto consumer = make();
    consumer->assign({where});
    ASSERT_TRUE(value_or_throw(consumer->poll(enough_ms)));
    try {
        consumer->next();
        FAIL() << "a corrupt batch was given out";
    } catch (const KafkaException& thrown) {
        EXPECT_EQ(thrown.failure().text(),
                  "Record batch for partition t-0 at offset 0 is invalid, cause: Record is "
                  "corrupt");
    }
}

TEST_F(ConsumerTest, a_batch_that_is_never_whole_is_told_and_not_asked_for_ever) {
    log_batches = {batch(0, {"a"})};
    log_batches[0].resize(log_batches[0].size() - 1);
    auto consumer = make();
    consumer->assign({where});
    ASSERT_TRUE(value_or_throw(consumer->poll(enough_ms)));
    EXPECT_THROW(consumer->next(), KafkaException);
}

TEST_F(ConsumerTest, read_committed_leaves_out_aborted_transactions_and_markers) {
    const ProducerId id{9};
    const auto transactional = [&](int64_t base, const std::string& value) {
        return batch(base, {value},
                     {.producer_id = id, .producer_epoch = 0, .base_sequence = int32_t(base),
                      .transactional = true});
    };
    const auto marker = [&](int64_t base, bool commit) {
        return record::build_batch({.base_offset = Offset{base}, .timestamp_ms = 1,
                                    .leader_epoch = LeaderEpoch{0}, .producer_id = id,
                                    .producer_epoch = 0, .commit = commit});
    };
    log_batches = {transactional(0, "aborted"), marker(1, false), transactional(2, "kept"),
                   marker(3, true), batch(4, {"plain"})};
    aborted = {{.producer_id = id, .first_offset = Offset{0}}};
    auto consumer = make({{"isolation.level", "read_committed"}});
    consumer->assign({where});
    EXPECT_EQ(read(*consumer, 2), (std::vector<std::string>{"kept", "plain"}));
}

TEST_F(ConsumerTest, a_group_begins_where_it_committed_and_commits_what_was_given_out) {
    log_batches = {batch(0, {"a", "b", "c", "d"})};
    committed = 1;
    std::vector<TopicPartition> assigned;
    auto consumer = make({{"group.id", "g"}});
    consumer->subscribe({"t"}, {.on_assigned = [&](const auto& p) { assigned = p; }});
    EXPECT_EQ(read(*consumer, 2), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(assigned, std::vector<TopicPartition>{where});
    consumer->close();
    EXPECT_EQ(*commits.lock(), std::vector<int64_t>{3});
    EXPECT_TRUE(left);
    EXPECT_EQ(joins, 1);
}

TEST_F(ConsumerTest, a_rebalance_gives_partitions_up_and_takes_them_again) {
    log_batches = {batch(0, {"a"})};
    int revoked = 0;
    auto consumer = make({{"group.id", "g"}, {"heartbeat.interval.ms", "1"}});
    consumer->subscribe({"t"}, {.on_revoked = [&](const auto&) { ++revoked; }});
    read(*consumer, 1);
    heartbeat_error = ErrorCode::rebalance_in_progress;
    const Deadline deadline(clock, enough_ms);
    while (joins < 2 && !deadline.passed()) {
        value_or_throw(consumer->poll(5));
        while (consumer->next() != nullptr) continue;
    }
    EXPECT_EQ(joins, 2);
    EXPECT_EQ(revoked, 1);
}

/// A cooperative consumer of a topic with one record.
class CooperativeTest : public ConsumerTest {
protected:
    std::vector<TopicPartition> revoked;
    std::unique_ptr<Consumer> consumer;

    /// It reads the record; then its group is joined anew until it has joined so often.
    void rejoin_until(int wanted) {
        log_batches = {batch(0, {"a"})};
        consumer = make({{"group.id", "g"},
                         {"heartbeat.interval.ms", "1"},
                         {"partition.assignment.strategy",
                          "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"}});
        consumer->subscribe({"t"}, {.on_revoked = [&](const auto& gone) {
            revoked.insert(revoked.end(), gone.begin(), gone.end());
        }});
        ASSERT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
        heartbeat_error = ErrorCode::rebalance_in_progress;
        const Deadline deadline(clock, enough_ms);
        while (joins < wanted && !deadline.passed()) value_or_throw(consumer->poll(5));
        ASSERT_EQ(joins, wanted);
    }
};

TEST_F(CooperativeTest, a_rebalance_that_takes_nothing_away_revokes_nothing) {
    rejoin_until(2);
    EXPECT_TRUE(revoked.empty());
    EXPECT_EQ(consumer->assigned(), std::vector<TopicPartition>{where});
    EXPECT_EQ(*owned_at_join.lock(), (std::vector<size_t>{0, 1}));
}

TEST_F(CooperativeTest, what_is_taken_away_is_committed_and_given_up_and_the_group_joined_again) {
    idle_generation = 2;
    rejoin_until(3);
    EXPECT_EQ(revoked, std::vector<TopicPartition>{where});
    EXPECT_EQ(*commits.lock(), std::vector<int64_t>{1});
    EXPECT_EQ(*owned_at_join.lock(), (std::vector<size_t>{0, 1, 0}));
}

TEST_F(ConsumerTest, batches_that_are_opened_ahead_give_the_same_records) {
    const ProducerId id{9};
    log_batches = {batch(0, {"a", "b"}, {.codec = record::Codec::gzip}), batch(2, {"c"}),
                   batch(3, {"aborted"}, {.producer_id = id, .producer_epoch = 0,
                                          .base_sequence = 0, .transactional = true}),
                   record::build_batch({.base_offset = Offset{4}, .timestamp_ms = 1,
                                        .leader_epoch = LeaderEpoch{0}, .producer_id = id,
                                        .producer_epoch = 0, .commit = false}),
                   batch(5, {"d"}, {.codec = record::Codec::zstd})};
    aborted = {{.producer_id = id, .first_offset = Offset{3}}};
    auto consumer = make({{"isolation.level", "read_committed"}});
    consumer->open_ahead();
    consumer->assign({where});
    EXPECT_EQ(read(*consumer, 4), (std::vector<std::string>{"a", "b", "c", "d"}));
    // What waits to be given out is dropped, opened or not.
    for (int64_t from : {0, 5, 1, 2, 0}) {
        consumer->seek(where, Offset{from});
        ASSERT_TRUE(value_or_throw(consumer->poll(enough_ms)));
    }
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
}

TEST_F(ConsumerTest, a_damaged_batch_is_told_where_it_was_opened_ahead_and_what_follows_is_read) {
    log_batches = {batch(0, {"a"}), batch(1, {"b"}), batch(2, {"c"})};
    log_batches[1].back() ^= std::byte{1};
    auto consumer = make();
    consumer->open_ahead();
    consumer->assign({where});
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
    EXPECT_THROW(consumer->next(), KafkaException);
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"c"});
}

TEST_F(ConsumerTest, lag_is_what_a_partition_holds_beyond_what_was_given_out) {
    log_batches = {batch(0, {"a", "b", "c"})};
    auto consumer = make();
    consumer->assign({where});
    EXPECT_TRUE(consumer->lag().empty()) << "nobody has asked the broker yet";
    read(*consumer, 1);
    EXPECT_EQ(consumer->lag(), (std::map<TopicPartition, int64_t>{{where, 2}}));
    read(*consumer, 2);
    EXPECT_EQ(consumer->lag(), (std::map<TopicPartition, int64_t>{{where, 0}}));
}

TEST_F(ConsumerTest, who_assigned_its_partitions_itself_commits_for_the_group_as_java_does) {
    log_batches = {batch(0, {"a", "b", "c"})};
    committed = 1;
    auto consumer = make({{"group.id", "g"}});
    int told = 0;
    consumer->on_commit([&](const Failure* failure) { told += failure == nullptr; });
    consumer->assign({where});
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"b"});
    consumer->close();
    EXPECT_EQ(*commits.lock(), std::vector<int64_t>{2});
    EXPECT_EQ(told, 1);
    EXPECT_EQ(joins, 0);
}

TEST_F(ConsumerTest, a_busy_caller_stays_a_member_and_hears_of_a_rebalance_when_it_polls) {
    log_batches = {batch(0, {"a"})};
    auto consumer = make({{"group.id", "g"}, {"heartbeat.interval.ms", "1"}});
    consumer->subscribe({"t"});
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
    const int before = heartbeats;
    heartbeat_error = ErrorCode::rebalance_in_progress;
    const Deadline deadline(clock, enough_ms);
    while (heartbeats < before + 5 && !deadline.passed()) consumer->keep_alive();
    EXPECT_EQ(joins, 1);
    EXPECT_EQ(consumer->assigned(), std::vector<TopicPartition>{where});
    heartbeat_error = ErrorCode::rebalance_in_progress;
    while (joins < 2 && !deadline.passed()) value_or_throw(consumer->poll(5));
    EXPECT_EQ(joins, 2);
}

TEST_F(ConsumerTest, offsets_of_a_transaction_that_is_not_over_are_waited_for) {
    log_batches = {batch(0, {"a", "b", "c"})};
    committed = 1;
    for (const int16_t version : {int16_t{9}, int16_t{7}}) {
        offset_fetch_max = version;
        unstable_answers = 2;
        stable_asked.lock()->clear();
        auto consumer = make({{"group.id", "g"}, {"enable.auto.commit", "false"}});
        consumer->assign({where});
        EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"b"});
        EXPECT_EQ(*stable_asked.lock(), std::vector<int16_t>(3, version));
    }
}

TEST_F(ConsumerTest, a_producer_gets_the_positions_and_who_reads_to_commit_them) {
    log_batches = {batch(0, {"a", "b", "c"})};
    auto consumer = make({{"group.id", "g"},
                          {"group.instance.id", "i"},
                          {"enable.auto.commit", "false"}});
    EXPECT_EQ(to_string(value_or_throw(consumer->group_metadata())),
              "GroupMetadata(groupId = g, generationId = -1, memberId = , groupInstanceId = i)");
    consumer->subscribe({"t"});
    EXPECT_TRUE(consumer->positions().empty());
    read(*consumer, 2);
    EXPECT_EQ(consumer->positions(),
              (std::map<TopicPartition, OffsetAndEpoch>{
                  {where, {.offset = Offset{2}, .epoch = LeaderEpoch{3}}}}));
    EXPECT_EQ(to_string(value_or_throw(consumer->group_metadata())),
              "GroupMetadata(groupId = g, generationId = 1, memberId = m, groupInstanceId = i)");
    consumer->close();
    EXPECT_TRUE(commits.lock()->empty());
    EXPECT_FALSE(make()->group_metadata());
}

TEST_F(ConsumerTest, partitions_that_others_may_have_already_are_lost_and_not_revoked) {
    log_batches = {batch(0, {"a"})};
    std::string told;
    auto consumer = make({{"group.id", "g"}, {"heartbeat.interval.ms", "1"}});
    consumer->subscribe({"t"}, {.on_revoked = [&](const auto&) { told += "revoked "; },
                                .on_lost = [&](const auto&) { told += "lost "; }});
    read(*consumer, 1);
    heartbeat_error = ErrorCode::unknown_member_id;
    const Deadline deadline(clock, enough_ms);
    while (joins < 2 && !deadline.passed()) value_or_throw(consumer->poll(5));
    EXPECT_EQ(told, "lost ");
    EXPECT_TRUE(commits.lock()->empty());
}

TEST_F(ConsumerTest, a_topic_that_appears_is_shared_out) {
    log_batches = {batch(0, {"a"})};
    topic_exists = false;
    auto consumer = make({{"group.id", "g"}, {"heartbeat.interval.ms", "1"}});
    consumer->subscribe({"t"});
    const Deadline deadline(clock, enough_ms);
    while (heartbeats < 3 && !deadline.passed()) value_or_throw(consumer->poll(5));
    EXPECT_TRUE(consumer->assigned().empty());
    topic_exists = true;
    EXPECT_EQ(read(*consumer, 1), std::vector<std::string>{"a"});
}

TEST_F(ConsumerTest, connecting_says_why_nobody_answers) {
    ClientProperties properties;
    properties.set("bootstrap.servers", "127.0.0.1:1");
    auto consumer = value_or_throw(Consumer::create(properties, log, clock));
    const auto connected = consumer->connect(1);
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().text(), "Connection refused");
    EXPECT_EQ(consumer->connections(), 0u);
    auto answered = make();
    EXPECT_TRUE(answered->connect(enough_ms));
    EXPECT_EQ(answered->connections(), 1u);
}

TEST_F(ConsumerTest, a_wakeup_ends_the_waiting_at_once) {
    auto consumer = make();
    consumer->assign({where});
    wakeup.raise();
    const auto polled = consumer->poll(INT64_MAX);
    ASSERT_FALSE(polled);
    EXPECT_TRUE(polled.error().is("WakeupException"));
}

TEST_F(ConsumerTest, subscribing_needs_a_group) {
    auto consumer = make();
    EXPECT_THROW(consumer->subscribe({"t"}), KafkaException);
}

}  // namespace
}  // namespace stoker::kafka
