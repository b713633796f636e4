// What the ledgers say of records that come twice, late, damaged or not at all.
#include <gtest/gtest.h>

#include "workload/ledger/audit.hpp"

namespace stoker::workload {
namespace {

constexpr uint32_t producer = 1;

Sighting message(uint64_t sequence, int64_t offset) {
    return {.producer = producer, .sequence = sequence, .offset = offset};
}

class GroupLedgerTest : public testing::Test {
protected:
    GroupLedger group{0, 2, 1};
};
class AuditTest : public GroupLedgerTest {
protected:
    /// Sends `count` messages that are acknowledged at their sequence plus 10.
    void acknowledge(uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) {
            const uint64_t sequence = sent.take_sequence(0);
            sent.acknowledged(0, sequence, int64_t(sequence) + 10);
        }
    }
    AuditResult run(const AuditRules& rules = {}) { return audit({&other, &sent}, rules, group); }

    SentLedger other{1};
    SentLedger sent{1};
};

TEST_F(GroupLedgerTest, messages_in_order_are_no_findings) {
    for (uint64_t i = 0; i < 10'000; ++i) EXPECT_TRUE(group.record(message(i, int64_t(i))));
    EXPECT_EQ(group.distinct(), 10'000);
    EXPECT_TRUE(group.examples().empty());
}

TEST_F(GroupLedgerTest, a_message_that_lies_in_the_log_twice_is_duplicated) {
    group.record(message(0, 5));
    EXPECT_FALSE(group.record(message(0, 6)));
    ASSERT_EQ(group.count(Finding::duplicated), 1);
    EXPECT_EQ(group.examples()[0].offset, 6);
    EXPECT_EQ(group.examples()[0].earlier_offset, 5);
    EXPECT_EQ(group.distinct(), 1);
    EXPECT_EQ(group.consumed(), 2);
}

TEST_F(GroupLedgerTest, a_message_read_again_at_its_offset_is_redelivered_and_not_duplicated) {
    group.record(message(0, 5));
    group.record(message(1, 6));
    group.record(message(0, 5));
    group.record(message(1, 6));
    EXPECT_EQ(group.count(Finding::redelivered), 2);
    EXPECT_EQ(group.count(Finding::duplicated), 0);
    EXPECT_EQ(group.count(Finding::reordered), 0);
}

TEST_F(GroupLedgerTest, a_second_copy_is_duplicated_though_it_is_read_after_what_lies_behind_it) {
    group.record(message(0, 5));
    group.record(message(1, 7));
    EXPECT_FALSE(group.record(message(0, 6)));
    EXPECT_EQ(group.count(Finding::duplicated), 1);
    EXPECT_EQ(group.count(Finding::redelivered), 0);
}

TEST_F(GroupLedgerTest, a_message_behind_a_later_one_is_reordered) {
    group.record(message(0, 5));
    group.record(message(2, 6));
    group.record(message(1, 7));
    group.record(message(3, 8));
    ASSERT_EQ(group.count(Finding::reordered), 1);
    EXPECT_EQ(group.examples()[0].sequence, 1u);
    EXPECT_EQ(group.examples()[0].offset, 7);
    EXPECT_EQ(group.examples()[0].earlier_offset, 6);
}

TEST_F(GroupLedgerTest, a_hole_that_is_read_later_is_not_reordered) {
    group.record(message(0, 5));
    group.record(message(2, 7));
    EXPECT_TRUE(group.record(message(1, 6)));
    EXPECT_EQ(group.count(Finding::reordered), 0);
}

TEST_F(GroupLedgerTest, producers_do_not_reorder_each_other) {
    group.record(message(5, 0));
    group.record({.producer = 0, .sequence = 0, .offset = 1});
    EXPECT_TRUE(group.examples().empty());
}

TEST_F(GroupLedgerTest, a_damaged_message_and_one_of_nobody_are_corrupted) {
    group.record({.kind = Sighting::Kind::corrupted, .offset = 0});
    group.record({.producer = 2, .sequence = 0, .offset = 1});
    EXPECT_EQ(group.count(Finding::corrupted), 2);
}

TEST_F(GroupLedgerTest, foreign_records_only_move_the_end) {
    group.record({.kind = Sighting::Kind::foreign, .offset = 41});
    EXPECT_EQ(group.foreign(), 1);
    EXPECT_EQ(group.consumed(), 0);
    EXPECT_EQ(group.end(0), 42);
}

TEST_F(GroupLedgerTest, examples_end_at_a_hundred_and_the_count_goes_on) {
    for (int64_t i = 0; i < 150; ++i)
        group.record({.kind = Sighting::Kind::corrupted, .offset = i});
    EXPECT_EQ(group.count(Finding::corrupted), 150);
    EXPECT_EQ(group.examples().size(), GroupLedger::examples_max);
}

TEST_F(AuditTest, everything_seen_leaves_nothing_to_say) {
    acknowledge(3);
    for (uint64_t i = 0; i < 3; ++i) group.record(message(i, int64_t(i) + 10));
    EXPECT_EQ(run().stored_though_failed, 0);
    EXPECT_TRUE(group.examples().empty());
}

TEST_F(AuditTest, an_acknowledged_message_that_is_not_there_is_named_with_its_offset) {
    acknowledge(3);
    group.record(message(0, 10));
    group.record(message(2, 12));
    run();
    EXPECT_EQ(group.count(Finding::lost), 1);
    ASSERT_EQ(group.count(Finding::acked_missing), 1);
    EXPECT_EQ(group.examples().back().offset, 11);
    EXPECT_EQ(group.examples().back().producer, producer);
}

TEST_F(AuditTest, without_a_promise_a_missing_message_is_lost_only) {
    acknowledge(1);
    run({.promised = false});
    EXPECT_EQ(group.count(Finding::lost), 1);
    EXPECT_EQ(group.count(Finding::acked_missing), 0);
}

TEST_F(AuditTest, a_message_that_failed_is_not_lost_and_may_be_there) {
    sent.failed(0, sent.take_sequence(0));
    sent.failed(0, sent.take_sequence(0));
    group.record(message(1, 0));
    EXPECT_EQ(run().stored_though_failed, 1);
    EXPECT_EQ(group.count(Finding::lost), 0);
}

TEST_F(AuditTest, a_message_that_nobody_answered_is_lost) {
    sent.take_sequence(0);
    run();
    EXPECT_EQ(group.count(Finding::lost), 1);
    EXPECT_EQ(group.count(Finding::acked_missing), 0);
}

TEST_F(AuditTest, what_a_group_has_not_come_to_is_unread_and_not_lost) {
    acknowledge(4);
    group.record(message(1, 11));
    sent.take_sequence(0);
    const auto result = run({.unfinished = {true}});
    // At offset 10, before what was read; 12, 13 and the one that nobody answered lie behind.
    EXPECT_EQ(group.count(Finding::lost), 1);
    EXPECT_EQ(group.examples()[0].offset, 10);
    EXPECT_EQ(result.unread, 3);
}

TEST_F(AuditTest, a_partition_is_read_to_where_its_reader_stands) {
    acknowledge(2);
    group.reached(0, 11);
    EXPECT_EQ(run({.unfinished = {true}}).unread, 1);
    EXPECT_EQ(group.count(Finding::lost), 1);
}

TEST_F(AuditTest, an_aborted_message_is_to_be_seen_by_uncommitted_readers_only) {
    sent.aborted(0, sent.take_sequence(0));
    group.record(message(0, 0));
    run();
    EXPECT_EQ(group.count(Finding::aborted_seen), 0);
    run({.read_committed = true});
    EXPECT_EQ(group.count(Finding::aborted_seen), 1);
    EXPECT_EQ(group.count(Finding::lost), 0);
}

TEST(SentLedger, messages_one_behind_the_other_cost_one_entry) {
    SentLedger ledger(1);
    for (int64_t i = 0; i < 1000; ++i) ledger.acknowledged(0, ledger.take_sequence(0), 7 + i);
    ledger.acknowledged(0, ledger.take_sequence(0), 2000);
    ASSERT_EQ(ledger.partitions()[0].acknowledged.size(), 2u);
    EXPECT_EQ(ledger.partitions()[0].acknowledged[0].count, 1000u);
    EXPECT_EQ(ledger.partitions()[0].acknowledged[1].offset, 2000);
}

}  // namespace
}  // namespace stoker::workload
