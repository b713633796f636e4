#include "storage/cleaned_transactions.hpp"

#include <gtest/gtest.h>

#include "record/builder.hpp"
#include "record/rewrite.hpp"

namespace stoker::storage {
namespace {

constexpr ProducerId producer{7};

record::BatchHeader data(int64_t offset, ProducerId id = producer, bool transactional = true) {
    record::BatchBuilder builder({.base_offset = Offset{offset},
                                  .producer_id = id,
                                  .producer_epoch = 0,
                                  .base_sequence = 0,
                                  .transactional = transactional});
    builder.append(1, bytes_of("k"), bytes_of("v"));
    return *record::parse_header(std::move(builder).build());
}

struct Marker {
    Bytes bytes;
    explicit Marker(int64_t offset, bool commit, ProducerId id = producer)
        : bytes(record::build_batch(record::EndTransactionMarker{.base_offset = Offset{offset},
                                                                 .timestamp_ms = 1,
                                                                 .producer_id = id,
                                                                 .producer_epoch = 0,
                                                                 .commit = commit})) {}
    record::BatchView view() const { return {*record::parse_header(bytes), bytes}; }
};

AbortedTransaction aborted(int64_t first, int64_t last) {
    return {producer, Offset{first}, Offset{last}, Offset{last + 1}};
}

TEST(CleanedTransactions, records_of_an_aborted_transaction_go_and_its_marker_stays) {
    CleanedTransactions state;
    state.expect(std::vector{aborted(10, 12)});
    EXPECT_FALSE(state.is_aborted(data(9)));
    EXPECT_TRUE(state.is_aborted(data(10)));
    EXPECT_FALSE(state.is_aborted(data(11, ProducerId{8})));
    EXPECT_FALSE(*state.may_go(Marker(12, false).view()));
    EXPECT_EQ(state.take_kept(), std::vector{aborted(10, 12)});
    EXPECT_EQ(state.take_kept(), std::vector<AbortedTransaction>{});
    // The producer's next one has nothing to do with it.
    EXPECT_FALSE(state.is_aborted(data(13)));
}

TEST(CleanedTransactions, a_marker_without_batches_may_go_and_leaves_the_index) {
    CleanedTransactions state;
    state.expect(std::vector{aborted(10, 12)});
    EXPECT_TRUE(*state.may_go(Marker(12, false).view()));
    EXPECT_EQ(state.take_kept(), std::vector<AbortedTransaction>{});
    EXPECT_TRUE(*state.may_go(Marker(20, true).view()));
}

TEST(CleanedTransactions, a_commit_marker_stays_with_its_batches) {
    CleanedTransactions state;
    EXPECT_FALSE(state.is_aborted(data(1)));
    EXPECT_FALSE(*state.may_go(Marker(2, true).view()));
    EXPECT_TRUE(*state.may_go(Marker(3, true).view()));
    // What is in no transaction needs no marker.
    EXPECT_FALSE(state.is_aborted(data(4, producer, false)));
    EXPECT_TRUE(*state.may_go(Marker(5, true).view()));
}

TEST(CleanedTransactions, an_abort_that_no_index_told_of_keeps_its_marker) {
    CleanedTransactions state;
    EXPECT_FALSE(state.is_aborted(data(1)));
    EXPECT_FALSE(*state.may_go(Marker(2, false).view()));
    EXPECT_TRUE(*state.may_go(Marker(3, false).view()));
}

TEST(CleanedTransactions, one_that_is_told_twice_is_one) {
    CleanedTransactions state;
    state.expect(std::vector{aborted(10, 30)});
    EXPECT_TRUE(state.is_aborted(data(10)));
    state.expect(std::vector{aborted(10, 30)});
    EXPECT_TRUE(state.is_aborted(data(20)));
    EXPECT_FALSE(*state.may_go(Marker(30, false).view()));
    EXPECT_FALSE(state.is_aborted(data(31)));
    EXPECT_EQ(state.take_kept().size(), 1u);
}

TEST(CleanedTransactions, an_emptied_marker_may_go_and_a_foreign_control_batch_stays) {
    CleanedTransactions state;
    const Bytes empty = record::empty_batch(Marker(5, true).view().header);
    EXPECT_TRUE(*state.may_go({*record::parse_header(empty), empty}));
    record::BatchBuilder builder({.control = true});
    builder.append(1, record::control_key(record::ControlType::leader_change), bytes_of("x"));
    const Bytes change = std::move(builder).build();
    EXPECT_FALSE(*state.may_go({*record::parse_header(change), change}));
}

}  // namespace
}  // namespace stoker::storage
