#include "kafka/consumer.hpp"

#include <gtest/gtest.h>

#include "kafka/scripted_broker.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/11_join_group.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/13_leave_group.hpp"
#include "protocol/messages/14_sync_group.hpp"
#include "protocol/messages/subscription.hpp"
#include "record/builder.hpp"

namespace stoker::kafka {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

constexpr Uuid topic_id{{std::byte{7}}};
constexpr int64_t enough_ms = 10'000;
const TopicPartition where{"t", 0};

Bytes batch(int64_t base, const std::vector<std::string>& values,
            record::BatchBuilder::Options options = {}) {
    options.base_offset = Offset{base};
    options.leader_epoch = LeaderEpoch{3};
    record::BatchBuilder builder(options);
    for (const std::string& value : values) builder.append(1000, std::nullopt, bytes_of(value));
    return std::move(builder).build();
}

/// A broker with a topic "t" of one partition whose log is `log_bytes`, and a group coordinator
/// that has one member.
class ConsumerTest : public testing::Test {
protected:
    std::vector<Bytes> log_batches;
    std::vector<FetchResponse::AbortedTransaction> aborted;
    std::optional<ErrorCode> fetch_error;
    int64_t committed = -1;
    Guarded<std::vector<int64_t>> commits;
    std::atomic<int> joins = 0;
    /// How many partitions the member said it had when it joined.
    Guarded<std::vector<size_t>> owned_at_join;
    /// This generation assigns nothing.
    int idle_generation = -1;
    std::atomic<ErrorCode> heartbeat_error = ErrorCode::none;
    std::atomic<int> heartbeats = 0;
    std::atomic<bool> topic_exists = true;
    std::atomic<bool> left = false;
    SystemClock clock;
    std::string logged;
    Log log{clock, [this](std::string_view line) { logged += line; }};
    Wakeup wakeup;
    ScriptedBroker broker{script()};

    std::unique_ptr<Consumer> make(std::map<std::string, std::string, std::less<>> more = {}) {
        ClientProperties properties(std::move(more));
        properties.set("bootstrap.servers", broker.server());
        properties.set_default("retry.backoff.ms", "1");
        properties.set_default("fetch.max.wait.ms", "1");
        properties.set_default("auto.offset.reset", "earliest");
        return value_or_throw(Consumer::create(properties, log, clock, &wakeup));
    }

    /// The values of the next records.
    std::vector<std::string> read(Consumer& consumer, size_t count) {
        std::vector<std::string> values;
        while (values.size() < count) {
            if (!value_or_throw(consumer.poll(enough_ms))) break;
            while (const ConsumerRecord* record = consumer.next()) {
                values.emplace_back(text_of(*record->view.value));
                if (values.size() == count) break;
            }
        }
        return values;
    }

private:
    std::map<int16_t, ScriptedBroker::Reaction> script() {
        std::map<int16_t, ScriptedBroker::Reaction> all;
        all[MetadataRequest::api.key] = [this](const auto& r) { return metadata(r); };
        all[FetchRequest::api.key] = [this](const auto& r) { return fetch(r); };
        all[ListOffsetsRequest::api.key] = [this](const auto& r) { return list_offsets(r); };
        all[FindCoordinatorRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            return r.answer(FindCoordinatorResponse{
                .coordinators = {{.key = "g", .node_id = 1, .host = "127.0.0.1",
                                  .port = broker.port()}}});
        };
        all[JoinGroupRequest::api.key] = [this](const auto& r) { return join(r); };
        all[SyncGroupRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            const auto asked = r.template decode<SyncGroupRequest>();
            SyncGroupResponse response;
            const bool idle = asked.generation_id == idle_generation;
            if (!asked.assignments.empty() && !idle) {
                response.assignment = asked.assignments[0].assignment;
            }
            return r.answer(response);
        };
        all[HeartbeatRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            ++heartbeats;
            const ErrorCode code = heartbeat_error.exchange(ErrorCode::none);
            return r.answer(HeartbeatResponse{.error_code = code});
        };
        all[LeaveGroupRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            left = true;
            return r.answer(LeaveGroupResponse{});
        };
        all[OffsetFetchRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            return r.answer(OffsetFetchResponse{
                .groups = {{.group_id = "g",
                            .topics = {{.name = "t",
                                        .partitions = {{.committed_offset =
                                                            Offset{committed}}}}}}}});
        };
        all[OffsetCommitRequest::api.key] = [this](const auto& r) -> std::optional<Bytes> {
            const auto asked = r.template decode<OffsetCommitRequest>();
            commits.lock()->push_back(raw(asked.topics.at(0).partitions.at(0).committed_offset));
            return r.answer(OffsetCommitResponse{
                .topics = {{.name = "t", .topic_id = topic_id, .partitions = {{}}}}});
        };
        return all;
    }

