// Transactions as a client of one partition sees them: Produce with verification, read_committed
// fetches, markers, and offsets that are committed with the records (KIP-98, KIP-447, KIP-890).
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"

namespace stoker::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;
using protocol::WriteTxnMarkersRequest;
using protocol::WriteTxnMarkersResponse;

constexpr int16_t v1_produce = 11;
constexpr int16_t v2_produce = 12;

/// A question to the coordinator that a test answers when it likes.
struct Question {
    std::string transactional_id;
    ProducerId producer{};
    int16_t epoch = 0;
    std::vector<storage::TopicPartition> partitions;
    bool add = false;
    std::function<void(std::vector<ErrorCode>)> done;

    void answer(ErrorCode error) const { done(std::vector<ErrorCode>(partitions.size(), error)); }
};

struct BatchOptions {
    int32_t sequence = 0;
    int64_t producer = 7;
    int16_t epoch = 0;
    bool transactional = true;
    record::Codec codec = record::Codec::none;
};

class PartitionTransactions : public ::testing::Test {
protected:
    PartitionTransactions() {
        EXPECT_TRUE(test_.broker().metadata().create_topic(
            {.name = "t", .partitions = 2, .configs = {}}));
        EXPECT_TRUE(test_.broker().auto_create(std::string(group_metadata_topic)));
        hook();
    }

    /// Every question is kept, and answered at once with `verdict` unless that is nothing.
    void hook() {
        test_.broker().set_transaction_coordinator(
            [this](const std::string& id, ProducerId producer, int16_t epoch,
                   std::vector<storage::TopicPartition> partitions, bool add,
                   std::function<void(std::vector<ErrorCode>)> done) {
                questions_.push_back(
                    {id, producer, epoch, std::move(partitions), add, std::move(done)});
                if (verdict_) questions_.back().answer(*verdict_);
            });
    }

    Bytes batch(const BatchOptions& how) {
        // Near the markers' own time, so that no segment is rolled for its age.
        return batch_of({"a", "b"}, test_.clock().wall_ms(),
                        {.codec = how.codec,
                         .producer_id = ProducerId{how.producer},
                         .producer_epoch = how.epoch,
                         .base_sequence = how.sequence,
                         .transactional = how.transactional});
    }
    uint64_t send(const BatchOptions& how, int16_t version, int32_t partition = 0) {
        Bytes bytes = batch(how);
        ProduceRequest request{.transactional_id = "tx", .acks = -1, .topic_data = {{}}};
        auto& topic = request.topic_data[0];
        topic.name = "t";
        topic.topic_id = test_.broker().metadata().find("t")->id;
        topic.partition_data.push_back(
            {.index = PartitionId{partition}, .records = Records{.bytes = bytes}});
        return test_.send(request, version);
    }
    ProduceResponse::PartitionProduceResponse answer_to(uint64_t number, int16_t version) {
        return test_.answer<ProduceResponse>(number, version)
            .responses.at(0)
            .partition_responses.at(0);
    }
    ProduceResponse::PartitionProduceResponse produce(const BatchOptions& how,
                                                      int16_t version = v1_produce,
                                                      int32_t partition = 0) {
        return answer_to(send(how, version, partition), version);
    }
    ErrorCode mark(int64_t producer, bool commit, const std::string& topic = "t",
                   PartitionId partition = PartitionId{0}, int16_t epoch = 0) {
        WriteTxnMarkersRequest request;
        auto& marker = request.markers.emplace_back();
        marker.producer_id = ProducerId{producer};
        marker.producer_epoch = epoch;
        marker.transaction_result = commit;
        marker.topics.push_back({.name = topic, .partition_indexes = {partition}});
        return test_.ask<WriteTxnMarkersResponse>(request, 1)
            .markers.at(0)
            .topics.at(0)
            .partitions.at(0)
            .error_code;
    }
    FetchRequest fetch_request(int64_t from, bool committed, int32_t wait_ms = 0) {
        FetchRequest request{.max_wait_ms = wait_ms,
                             .min_bytes = 1,
                             .max_bytes = 1 << 20,
                             .isolation_level = int8_t(committed ? 1 : 0),
                             .topics = {{.topic = "t"}}};
        request.topics[0].partitions.push_back({.partition = PartitionId{0},
                                                .fetch_offset = Offset{from},
                                                .partition_max_bytes = 1 << 20});
        return request;
    }
    FetchResponse::PartitionData fetch(int64_t from, bool committed) {
        return test_.ask<FetchResponse>(fetch_request(from, committed), 11)
            .responses.at(0)
            .partitions.at(0);
    }
    ErrorCode commit_offsets(int16_t version, int64_t offset = 5, int16_t epoch = 0) {
        TxnOffsetCommitRequest request{.transactional_id = "tx",
                                       .group_id = "g",
                                       .producer_id = ProducerId{7},
                                       .producer_epoch = epoch};
        request.topics.push_back({.name = "t"});
        request.topics[0].partitions.push_back(
            {.partition_index = PartitionId{0}, .committed_offset = Offset{offset}});
        return test_.ask<TxnOffsetCommitResponse>(request, version)
            .topics.at(0)
            .partitions.at(0)
            .error_code;
    }
    OffsetFetchResponse::OffsetFetchResponsePartitions committed(bool require_stable) {
        OffsetFetchRequest request{.require_stable = require_stable};
        auto& group = request.groups.emplace_back();
        group.group_id = "g";
        group.topics.emplace().push_back(
            {.name = "t", .partition_indexes = {PartitionId{0}}});
        return test_.ask<OffsetFetchResponse>(request, 9)
            .groups.at(0)
            .topics.at(0)
            .partitions.at(0);
    }
    PartitionId offsets_partition() { return test_.broker().groups().partition_of("g"); }

