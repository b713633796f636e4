#include <gtest/gtest.h>

#include "protocol/messages/24_add_partitions_to_txn.hpp"
#include "protocol/messages/25_add_offsets_to_txn.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "protocol/messages/27_write_txn_markers.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"
#include "protocol/messages/61_describe_producers.hpp"
#include "protocol/messages/65_describe_transactions.hpp"
#include "protocol/messages/66_list_transactions.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol::testing {
namespace {

using All = Messages<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
                     AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, EndTxnRequest,
                     EndTxnResponse, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
                     TxnOffsetCommitRequest, TxnOffsetCommitResponse,
                     TransactionLogKey, TransactionLogValue,
                     DescribeProducersRequest, DescribeProducersResponse,
                     DescribeTransactionsRequest, DescribeTransactionsResponse,
                     ListTransactionsRequest, ListTransactionsResponse>;

TEST(TransactionMessages, are_encoded_as_apache_kafka_encodes_them_in_every_version) {
    EXPECT_EQ(All::golden_problems(), "");
}

TEST(TransactionMessages, cut_anywhere_are_malformed) {
    EXPECT_EQ(All::truncation_problems(), "");
}

TEST(TransactionMessages, at_random_come_back_and_survive_flipped_bits) {
    for (uint64_t seed : {1, 2, 3}) EXPECT_EQ(All::random_problems(seed), "");
}

}  // namespace
}  // namespace stoker::protocol::testing
