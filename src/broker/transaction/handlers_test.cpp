// The transaction APIs through a whole broker: what a client is told, version by version, and what
// becomes of its records.
#include <gtest/gtest.h>

#include <algorithm>

#include "broker/handlers/handlers.hpp"
#include "broker/test_broker.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {
namespace {

using enum ErrorCode;
using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::DescribeTransactionsRequest;
using protocol::DescribeTransactionsResponse;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;

class TransactionApis : public ::testing::Test {
protected:
    TransactionApis() {
        EXPECT_TRUE(broker_.broker().metadata().create_topic(
            {.name = "t", .partitions = 2, .configs = {}}));
    }

    FindCoordinatorResponse find_coordinator() {
        return broker_.ask<FindCoordinatorResponse>(
            FindCoordinatorRequest{.key = "tx", .key_type = 1}, 2);
    }
    InitProducerIdResponse init(int16_t version = 5, ProducerIdentity expected = {}) {
        return broker_.ask<InitProducerIdResponse>(
            InitProducerIdRequest{.transactional_id = "tx",
                                  .transaction_timeout_ms = 30'000,
                                  .producer_id = expected.id,
                                  .producer_epoch = expected.epoch},
            version);
    }
    ProducerIdentity producer() {
        find_coordinator();
        const auto answer = init();
        EXPECT_EQ(answer.error_code, none);
        return {answer.producer_id, answer.producer_epoch};
    }
    /// The codes of the partitions, in their order.
    std::vector<ErrorCode> add(const ProducerIdentity& who, std::vector<PartitionId> partitions,
                               int16_t version = 3) {
        const auto answer = broker_.ask<AddPartitionsToTxnResponse>(
            AddPartitionsToTxnRequest{.v3_and_below_transactional_id = "tx",
                                      .v3_and_below_producer_id = who.id,
                                      .v3_and_below_producer_epoch = who.epoch,
                                      .v3_and_below_topics = {{"t", std::move(partitions)}}},
            version);
        return codes(answer.results_by_topic_v3_and_below);
    }
    static std::vector<ErrorCode> codes(
        const std::vector<AddPartitionsToTxnResponse::TopicResult>& topics) {
        std::vector<ErrorCode> codes;
        for (const auto& topic : topics)
            for (const auto& one : topic.results_by_partition)
                codes.push_back(one.partition_error_code);
        return codes;
    }
    EndTxnResponse end(const ProducerIdentity& who, bool commit, int16_t version = 3) {
        return broker_.ask<EndTxnResponse>(EndTxnRequest{.transactional_id = "tx",
                                                         .producer_id = who.id,
                                                         .producer_epoch = who.epoch,
                                                         .committed = commit},
                                           version);
    }
    ErrorCode produce(const ProducerIdentity& who, int32_t sequence = 0, int16_t version = 11) {
        Bytes batch = batch_of({"a"}, 1'000, {.producer_id = who.id,
                                              .producer_epoch = who.epoch,
                                              .base_sequence = sequence,
                                              .transactional = true});
        ProduceRequest request{.transactional_id = "tx", .acks = -1, .topic_data = {{}}};
        request.topic_data[0].name = "t";
        request.topic_data[0].partition_data.push_back(
            {.index = PartitionId{0}, .records = Records{.bytes = batch}});
        return broker_.ask<ProduceResponse>(request, version)
            .responses.at(0)
            .partition_responses.at(0)
            .error_code;
    }
    /// Where a reader of committed records must stop.
    int64_t stable() {
        ListOffsetsRequest request{
            .replica_id = -1, .isolation_level = 1, .topics = {{.name = "t"}}};
        request.topics[0].partitions.push_back({.timestamp = -1});
        return raw(broker_.ask<ListOffsetsResponse>(request, 7)
                       .topics.at(0)
                       .partitions.at(0)
                       .offset);
    }
    std::string state() {
        return broker_.broker().transactions().describe("tx").transaction_state;
    }
    void pass_ms(int64_t ms) {
        for (; ms > 0; ms -= 500) {
            broker_.clock().advance_ms(500);
            broker_.broker().tick();
        }
    }

    TestBroker broker_;
};

TEST_F(TransactionApis, the_first_question_creates_the_internal_topic) {
    EXPECT_EQ(init().error_code, not_coordinator);
    const auto before = broker_.ask<DescribeTransactionsResponse>(
        DescribeTransactionsRequest{.transactional_ids = {"tx"}}, 0);
    EXPECT_EQ(before.transaction_states.at(0).error_code, not_coordinator);
    EXPECT_EQ(find_coordinator().error_code, none);
    const auto topic = broker_.broker().metadata().find("__transaction_state");
    EXPECT_EQ(topic->partitions.size(), 50u);
    EXPECT_TRUE(topic->internal());
    EXPECT_TRUE(topic->settings.compacted);
    EXPECT_EQ(init().error_code, none);
}

TEST_F(TransactionApis, the_feature_is_finalized_at_2_and_its_apis_are_told) {
    const auto told = broker_.ask<ApiVersionsResponse>(
        ApiVersionsRequest{.client_software_name = "a", .client_software_version = "1"}, 4);
    const auto finalized = std::ranges::find(told.finalized_features, "transaction.version",
                                             &ApiVersionsResponse::FinalizedFeatureKey::name);
    ASSERT_NE(finalized, told.finalized_features.end());
    EXPECT_EQ(finalized->max_version_level, 2);
    const auto end_txn =
        std::ranges::find(told.api_keys, 26, &ApiVersionsResponse::ApiVersion::api_key);
    ASSERT_NE(end_txn, told.api_keys.end());
    EXPECT_EQ(end_txn->max_version, 5);
}