    std::optional<Bytes> metadata(const ScriptedRequest& request) {
        MetadataResponse response = broker.this_node();
        if (topic_exists) {
            response.topics.push_back(
                {.name = "t", .topic_id = topic_id, .partitions = {{.leader_id = 1}}});
        } else {
            response.topics.push_back(
                {.error_code = ErrorCode::unknown_topic_or_partition, .name = "t"});
        }
        return request.answer(response);
    }

    std::optional<Bytes> join(const ScriptedRequest& request) {
        const auto asked = request.decode<JoinGroupRequest>();
        if (asked.member_id.empty()) {
            return request.answer(JoinGroupResponse{
                .error_code = ErrorCode::member_id_required, .member_id = "m"});
        }
        ++joins;
        const auto& protocol = asked.protocols.at(0);
        owned_at_join.lock()->push_back(
            protocol::read_subscription(protocol.metadata).owned_partitions.size());
        return request.answer(JoinGroupResponse{
            .generation_id = joins,
            .protocol_type = "consumer",
            .protocol_name = protocol.name,
            .leader = "m",
            .member_id = "m",
            .members = {{.member_id = "m", .metadata = protocol.metadata}}});
    }

    int64_t end() const {
        if (log_batches.empty()) return 0;
        return raw(record::parse_header(log_batches.back())->last_offset()) + 1;
    }

    std::optional<Bytes> list_offsets(const ScriptedRequest& request) {
        const auto asked = request.decode<ListOffsetsRequest>();
        const int64_t timestamp = asked.topics.at(0).partitions.at(0).timestamp;
        const Offset offset{timestamp == latest_timestamp ? end() : 0};
        return request.answer(ListOffsetsResponse{
            .topics = {{.name = "t", .partitions = {{.offset = offset}}}}});
    }

    std::optional<Bytes> fetch(const ScriptedRequest& request) {
        const auto asked = request.decode<FetchRequest>();
        const auto& partition = asked.topics.at(0).partitions.at(0);
        FetchResponse::PartitionData data;
        Bytes records;
        if (fetch_error) {
            data.error_code = *fetch_error;
            fetch_error.reset();
        } else {
            for (const Bytes& one : log_batches) {
                const auto header = record::parse_header(one);
                if (!header || header->last_offset() >= partition.fetch_offset) {
                    records.insert(records.end(), one.begin(), one.end());
                }
            }
            data.aborted_transactions = aborted;
            data.high_watermark = data.last_stable_offset = Offset{end()};
        }
        data.records = protocol::Records{.bytes = records};
        FetchResponse response;
        response.responses.push_back({.topic = "t", .topic_id = topic_id, .partitions = {data}});
        return request.answer(response);
    }
};

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
    heartbeat_error = ErrorCode::rebalance_in_progress;
    int revoked = 0;
    auto consumer = make({{"group.id", "g"}, {"heartbeat.interval.ms", "1"}});
    consumer->subscribe({"t"}, {.on_revoked = [&](const auto&) { ++revoked; }});
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
