// Idempotent and transactional producers, as a log sees them (KIP-98).
#include <gtest/gtest.h>

#include <limits>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

constexpr ProducerId producer{7};

TestBatch numbered(int32_t sequence, int records = 1, int16_t epoch = 0) {
    return {.records = records, .producer = producer, .epoch = epoch, .sequence = sequence};
}

TEST(LogIdempotence, a_batch_that_is_sent_twice_is_stored_once) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0, 3));
    const auto first = world.append(numbered(3, 2));
    const auto again = world.append(numbered(3, 2));
    EXPECT_FALSE(first->duplicate);
    EXPECT_TRUE(again->duplicate);
    EXPECT_EQ(again->base_offset, Offset{3});
    EXPECT_EQ(again->last_offset, Offset{4});
    EXPECT_EQ(world.log->end_offset(), Offset{5});
}

TEST(LogIdempotence, the_last_five_batches_are_known) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 6; ++i) (void)world.append(numbered(i));
    for (int i = 1; i < 6; ++i) EXPECT_EQ(world.append(numbered(i))->base_offset, Offset{i});
    EXPECT_EQ(world.append(numbered(0)).error(), ErrorCode::out_of_order_sequence_number);
}

TEST(LogIdempotence, a_gap_in_the_sequence_is_out_of_order) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0));
    EXPECT_EQ(world.append(numbered(2)).error(), ErrorCode::out_of_order_sequence_number);
    EXPECT_TRUE(world.append(numbered(1)));
}

TEST(LogIdempotence, an_unknown_producer_may_begin_with_any_sequence) {
    LogWorld world;
    world.open();
    EXPECT_TRUE(world.append(numbered(1'234)));
    EXPECT_EQ(world.append(numbered(1'236)).error(), ErrorCode::out_of_order_sequence_number);
    EXPECT_TRUE(world.append(numbered(1'235)));
}

TEST(LogIdempotence, a_new_epoch_begins_with_sequence_zero) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0));
    EXPECT_EQ(world.append(numbered(1, 1, 1)).error(), ErrorCode::out_of_order_sequence_number);
    EXPECT_TRUE(world.append(numbered(0, 1, 1)));
}

TEST(LogIdempotence, an_old_epoch_is_fenced) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0, 1, 3));
    EXPECT_EQ(world.append(numbered(1, 1, 2)).error(), ErrorCode::invalid_producer_epoch);
}

TEST(LogIdempotence, sequences_begin_again_behind_the_largest) {
    LogWorld world;
    world.open();
    constexpr int32_t most = std::numeric_limits<int32_t>::max();
    (void)world.append(numbered(most));
    EXPECT_TRUE(world.append(numbered(0)));
    EXPECT_TRUE(world.append(numbered(most))->duplicate);

    LogWorld across;
    across.open();
    // Two records: the largest sequence and 0.
    (void)across.append(numbered(most, 2));
    EXPECT_TRUE(across.append(numbered(most, 2))->duplicate);
    EXPECT_TRUE(across.append(numbered(1)));
}

TEST(LogIdempotence, what_the_broker_writes_itself_is_not_checked_for_sequences) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0));
    Bytes bytes = make_batch(numbered(9));
    EXPECT_TRUE(world.log->append(bytes, {.from_client = false}));
}

TEST(LogIdempotence, a_failed_write_leaves_the_state_as_it_was) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(0));
    world.faulty.fail({.calls = {DiskCall::write}, .code = ENOSPC, .effect = Fault::Effect::part});
    EXPECT_FALSE(world.append(numbered(1)));
    const auto again = world.append(numbered(1));
    EXPECT_FALSE(again->duplicate);
    EXPECT_EQ(again->base_offset, Offset{1});
}

TEST(LogIdempotence, duplicates_are_known_after_a_clean_stop_from_the_snapshot) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 6; ++i) (void)world.append(numbered(i));
    (void)world.log->close();
    EXPECT_TRUE(world.has("00000000000000000006.snapshot"));
    world.open();
    // The snapshot's format keeps the last batch of each producer; the others are in the log.
    for (int i = 1; i < 6; ++i) {
        EXPECT_EQ(world.append(numbered(i))->base_offset, Offset{i});
        EXPECT_TRUE(world.append(numbered(i))->duplicate);
    }
    EXPECT_EQ(world.append(numbered(0)).error(), ErrorCode::out_of_order_sequence_number);
    EXPECT_EQ(world.append(numbered(7)).error(), ErrorCode::out_of_order_sequence_number);
    EXPECT_FALSE(world.append(numbered(6))->duplicate);
}