TEST_F(TransactionApis, a_fenced_producer_is_told_so_as_its_version_understands_it) {
    const ProducerIdentity old = producer();
    const ProducerIdentity now{old.id, init().producer_epoch};
    EXPECT_EQ(add(old, {PartitionId{0}}, 1), std::vector{invalid_producer_epoch});
    EXPECT_EQ(add(old, {PartitionId{0}}, 2), std::vector{producer_fenced});
    EXPECT_EQ(end(old, true, 1).error_code, invalid_producer_epoch);
    EXPECT_EQ(end(old, true, 2).error_code, producer_fenced);
    EXPECT_EQ(init(3, old).error_code, invalid_producer_epoch);
    EXPECT_EQ(init(4, old).error_code, producer_fenced);
    const auto offsets = [&](int16_t version) {
        return broker_
            .ask<AddOffsetsToTxnResponse>(AddOffsetsToTxnRequest{.transactional_id = "tx",
                                                                 .producer_id = old.id,
                                                                 .producer_epoch = old.epoch,
                                                                 .group_id = "g"},
                                          version)
            .error_code;
    };
    EXPECT_EQ(offsets(1), invalid_producer_epoch);
    EXPECT_EQ(offsets(2), producer_fenced);
    EXPECT_EQ(add(now, {PartitionId{0}}), std::vector{none});
}

TEST_F(TransactionApis, partitions_are_added_all_or_none) {
    const auto who = producer();
    EXPECT_EQ(add(who, {PartitionId{0}, PartitionId{9}}),
              (std::vector{operation_not_attempted, unknown_topic_or_partition}));
    EXPECT_EQ(state(), "Empty");
}

TEST_F(TransactionApis, brokers_ask_for_several_transactions_at_once) {
    const auto who = producer();
    const auto ask = [&](bool verify) {
        AddPartitionsToTxnRequest request{
            .transactions = {{"tx", who.id, who.epoch, verify, {{"t", {PartitionId{1}}}}},
                             {"other", who.id, who.epoch, verify, {{"t", {PartitionId{0}}}}}}};
        const auto answer = broker_.ask<AddPartitionsToTxnResponse>(request, 5);
        std::vector<ErrorCode> all;
        for (const auto& one : answer.results_by_transaction)
            for (ErrorCode code : codes(one.topic_results)) all.push_back(code);
        return all;
    };
    EXPECT_EQ(ask(true), (std::vector{transaction_abortable, invalid_producer_id_mapping}));
    EXPECT_EQ(ask(false), (std::vector{none, invalid_producer_id_mapping}));
    EXPECT_EQ(ask(true), (std::vector{none, invalid_producer_id_mapping}));
}

TEST_F(TransactionApis, records_become_stable_when_the_transaction_has_ended) {
    const auto who = producer();
    // The partition is not part of a transaction.
    EXPECT_EQ(produce(who, 0, 10), invalid_txn_state);
    EXPECT_EQ(produce(who), transaction_abortable);
    EXPECT_EQ(add(who, {PartitionId{0}}), std::vector{none});
    EXPECT_EQ(produce(who), none);
    EXPECT_EQ(stable(), 0);
    EXPECT_EQ(end(who, true).error_code, none);
    EXPECT_EQ(stable(), 2);  // the record and the marker
    EXPECT_EQ(state(), "CompleteCommit");
}

TEST_F(TransactionApis, transactions_v2_need_no_request_for_their_partitions) {
    const auto who = producer();
    EXPECT_EQ(produce(who, 0, 12), none);
    EXPECT_EQ(state(), "Ongoing");
    const auto ended = end(who, true, 5);
    EXPECT_EQ(ended.error_code, none);
    EXPECT_EQ(ended.producer_epoch, who.epoch + 1);
    EXPECT_EQ(stable(), 2);
    // A batch of the transaction that has ended comes late.
    EXPECT_EQ(produce(who, 1, 12), invalid_producer_epoch);
    EXPECT_EQ(produce({ended.producer_id, ended.producer_epoch}, 0, 12), none);
}

TEST_F(TransactionApis, an_open_transaction_survives_kill_9_and_can_be_committed) {
    const auto who = producer();
    add(who, {PartitionId{0}});
    produce(who);
    broker_.kill_and_restart();
    EXPECT_EQ(state(), "Ongoing");
    EXPECT_EQ(produce(who, 1), none);
    EXPECT_EQ(stable(), 0);
    EXPECT_EQ(end(who, true).error_code, none);
    EXPECT_EQ(stable(), 3);
}

TEST_F(TransactionApis, an_abandoned_transaction_does_not_hold_up_readers_for_ever) {
    const auto who = producer();
    add(who, {PartitionId{0}});
    produce(who);
    broker_.kill_and_restart();
    pass_ms(30'000 + 10'500);
    EXPECT_EQ(stable(), 2);
    EXPECT_EQ(end(who, true).error_code, producer_fenced);
}

}  // namespace
}  // namespace stoker::broker
