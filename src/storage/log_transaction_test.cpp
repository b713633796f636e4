// Transactions as a log sees them (KIP-98, KIP-890): who may begin one, how one ends, which were
// aborted, and that all of it is so after crashes.
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

constexpr std::string_view first_transaction_index = "00000000000000000000.txnindex";

TestBatch data(int64_t producer, int32_t sequence, int16_t epoch = 0) {
    return {.producer = ProducerId{producer},
            .epoch = epoch,
            .sequence = sequence,
            .transactional = true};
}

struct MarkerOptions {
    int16_t epoch = 0;
    int32_t coordinator = 0;
    int16_t transaction_version = 0;
};

Result<AppendResult> end(LogWorld& world, int64_t producer, bool commit,
                         MarkerOptions options = {}) {
    Bytes marker = record::build_batch(
        record::EndTransactionMarker{.timestamp_ms = 2'000,
                                     .producer_id = ProducerId{producer},
                                     .producer_epoch = options.epoch,
                                     .commit = commit,
                                     .coordinator_epoch = options.coordinator});
    return world.log->append(marker, {.from_client = false,
                                      .transaction_version = options.transaction_version});
}

Result<AppendResult> append_with(LogWorld& world, const TestBatch& batch,
                                 VerificationGuard guard) {
    Bytes bytes = make_batch(batch);
    return world.log->append(bytes, {.now_ms = world.clock.wall_ms(), .verification = guard});
}

VerificationGuard guard_for(LogWorld& world, const TransactionStart& start) {
    return world.log->begin_verification(start).value();
}

std::vector<AbortedTransaction> aborted(LogWorld& world, int64_t from, int64_t up_to) {
    return world.log->aborted_transactions(Offset{from}, Offset{up_to}, true).value().value();
}

// Verification -----------------------------------------------------------------------------------

TEST(LogVerification, a_transaction_begins_only_with_a_guard) {
    LogWorld world;
    world.open();
    EXPECT_EQ(append_with(world, data(1, 0), VerificationGuard::none).error(),
              ErrorCode::invalid_txn_state);
    const auto guard = guard_for(world, {ProducerId{1}, 0, 0});
    EXPECT_NE(guard, VerificationGuard::none);
    EXPECT_EQ(guard_for(world, {ProducerId{1}, 0, 0}), guard);
    EXPECT_TRUE(append_with(world, data(1, 0), guard));
    EXPECT_EQ(guard_for(world, {ProducerId{1}, 0, 1}), VerificationGuard::none);
    EXPECT_TRUE(append_with(world, data(1, 1), VerificationGuard::none));
}

TEST(LogVerification, a_guard_of_the_last_transaction_does_not_begin_the_next) {
    LogWorld world;
    world.open();
    const auto guard = guard_for(world, {ProducerId{1}, 0, 0});
    ASSERT_TRUE(append_with(world, data(1, 0), guard));
    ASSERT_TRUE(end(world, 1, true));
    EXPECT_EQ(append_with(world, data(1, 1), guard).error(), ErrorCode::invalid_txn_state);
    // Nor does one that was asked for before a marker came.
    const auto next = guard_for(world, {ProducerId{1}, 0, 1});
    ASSERT_TRUE(end(world, 1, false));
    EXPECT_EQ(append_with(world, data(1, 1), next).error(), ErrorCode::invalid_txn_state);
}

TEST(LogVerification, a_batch_does_not_overtake_one_that_waits) {
    LogWorld world;
    world.open();
    const auto guard = guard_for(world, {ProducerId{1}, 0, 0});
    ASSERT_EQ(guard_for(world, {ProducerId{1}, 0, 5}), guard);
    EXPECT_EQ(append_with(world, data(1, 5), guard).error(),
              ErrorCode::out_of_order_sequence_number);
    EXPECT_TRUE(append_with(world, data(1, 0), guard));
}