    TestBroker test_;
    std::vector<Question> questions_;
    std::optional<ErrorCode> verdict_ = ErrorCode::none;
};

// Produce ----------------------------------------------------------------------------------------

TEST_F(PartitionTransactions, the_coordinator_is_asked_once_for_each_transaction_of_a_partition) {
    EXPECT_EQ(produce({.sequence = 0}).error_code, ErrorCode::none);
    EXPECT_EQ(produce({.sequence = 2}).error_code, ErrorCode::none);
    ASSERT_EQ(questions_.size(), 1u);
    EXPECT_EQ(questions_[0].transactional_id, "tx");
    EXPECT_EQ(questions_[0].producer, ProducerId{7});
    EXPECT_EQ(questions_[0].partitions,
              (std::vector{storage::TopicPartition{"t", PartitionId{0}}}));
    EXPECT_FALSE(questions_[0].add);
    EXPECT_EQ(mark(7, true), ErrorCode::none);
    EXPECT_EQ(produce({.sequence = 4}).error_code, ErrorCode::none);
    EXPECT_EQ(questions_.size(), 2u);
}

TEST_F(PartitionTransactions, from_version_12_the_partition_is_added) {
    EXPECT_EQ(produce({}, v2_produce).error_code, ErrorCode::none);
    ASSERT_EQ(questions_.size(), 1u);
    EXPECT_TRUE(questions_[0].add);
}

TEST_F(PartitionTransactions, the_coordinators_errors_are_told_as_the_version_knows_them) {
    struct Case {
        ErrorCode coordinator;
        ErrorCode v10;
        ErrorCode v11;
        ErrorCode v12;
    };
    using enum ErrorCode;
    for (const Case& each : std::vector<Case>{
             {transaction_abortable, invalid_txn_state, transaction_abortable,
              transaction_abortable},
             {invalid_txn_state, invalid_txn_state, invalid_txn_state, invalid_txn_state},
             {producer_fenced, invalid_producer_epoch, invalid_producer_epoch,
              invalid_producer_epoch},
             {not_coordinator, not_enough_replicas, not_enough_replicas, not_enough_replicas},
             {coordinator_load_in_progress, not_enough_replicas, not_enough_replicas,
              not_enough_replicas},
             {concurrent_transactions, not_enough_replicas, not_enough_replicas, none},
             {invalid_producer_id_mapping, invalid_producer_id_mapping,
              invalid_producer_id_mapping, invalid_producer_id_mapping}}) {
        verdict_ = each.coordinator;
        EXPECT_EQ(produce({}, 10).error_code, each.v10) << name(each.coordinator);
        EXPECT_EQ(produce({}, 11).error_code, each.v11) << name(each.coordinator);
        if (each.v12 == none) continue;
        EXPECT_EQ(produce({}, 12).error_code, each.v12) << name(each.coordinator);
    }
    EXPECT_EQ(fetch(0, false).high_watermark, Offset{0});
}