TEST(LogIdempotence, duplicates_are_known_after_a_crash_from_the_log) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 6; ++i) (void)world.append(numbered(i));
    const auto before = world.log->producers();
    world.reopen_after_crash();
    EXPECT_EQ(world.log->producers(), before);
    for (int i = 1; i < 6; ++i) EXPECT_TRUE(world.append(numbered(i))->duplicate);
}

TEST(LogIdempotence, a_producer_in_a_segment_that_is_not_recovered_is_known_from_its_snapshot) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    (void)world.append(numbered(0));
    for (int i = 0; i < 50; ++i) (void)world.append({.value_size = 200});
    world.options.recovery_point = world.log->end_offset();
    world.reopen_after_crash();
    EXPECT_TRUE(world.append(numbered(0))->duplicate);
}

TEST(LogIdempotence, a_damaged_or_missing_snapshot_is_replaced_by_reading_the_log) {
    for (const bool missing : {true, false}) {
        LogWorld world;
        world.options.config.segment_bytes = 500;
        world.open();
        for (int i = 0; i < 20; ++i) (void)world.append(numbered(i));
        const auto before = world.log->producers();
        (void)world.log->close();
        for (const std::string& name : world.names()) {
            if (!name.ends_with(".snapshot")) continue;
            if (missing) {
                (void)world.disk->remove(world.path(name));
            } else {
                Bytes bytes = world.file(name);
                bytes.back() ^= std::byte(1);
                world.put_file(name, bytes);
            }
        }
        EXPECT_EQ(world.open().producers(), before) << missing;
    }
}

TEST(LogIdempotence, a_silent_producer_is_forgotten) {
    LogWorld world;
    world.open();
    (void)world.append(numbered(5));
    world.clock.advance_ms(int64_t{24} * 3600 * 1000 - 1);
    world.log->expire_producers();
    EXPECT_EQ(world.log->producers().size(), 1u);
    world.clock.advance_ms(1);
    world.log->expire_producers();
    EXPECT_EQ(world.log->producers().size(), 0u);
}

Result<AppendResult> end_transaction(LogWorld& world, bool commit, int32_t coordinator = 0) {
    Bytes marker = record::build_batch(record::EndTransactionMarker{
        .timestamp_ms = 2'000,
        .producer_id = producer,
        .producer_epoch = 0,
        .commit = commit,
        .coordinator_epoch = coordinator});
    return world.log->append(marker, {.from_client = false});
}

TestBatch transactional(int32_t sequence) {
    TestBatch batch = numbered(sequence);
    batch.transactional = true;
    return batch;
}

TEST(LogIdempotence, an_open_transaction_holds_the_last_stable_offset_back) {
    LogWorld world;
    world.open();
    (void)world.append({});
    (void)world.append(transactional(0));
    (void)world.append({});
    EXPECT_EQ(world.log->last_stable_offset(), Offset{1});
    EXPECT_EQ(world.log->high_watermark(), Offset{3});
    world.reopen_after_crash();
    EXPECT_EQ(world.log->last_stable_offset(), Offset{1});
    ASSERT_TRUE(end_transaction(world, true));
    EXPECT_EQ(world.log->last_stable_offset(), Offset{4});
    world.reopen_after_crash();
    EXPECT_EQ(world.log->last_stable_offset(), Offset{4});
}

TEST(LogIdempotence, in_class_disk_a_transaction_is_decided_when_its_marker_is_synced) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append(transactional(0));
    (void)world.log->flush();
    EXPECT_EQ(world.log->last_stable_offset(), Offset{0});
    (void)end_transaction(world, false);
    EXPECT_EQ(world.log->last_stable_offset(), Offset{0});
    (void)world.log->flush();
    EXPECT_EQ(world.log->last_stable_offset(), Offset{2});
}

TEST(LogIdempotence, a_plain_batch_within_a_transaction_is_refused) {
    LogWorld world;
    world.open();
    (void)world.append(transactional(0));
    EXPECT_EQ(world.append(numbered(1)).error(), ErrorCode::invalid_txn_state);
}

TEST(LogIdempotence, a_marker_of_an_old_coordinator_is_fenced) {
    LogWorld world;
    world.open();
    (void)world.append(transactional(0));
    ASSERT_TRUE(end_transaction(world, true, 4));
    (void)world.append(transactional(1));
    EXPECT_EQ(end_transaction(world, true, 3).error(),
              ErrorCode::transaction_coordinator_fenced);
}

}  // namespace
}  // namespace stoker::storage