TEST(LogVerification, an_unknown_producer_of_transactions_v2_begins_with_sequence_0) {
    LogWorld world;
    world.open();
    const auto guard = guard_for(world, {ProducerId{1}, 0, 3, true});
    EXPECT_EQ(append_with(world, data(1, 3), guard).error(),
              ErrorCode::out_of_order_sequence_number);
    const auto older = guard_for(world, {ProducerId{2}, 0, 3});
    EXPECT_TRUE(append_with(world, data(2, 3), older));
}

TEST(LogVerification, an_older_epoch_is_told_so_before_anything_else) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0, 5));
    ASSERT_TRUE(end(world, 1, true, {.epoch = 5}));
    EXPECT_EQ(append_with(world, data(1, 1, 4), VerificationGuard::none).error(),
              ErrorCode::invalid_producer_epoch);
    EXPECT_EQ(world.log->begin_verification({ProducerId{1}, 4, 1}).error(),
              ErrorCode::invalid_producer_epoch);
}

TEST(LogVerification, a_repeated_batch_needs_no_guard) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0));
    ASSERT_TRUE(end(world, 1, true));
    const auto again = append_with(world, data(1, 0), VerificationGuard::none);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate);
}

TEST(LogVerification, a_guard_is_forgotten_with_its_producer) {
    LogWorld world;
    world.open();
    const auto guard = guard_for(world, {ProducerId{1}, 0, 0});
    world.clock.advance_ms(int64_t{24} * 3600 * 1000);
    world.log->expire_producers();
    EXPECT_EQ(append_with(world, data(1, 0), guard).error(), ErrorCode::invalid_txn_state);
}

TEST(LogVerification, has_room_for_so_many_producers_at_one_time) {
    LogWorld world;
    world.open();
    const auto last = int64_t(TransactionVerifications::entries_max);
    for (int64_t i = 0; i < last; ++i) {
        (void)guard_for(world, {ProducerId{i}, 0, 0});
    }
    const auto refused = guard_for(world, {ProducerId{last}, 0, 0});
    EXPECT_EQ(append_with(world, data(last, 0), refused).error(), ErrorCode::invalid_txn_state);
    const auto known = guard_for(world, {ProducerId{last - 1}, 0, 0});
    EXPECT_TRUE(append_with(world, data(last - 1, 0), known));
    world.clock.advance_ms(TransactionVerifications::crowded_age_ms);
    (void)guard_for(world, {ProducerId{last + 1}, 0, 0});
    (void)guard_for(world, {ProducerId{last + 2}, 0, 0});
    const auto later = guard_for(world, {ProducerId{last}, 0, 0});
    EXPECT_TRUE(append_with(world, data(last, 0), later));
}

// Markers ----------------------------------------------------------------------------------------

TEST(LogMarkers, in_transactions_v2_a_marker_that_is_not_above_the_open_epoch_is_late) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0, 3));
    EXPECT_EQ(end(world, 1, true, {.epoch = 3, .transaction_version = 2}).error(),
              ErrorCode::invalid_producer_epoch);
    ASSERT_TRUE(end(world, 1, true, {.epoch = 4, .transaction_version = 2}));
    // The same marker again, as after an answer that was lost: nothing is open.
    EXPECT_TRUE(end(world, 1, true, {.epoch = 4, .transaction_version = 2}));
    // In the next transaction it is a late one.
    (void)world.append(data(1, 0, 4));
    EXPECT_EQ(end(world, 1, true, {.epoch = 4, .transaction_version = 2}).error(),
              ErrorCode::invalid_producer_epoch);
    EXPECT_EQ(world.log->last_stable_offset(), Offset{3});
}

TEST(LogMarkers, above_the_last_epoch_there_is_none_that_a_marker_could_have) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0, 32767));
    EXPECT_TRUE(end(world, 1, false, {.epoch = 32767, .transaction_version = 2}));
    EXPECT_EQ(world.log->last_stable_offset(), Offset{2});
}

TEST(LogMarkers, in_transactions_v1_a_marker_has_the_epoch_of_its_transaction) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0, 3));
    EXPECT_EQ(end(world, 1, true, {.epoch = 2}).error(), ErrorCode::invalid_producer_epoch);
    EXPECT_TRUE(end(world, 1, true, {.epoch = 3}));
}