TEST_F(PartitionTransactions, in_transactions_v2_concurrent_transactions_are_waited_for_a_moment) {
    verdict_.reset();
    const uint64_t first = send({}, v2_produce);
    questions_.back().answer(ErrorCode::concurrent_transactions);
    EXPECT_FALSE(test_.answered(first));
    test_.clock().advance_ms(20);
    test_.broker().tick();
    ASSERT_EQ(questions_.size(), 2u);
    questions_.back().answer(ErrorCode::none);
    EXPECT_EQ(answer_to(first, v2_produce).error_code, ErrorCode::none);

    const uint64_t second = send({.producer = 8}, v2_produce);
    test_.clock().advance_ms(100);
    questions_.back().answer(ErrorCode::concurrent_transactions);
    EXPECT_EQ(answer_to(second, v2_produce).error_code, ErrorCode::concurrent_transactions);
}

TEST_F(PartitionTransactions, a_marker_that_comes_while_the_next_batch_waits_does_not_refuse_it) {
    EXPECT_EQ(produce({.sequence = 0}, v2_produce).error_code, ErrorCode::none);
    verdict_.reset();
    const uint64_t next = send({.sequence = 0, .epoch = 1}, v2_produce);
    questions_.back().answer(ErrorCode::concurrent_transactions);
    EXPECT_EQ(mark(7, true, "t", PartitionId{0}, 1), ErrorCode::none);
    test_.clock().advance_ms(20);
    test_.broker().tick();
    ASSERT_EQ(questions_.size(), 3u);
    questions_.back().answer(ErrorCode::none);
    EXPECT_EQ(answer_to(next, v2_produce).error_code, ErrorCode::none);
}

TEST_F(PartitionTransactions, an_older_epoch_is_told_so_before_the_coordinator_is_asked) {
    EXPECT_EQ(produce({.epoch = 4}).error_code, ErrorCode::none);
    EXPECT_EQ(mark(7, false, "t", PartitionId{0}, 5), ErrorCode::none);
    verdict_ = ErrorCode::invalid_producer_id_mapping;
    for (const int16_t version : {int16_t{4}, v1_produce, v2_produce}) {
        EXPECT_EQ(produce({.sequence = 2, .epoch = 4}, version).error_code,
                  ErrorCode::invalid_producer_epoch);
    }
    EXPECT_EQ(questions_.size(), 1u);
}

TEST_F(PartitionTransactions, a_request_keeps_its_bytes_until_the_coordinator_answers) {
    verdict_.reset();
    const uint64_t number = send({}, v1_produce);
    EXPECT_FALSE(test_.answered(number));
    EXPECT_TRUE(test_.holds_session(number)) << "nothing may overtake it";
    EXPECT_EQ(fetch(0, false).high_watermark, Offset{0});
    questions_.back().answer(ErrorCode::none);
    EXPECT_EQ(answer_to(number, v1_produce).base_offset, Offset{0});
    const auto found = fetch(0, false);
    EXPECT_EQ(found.high_watermark, Offset{2});
    EXPECT_EQ(found.records->bytes.size(), batch({}).size());
}

TEST_F(PartitionTransactions, an_answer_that_comes_after_a_marker_lets_nothing_in) {
    verdict_.reset();
    const uint64_t number = send({}, v1_produce);
    EXPECT_EQ(mark(7, false), ErrorCode::none);
    questions_.back().answer(ErrorCode::none);
    EXPECT_EQ(answer_to(number, v1_produce).error_code, ErrorCode::invalid_txn_state);
}

TEST_F(PartitionTransactions, two_producers_in_one_request_are_refused) {
    Bytes one = batch({.producer = 7});
    Bytes two = batch({.producer = 8});
    ProduceRequest request{.transactional_id = "tx", .acks = -1, .topic_data = {{.name = "t"}}};
    request.topic_data[0].partition_data = {
        {.index = PartitionId{0}, .records = Records{.bytes = one}},
        {.index = PartitionId{1}, .records = Records{.bytes = two}}};
    const auto response = test_.ask<ProduceResponse>(request, v1_produce);
    for (const auto& slot : response.responses.at(0).partition_responses) {
        EXPECT_EQ(slot.error_code, ErrorCode::invalid_producer_id_mapping);
    }
    EXPECT_TRUE(questions_.empty());
}

// Reading ----------------------------------------------------------------------------------------

TEST_F(PartitionTransactions, read_committed_reads_up_to_the_open_transaction) {
    EXPECT_EQ(produce({.producer = 9, .transactional = false}).error_code, ErrorCode::none);
    EXPECT_EQ(produce({}).error_code, ErrorCode::none);
    const auto open = fetch(0, true);
    EXPECT_EQ(open.high_watermark, Offset{4});
    EXPECT_EQ(open.last_stable_offset, Offset{2});
    EXPECT_EQ(open.records->bytes.size(), batch({}).size());
    EXPECT_EQ(open.aborted_transactions->size(), 0u);
    EXPECT_EQ(fetch(0, false).records->bytes.size(), 2 * batch({}).size());
    EXPECT_EQ(fetch(0, false).aborted_transactions, std::nullopt);
    EXPECT_EQ(mark(7, true), ErrorCode::none);
    EXPECT_EQ(fetch(0, true).last_stable_offset, Offset{5});
    EXPECT_EQ(fetch(0, true).aborted_transactions->size(), 0u);
}