TEST(LogMarkers, after_a_marker_the_producers_older_epochs_are_fenced) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0, 3));
    ASSERT_TRUE(end(world, 1, false, {.epoch = 4}));
    EXPECT_EQ(world.append(data(1, 1, 3)).error(), ErrorCode::invalid_producer_epoch);
    EXPECT_TRUE(world.append(data(1, 0, 4)));
}

TEST(LogMarkers, what_producers_are_told_has_the_transaction_and_its_coordinator) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0));
    ASSERT_TRUE(end(world, 1, true, {.coordinator = 6}));
    (void)world.append(data(1, 1));
    const auto entries = world.log->producers();
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].coordinator_epoch, 6);
    EXPECT_EQ(entries[0].transaction_start, Offset{2});
}

TEST(LogMarkers, deleting_the_records_of_an_open_transaction_lets_the_stable_offset_go) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0));
    for (int i = 0; i < 4; ++i) (void)world.append({});
    EXPECT_EQ(world.log->last_stable_offset(), Offset{0});
    ASSERT_TRUE(world.log->delete_records_before(Offset{3}));
    EXPECT_EQ(world.log->last_stable_offset(), Offset{3});
}

// The index of aborted transactions --------------------------------------------------------------

TEST(LogAborted, a_log_without_aborted_transactions_has_no_index_of_them) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0));
    ASSERT_TRUE(end(world, 1, true));
    ASSERT_TRUE(end(world, 2, false)) << "a marker without any data";
    EXPECT_FALSE(world.has(first_transaction_index));
    EXPECT_TRUE(aborted(world, 0, 10).empty());
}

TEST(LogAborted, aborted_transactions_are_found_where_they_overlap) {
    LogWorld world;
    world.open();
    (void)world.append(data(1, 0));   // 0
    (void)world.append(data(2, 0));   // 1
    ASSERT_TRUE(end(world, 2, false));  // 2, while 1 is open
    (void)world.append({});           // 3
    ASSERT_TRUE(end(world, 1, false));  // 4
    const AbortedTransaction second{ProducerId{2}, Offset{1}, Offset{2}, Offset{0}};
    const AbortedTransaction first{ProducerId{1}, Offset{0}, Offset{4}, Offset{5}};
    EXPECT_EQ(aborted(world, 0, 5), (std::vector{second, first}));
    EXPECT_EQ(aborted(world, 3, 5), std::vector{first});
    EXPECT_EQ(aborted(world, 0, 1), std::vector{first});
    EXPECT_TRUE(aborted(world, 5, 9).empty());
    EXPECT_EQ(world.file(first_transaction_index).size(), 2 * aborted_transaction_size);
    EXPECT_EQ(world.log->last_stable_offset(), Offset{5});
}

TEST(LogAborted, a_transaction_over_several_segments_is_in_the_index_of_its_marker) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    for (int i = 0; i < 30; ++i) (void)world.append(data(1, i));
    const auto marker = end(world, 1, false);
    ASSERT_TRUE(marker);
    ASSERT_GT(world.log->segment_count(), 2u);
    EXPECT_EQ(aborted(world, 0, 5).size(), 1u);
    EXPECT_EQ(aborted(world, 25, 30).size(), 1u);
    EXPECT_FALSE(world.has(first_transaction_index));
    EXPECT_EQ(world.log->aborted_transactions(Offset{0}, Offset{5}, true)->value().front().last,
              marker->base_offset);
}

TEST(LogAborted, it_is_so_after_a_clean_stop_and_after_a_crash) {
    for (const bool clean : {true, false}) {
        LogWorld world;
        world.options.config.segment_bytes = 700;
        world.open();
        int32_t sequences[3] = {0, 0, 0};
        for (int i = 0; i < 40; ++i) {
            const int producer = i % 3;
            (void)world.append(data(producer, sequences[producer]++));
            if (i % 4 == 3) (void)end(world, producer, i % 8 == 3);
        }
        const auto before = aborted(world, 0, 100);
        const Offset stable = world.log->last_stable_offset();
        const auto producers = world.log->producers();
        ASSERT_GT(before.size(), 3u);
        if (clean) {
            ASSERT_TRUE(world.log->close());
        }
        world.options.clean = clean;
        world.open();
        EXPECT_EQ(aborted(world, 0, 100), before) << clean;
        EXPECT_EQ(world.log->last_stable_offset(), stable) << clean;
        for (size_t i = 0; i < producers.size(); ++i) {
            EXPECT_EQ(world.log->producers()[i].transaction_start, producers[i].transaction_start);
            EXPECT_EQ(world.log->producers()[i].coordinator_epoch, producers[i].coordinator_epoch);
        }
    }
}

TEST(LogAborted, an_index_that_cannot_be_right_is_made_anew_from_the_log) {
    for (const bool clean : {true, false}) {
        LogWorld world;
        world.open();
        for (int i = 0; i < 5; ++i) {
            (void)world.append(data(1, i));
            ASSERT_TRUE(end(world, 1, false));
        }
        const auto before = aborted(world, 0, 100);
        ASSERT_TRUE(world.log->close());
        const Bytes good = world.file(first_transaction_index);
        world.options.clean = clean;
        // All is below the recovery point: nothing but the damage asks for a look at the segment.
        world.options.recovery_point = world.log->end_offset();
        for (size_t size : {size_t{1}, size_t{33}, good.size() - 1}) {
            world.put_file(first_transaction_index, ByteView(good).first(size));
            world.open();
            EXPECT_EQ(aborted(world, 0, 100), before) << size;
            EXPECT_EQ(world.file(first_transaction_index), good);
            ASSERT_TRUE(world.log->close());
        }
        Bytes behind = good;
        behind[good.size() - 9] = std::byte(0x7f);  // the last marker
        world.put_file(first_transaction_index, behind);
        world.open();
        EXPECT_EQ(aborted(world, 0, 100), before);
    }
}

TEST(LogAborted, it_goes_with_its_segment) {
    LogWorld world;
    world.options.config.retention_ms = -1;
    world.options.config.segment_bytes = 500;
    world.open();
    for (int i = 0; i < 20; ++i) {
        (void)world.append(data(1, i));
        ASSERT_TRUE(end(world, 1, false));
    }
    ASSERT_TRUE(world.has(first_transaction_index));
    ASSERT_TRUE(world.log->delete_records_before(Offset{30}));
    const auto renamed = world.log->delete_old_segments();
    ASSERT_TRUE(renamed);
    EXPECT_FALSE(world.has(first_transaction_index));
    EXPECT_TRUE(world.has(std::string(first_transaction_index) + ".deleted"));
    for (const auto& name : world.names()) {
        if (name.ends_with(".txnindex")) {
            EXPECT_TRUE(world.has(name.substr(0, 20) + ".log"));
        }
    }
    EXPECT_EQ(aborted(world, 30, 40).size(), 5u);
}

/// One record and the marker that aborts it, over and over: a marker is at each odd offset.
void abort_over_and_over(LogWorld& world, int times, std::set<int64_t>& acknowledged) {
    for (int32_t i = 0; i < times; ++i) {
        if (!world.append(data(1, i))) return;
        const auto marker = end(world, 1, false);
        if (!marker) return;
        acknowledged.insert(raw(marker->base_offset));
    }
}