TEST_F(PartitionTransactions, aborted_transactions_are_named_whatever_the_codec) {
    int64_t at = 0;
    for (const auto codec : {record::Codec::none, record::Codec::gzip, record::Codec::snappy,
                             record::Codec::lz4, record::Codec::zstd}) {
        const int64_t producer = 100 + int64_t(codec);
        EXPECT_EQ(produce({.producer = producer, .codec = codec}).error_code, ErrorCode::none);
        EXPECT_EQ(mark(producer, false), ErrorCode::none);
        EXPECT_EQ(produce({.sequence = 2, .producer = producer, .codec = codec}).error_code,
                  ErrorCode::none);
        EXPECT_EQ(mark(producer, true), ErrorCode::none);
        const auto found = fetch(at, true);
        ASSERT_EQ(found.aborted_transactions->size(), 1u) << int(codec);
        EXPECT_EQ(found.aborted_transactions->front().producer_id, ProducerId{producer});
        EXPECT_EQ(found.aborted_transactions->front().first_offset, Offset{at});
        EXPECT_EQ(fetch(at + 3, true).aborted_transactions->size(), 0u);
        at += 6;
    }
    EXPECT_EQ(fetch(0, true).aborted_transactions->size(), 5u);
}

TEST_F(PartitionTransactions, an_abort_in_a_partition_without_records_hides_nothing) {
    EXPECT_EQ(mark(7, false), ErrorCode::none);
    EXPECT_EQ(produce({}).error_code, ErrorCode::none);
    EXPECT_EQ(mark(7, true), ErrorCode::none);
    const auto found = fetch(0, true);
    EXPECT_EQ(found.aborted_transactions->size(), 0u);
    EXPECT_EQ(found.last_stable_offset, Offset{4});
}

TEST_F(PartitionTransactions, a_waiting_read_committed_fetch_is_woken_by_the_marker_only) {
    EXPECT_EQ(produce({}).error_code, ErrorCode::none);
    const uint64_t waiting = test_.send(fetch_request(0, true, 500), 11);
    EXPECT_EQ(produce({.sequence = 2}).error_code, ErrorCode::none);
    EXPECT_EQ(produce({.producer = 9, .transactional = false}).error_code, ErrorCode::none);
    EXPECT_FALSE(test_.answered(waiting));
    EXPECT_EQ(mark(7, true), ErrorCode::none);
    ASSERT_TRUE(test_.answered(waiting));
    const auto found = test_.answer<FetchResponse>(waiting, 11).responses.at(0).partitions.at(0);
    EXPECT_EQ(found.last_stable_offset, Offset{7});
    EXPECT_GT(found.records->bytes.size(), 3 * batch({}).size());
}

TEST_F(PartitionTransactions, read_committed_finds_no_offset_behind_the_last_stable_one) {
    const int64_t start_ms = test_.clock().wall_ms();
    EXPECT_EQ(produce({.producer = 9, .transactional = false}).error_code, ErrorCode::none);
    test_.clock().advance_ms(1);
    EXPECT_EQ(produce({}).error_code, ErrorCode::none);
    const auto list = [&](int64_t timestamp, int8_t isolation) {
        ListOffsetsRequest request{
            .replica_id = -1, .isolation_level = isolation, .topics = {{.name = "t"}}};
        request.topics[0].partitions.push_back(
            {.partition_index = PartitionId{0}, .timestamp = timestamp});
        return raw(test_.ask<ListOffsetsResponse>(request, 7)
                       .topics.at(0)
                       .partitions.at(0)
                       .offset);
    };
    EXPECT_EQ(list(-1, 0), 4);
    EXPECT_EQ(list(-1, 1), 2);
    EXPECT_EQ(list(start_ms, 0), 0);
    EXPECT_EQ(list(start_ms + 1, 0), 2);
    EXPECT_EQ(list(start_ms, 1), 0);
    EXPECT_EQ(list(start_ms + 1, 1), -1) << "nobody knows yet whether it will be there";
    EXPECT_EQ(mark(7, true), ErrorCode::none);
    EXPECT_EQ(list(start_ms + 1, 1), 2);
    EXPECT_EQ(list(-1, 1), 5);
}