/// The index has the markers that are in the log and end something there: all of them, no others.
void expect_index_of_markers(LogWorld& world) {
    std::vector<AbortedTransaction> expected;
    std::optional<Offset> open;
    for (const auto& header : world.read_headers(Offset{0})) {
        if (!header.is_control()) open = open.value_or(header.base_offset);
        if (!header.is_control() || !open) continue;
        expected.push_back(
            {ProducerId{1}, *open, header.base_offset, header.base_offset + 1});
        open.reset();
    }
    ASSERT_EQ(aborted(world, 0, 1'000), expected);
    // And goes on from there.
    if (!open) {
        ASSERT_TRUE(world.append(data(2, 0)));
    }
    ASSERT_TRUE(end(world, open ? 1 : 2, false));
    ASSERT_EQ(aborted(world, 0, 1'000).size(), expected.size() + 1);
}

TEST(LogAborted, after_a_kill_at_any_operation_the_index_is_that_of_the_log) {
    LogWorld world;
    world.options.config.segment_bytes = 500;
    world.open();
    std::set<int64_t> acknowledged;
    std::vector<std::unique_ptr<MemoryDisk>> moments;
    std::vector<size_t> known;
    world.disk->on_operation([&](const DiskOperation&) {
        moments.push_back(world.disk->clone());
        known.push_back(acknowledged.size());
    });
    abort_over_and_over(world, 10, acknowledged);
    world.disk->on_operation(nullptr);
    ASSERT_GT(moments.size(), 30u);
    for (size_t i = 0; i < moments.size(); ++i) {
        SCOPED_TRACE(i);
        LogWorld after(std::move(moments[i]));
        after.options.config.segment_bytes = 500;
        after.reopen_after_crash();
        ASSERT_GE(aborted(after, 0, 1'000).size(), known[i]);
        expect_index_of_markers(after);
        if (HasFatalFailure()) return;
    }
}

TEST(LogAborted, when_any_call_of_the_disk_fails_the_index_is_that_of_the_log) {
    for (int64_t call = 1;; ++call) {
        bool failed = false;
        for (const int code : {EIO, ENOSPC}) {
            for (const auto effect : {Fault::Effect::nothing, Fault::Effect::part}) {
                SCOPED_TRACE(call);
                LogWorld world;
                world.options.config.segment_bytes = 500;
                world.open();
                std::set<int64_t> acknowledged;
                world.faulty.fail({.calls = changing_calls(),
                                   .path_part = "",
                                   .nth = call,
                                   .code = code,
                                   .effect = effect});
                abort_over_and_over(world, 6, acknowledged);
                failed |= world.faulty.faults() > 0;
                world.faulty.heal();
                if (!world.directory.offline()) {
                    // The disk was full for a moment: the open one goes on.
                    expect_index_of_markers(world);
                    if (HasFatalFailure()) return;
                }
                LogWorld after(world.disk->clone());
                after.options.config.segment_bytes = 500;
                after.reopen_after_crash();
                ASSERT_GE(aborted(after, 0, 1'000).size(), acknowledged.size());
                if (world.directory.offline()) expect_index_of_markers(after);
                if (HasFatalFailure()) return;
            }
        }
        if (!failed) break;
    }
}

TEST(LogAborted, in_class_disk_a_power_cut_at_any_operation_leaves_the_index_of_the_log) {
    for (const auto loss : {Loss::drop_all_unsynced, Loss::random_subset}) {
        LogWorld world;
        world.options.config.segment_bytes = 500;
        world.options.config.flush_messages = 1;
        world.open();
        Random random(7);
        int64_t acknowledged = 0;
        std::vector<std::pair<std::unique_ptr<MemoryDisk>, int64_t>> moments;
        world.disk->on_operation([&](const DiskOperation&) {
            moments.emplace_back(world.disk->after_power_cut(random, loss), acknowledged);
        });
        for (int32_t i = 0; i < 8; ++i) {
            ASSERT_TRUE(world.append(data(1, i)));
            ASSERT_TRUE(end(world, 1, false));
            ASSERT_TRUE(world.log->flush());
            acknowledged = raw(world.log->high_watermark());
        }
        world.disk->on_operation(nullptr);
        for (size_t i = 0; i < moments.size(); ++i) {
            SCOPED_TRACE(i);
            LogWorld after(std::move(moments[i].first));
            after.options.config.segment_bytes = 500;
            after.options.recovery_point = Offset{0};
            after.reopen_after_crash();
            ASSERT_GE(raw(after.log->end_offset()), moments[i].second);
            expect_index_of_markers(after);
            if (HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace stoker::storage