TEST_F(PartitionTransactions, describe_producers_tells_of_the_open_transaction) {
    EXPECT_EQ(produce({.producer = 9, .transactional = false}).error_code, ErrorCode::none);
    EXPECT_EQ(produce({}).error_code, ErrorCode::none);
    protocol::DescribeProducersRequest request;
    request.topics.push_back({.name = "t", .partition_indexes = {PartitionId{0}}});
    const auto producers = test_.ask<protocol::DescribeProducersResponse>(request, 0)
                               .topics.at(0)
                               .partitions.at(0)
                               .active_producers;
    ASSERT_EQ(producers.size(), 2u);
    EXPECT_EQ(producers[0].producer_id, ProducerId{7});
    EXPECT_EQ(producers[0].current_txn_start_offset, Offset{2});
    EXPECT_EQ(producers[0].coordinator_epoch, -1);
    EXPECT_EQ(producers[1].current_txn_start_offset, Offset{-1});
}

// Markers ----------------------------------------------------------------------------------------

TEST_F(PartitionTransactions, markers_are_refused_where_they_do_not_belong) {
    EXPECT_EQ(mark(7, true, "nowhere"), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(mark(7, true, "t", PartitionId{9}), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(produce({.epoch = 3}).error_code, ErrorCode::none);
    EXPECT_EQ(mark(7, true, "t", PartitionId{0}, 2), ErrorCode::invalid_producer_epoch);
    EXPECT_EQ(mark(7, true, "t", PartitionId{0}, 3), ErrorCode::none);
}

// Offsets ----------------------------------------------------------------------------------------

TEST_F(PartitionTransactions, offsets_are_committed_by_the_marker_in_their_partition) {
    EXPECT_EQ(commit_offsets(3), ErrorCode::none);
    ASSERT_EQ(questions_.size(), 1u);
    EXPECT_EQ(questions_[0].partitions.front().topic, group_metadata_topic);
    EXPECT_FALSE(questions_[0].add);
    EXPECT_EQ(committed(true).error_code, ErrorCode::unstable_offset_commit);
    EXPECT_EQ(committed(false).committed_offset, Offset{-1});
    EXPECT_EQ(mark(7, true, std::string(group_metadata_topic), offsets_partition()),
              ErrorCode::none);
    EXPECT_EQ(committed(true).committed_offset, Offset{5});
}

TEST_F(PartitionTransactions, from_version_5_the_offsets_partition_is_added) {
    EXPECT_EQ(commit_offsets(5), ErrorCode::none);
    EXPECT_TRUE(questions_.back().add);
}

TEST_F(PartitionTransactions, offsets_that_are_pending_are_known_after_a_restart) {
    EXPECT_EQ(commit_offsets(3), ErrorCode::none);
    test_.kill_and_restart();
    hook();
    EXPECT_EQ(committed(true).error_code, ErrorCode::unstable_offset_commit);
    EXPECT_EQ(mark(7, true, std::string(group_metadata_topic), offsets_partition()),
              ErrorCode::none);
    EXPECT_EQ(committed(true).committed_offset, Offset{5});
    test_.kill_and_restart();
    hook();
    EXPECT_EQ(committed(true).committed_offset, Offset{5});
}

TEST_F(PartitionTransactions, offsets_of_a_fenced_producer_are_refused) {
    EXPECT_EQ(commit_offsets(3, 5, 4), ErrorCode::none);
    EXPECT_EQ(mark(7, false, std::string(group_metadata_topic), offsets_partition(), 5),
              ErrorCode::none);
    EXPECT_EQ(commit_offsets(3, 6, 4), ErrorCode::invalid_producer_epoch);
}

TEST_F(PartitionTransactions, offsets_get_the_coordinators_error_as_their_version_knows_it) {
    using enum ErrorCode;
    verdict_ = transaction_abortable;
    EXPECT_EQ(commit_offsets(3), invalid_txn_state);
    EXPECT_EQ(commit_offsets(4), transaction_abortable);
    verdict_ = producer_fenced;
    EXPECT_EQ(commit_offsets(3), invalid_producer_epoch);
    verdict_ = coordinator_load_in_progress;
    EXPECT_EQ(commit_offsets(1), coordinator_not_available);
    EXPECT_EQ(commit_offsets(3), coordinator_load_in_progress);
    verdict_ = concurrent_transactions;
    EXPECT_EQ(commit_offsets(5), concurrent_transactions);
}

}  // namespace
}  // namespace stoker::broker
