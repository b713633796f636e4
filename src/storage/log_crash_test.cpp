// What a log holds after crashes, power cuts, damage and failing disks.
#include <gtest/gtest.h>

#include <cerrno>

#include "base/big_endian.hpp"
#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

/// A log of five batches of two records, as one Bytes.
Bytes five_batches(LogWorld& world) {
    world.open();
    for (int i = 0; i < 5; ++i) {
        (void)world.append({.records = 2, .value_size = 20, .fill = char('a' + i)});
    }
    return world.file(first_log);
}

TEST(LogCrash, after_a_crash_that_the_page_cache_survives_nothing_is_lost) {
    LogWorld world;
    world.options.config.segment_bytes = 3'000;
    world.open();
    for (int i = 0; i < 100; ++i) (void)world.append({.records = 2, .value_size = 100});
    Log& log = world.reopen_after_crash();
    EXPECT_EQ(log.end_offset(), Offset{200});
    EXPECT_EQ(log.high_watermark(), Offset{200});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 100u);
    EXPECT_EQ(world.append({})->base_offset, Offset{200});
}

TEST(LogCrash, a_torn_tail_is_cut_at_the_last_valid_batch_wherever_it_was_torn) {
    LogWorld whole;
    const Bytes bytes = five_batches(whole);
    const size_t one = bytes.size() / 5;
    for (size_t size = bytes.size() - one; size < bytes.size(); ++size) {
        LogWorld world;
        world.put_file(first_log, ByteView(bytes).first(size));
        Log& log = world.reopen_after_crash();
        ASSERT_EQ(log.end_offset(), Offset{8}) << size;
        ASSERT_EQ(world.file(first_log).size(), bytes.size() - one) << size;
        ASSERT_EQ(world.append({})->base_offset, Offset{8});
        ASSERT_EQ(world.read_headers(Offset{0}).size(), 5u);
    }
}

TEST(LogCrash, zeros_at_the_end_are_cut) {
    LogWorld world;
    Bytes bytes = five_batches(world);
    const size_t size = bytes.size();
    bytes.resize(size + 10'000);
    world.put_file(first_log, bytes);
    EXPECT_EQ(world.reopen_after_crash().end_offset(), Offset{10});
    EXPECT_EQ(world.file(first_log).size(), size);
}

TEST(LogCrash, a_bit_flip_anywhere_costs_at_most_the_batch_it_hit) {
    LogWorld whole;
    const Bytes bytes = five_batches(whole);
    const size_t one = bytes.size() / 5;
    // The third batch; its leader epoch alone is under no checksum and takes no part in anything.
    for (size_t at = 2 * one; at < 3 * one; ++at) {
        if (at >= 2 * one + 12 && at < 2 * one + 16) continue;
        for (const int bit : {0, 6, 7}) {
            LogWorld world;
            Bytes flipped = bytes;
            flipped[at] ^= std::byte(1 << bit);
            world.put_file(first_log, flipped);
            Log& log = world.reopen_after_crash();
            ASSERT_EQ(log.end_offset(), Offset{10}) << at << " bit " << bit;
            const auto headers = world.read_headers(Offset{0});
            ASSERT_EQ(headers.size(), 4u) << at << " bit " << bit;
            ASSERT_EQ(headers[1].base_offset, Offset{2});
            ASSERT_EQ(headers[2].base_offset, Offset{6});
            const std::string kept =
                "00000000000000000000." + std::to_string(2 * one) + ".quarantine";
            ASSERT_TRUE(equal(world.file(kept), ByteView(flipped).subspan(2 * one, one)));
            // What was read past stays past: from the gap on, the next batch comes.
            ASSERT_EQ(world.read_headers(Offset{4})[0].base_offset, Offset{6});
        }
    }
}

TEST(LogCrash, damage_in_a_closed_segment_leaves_the_segments_behind_it_alone) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    for (int i = 0; i < 30; ++i) (void)world.append({.records = 2, .value_size = 100});
    const size_t batches = world.read_headers(Offset{0}).size();
    Bytes first = world.file(first_log);
    first[first.size() - 5] ^= std::byte(1);
    world.put_file(first_log, first);
    Log& log = world.reopen_after_crash();
    EXPECT_EQ(log.end_offset(), Offset{60});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), batches - 1);
}

TEST(LogCrash, a_write_that_a_power_cut_lost_ends_the_log_although_later_ones_are_there) {
    LogWorld whole;
    const Bytes bytes = five_batches(whole);
    const size_t one = bytes.size() / 5;
    LogWorld world;
    Bytes holed = bytes;
    std::fill_n(holed.begin() + ptrdiff_t(2 * one), one, std::byte{0});
    world.put_file(first_log, holed);
    world.options.power_was_cut = true;
    EXPECT_EQ(world.reopen_after_crash().end_offset(), Offset{4});
    EXPECT_EQ(world.append({})->base_offset, Offset{4});
    const std::string kept = "00000000000000000000." + std::to_string(2 * one) + ".quarantine";
    EXPECT_TRUE(equal(world.file(kept), ByteView(holed).subspan(2 * one)));
}

TEST(LogCrash, the_same_hole_where_all_was_synced_is_damage_and_costs_one_batch) {
    LogWorld whole;
    const Bytes bytes = five_batches(whole);
    const size_t one = bytes.size() / 5;
    LogWorld world;
    Bytes holed = bytes;
    std::fill_n(holed.begin() + ptrdiff_t(2 * one), one, std::byte{0});
    world.put_file(first_log, holed);
    world.options.power_was_cut = true;
    world.options.recovery_point = Offset{10};
    EXPECT_EQ(world.reopen_after_crash().end_offset(), Offset{10});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 4u);
}

TEST(LogCrash, segments_behind_lost_writes_go_with_them) {
    for (const size_t lost : {size_t{1}, size_t{100}, size_t{400}}) {
        LogWorld world;
        world.options.config.segment_bytes = 1'000;
        world.open();
        for (int i = 0; i < 30; ++i) (void)world.append({.records = 2, .value_size = 100});
        Bytes first = world.file(first_log);
        first.resize(first.size() - lost);
        world.put_file(first_log, first);
        world.options.power_was_cut = true;
        const Offset end = world.reopen_after_crash().end_offset();
        EXPECT_LT(end, Offset{10}) << lost;
        EXPECT_EQ(world.append({})->base_offset, end) << lost;
        // And after one more crash nothing else is gone.
        EXPECT_EQ(world.reopen_after_crash().end_offset(), end + 1) << lost;
    }
}

TEST(LogCrash, in_class_disk_a_segment_is_synced_before_the_next_one_begins) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append({});
    (void)world.log->flush();  // the folder and the file themselves
    while (world.log->segment_count() == 1)
        (void)world.append({.records = 2, .value_size = 100});
    LogWorld after(world.disk->after_power_cut(world.random, Loss::drop_all_unsynced));
    after.options.power_was_cut = true;
    const Offset end = after.reopen_after_crash().end_offset();
    EXPECT_GE(end, world.log->end_offset() - 2);
}

TEST(LogCrash, a_batch_inside_of_a_damaged_record_is_not_taken_for_one_of_the_log) {
    LogWorld world;
    world.open();
    (void)world.append({.value_size = 20});
    // A record that holds a whole batch, which looks as if it were the log's next one.
    Bytes inner = make_batch({.records = 3, .value_size = 20});
    record::assign_offsets(inner, Offset{2}, LeaderEpoch{0});
    record::BatchBuilder builder({});
    builder.append(1'000, std::nullopt, inner);
    ASSERT_TRUE(world.append_bytes(std::move(builder).build()));
    (void)world.append({.value_size = 20});
    Bytes bytes = world.file(first_log);
    const size_t second = make_batch({.value_size = 20}).size();
    bytes[second + record::field::crc] ^= std::byte(1);
    world.put_file(first_log, bytes);
    EXPECT_EQ(world.reopen_after_crash().end_offset(), Offset{3});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 2u);

    // And when the outer one is torn off behind it: its last byte counts its headers.
    bytes.resize(bytes.size() - second - 1);
    world.put_file(first_log, bytes);
    EXPECT_EQ(world.reopen_after_crash().end_offset(), Offset{1});
}

TEST(LogCrash, a_synced_end_that_is_damaged_does_not_give_its_offsets_out_again) {
    LogWorld world;
    Bytes bytes = five_batches(world);
    bytes.back() ^= std::byte(1);
    world.put_file(first_log, bytes);
    world.options.recovery_point = Offset{10};
    Log& log = world.reopen_after_crash();
    EXPECT_EQ(log.end_offset(), Offset{10});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 4u);
    EXPECT_EQ(world.append({})->base_offset, Offset{10});
    ASSERT_TRUE(log.close());
    world.options.clean = true;
    EXPECT_EQ(world.open().end_offset(), Offset{11});
    EXPECT_EQ(world.read_headers(Offset{8}).size(), 1u);
}

TEST(LogCrash, only_segments_from_the_recovery_point_on_are_read) {
    LogWorld world;
    world.options.config.segment_bytes = 100'000;
    world.open();
    for (int i = 0; i < 1'000; ++i) (void)world.append({.value_size = 1'000});
    const size_t segments = world.log->segment_count();
    // Rot in the first segment, which the checkpoint covers: nobody looks.
    Bytes first = world.file(first_log);
    first[500] ^= std::byte(1);
    world.put_file(first_log, first);
    world.options.recovery_point = Offset{950};
    const int64_t reads = world.faulty.calls(DiskCall::read);
    Log& log = world.reopen_after_crash();
    EXPECT_EQ(log.end_offset(), Offset{1'000});
    EXPECT_EQ(log.segment_count(), segments);
    EXPECT_LT(world.faulty.calls(DiskCall::read) - reads, 10);
    EXPECT_EQ(log.flushed_offset(), Offset{950});
}

TEST(LogCrash, missing_or_damaged_indexes_are_made_anew) {
    LogWorld world;
    world.options.config.segment_bytes = 50'000;
    world.open();
    for (int i = 0; i < 300; ++i) {
        (void)world.append({.value_size = 1'000, .timestamp_ms = 1'000 + i});
    }
    (void)world.log->close();
    const Bytes index = world.file(first_index);
    const Bytes times = world.file(first_time_index);
    ASSERT_GT(index.size(), 50u);

    for (const std::string_view name : {first_index, first_time_index}) {
        (void)world.disk->remove(world.path(name));
        world.open();
        EXPECT_EQ(world.read_headers(Offset{0}, 5'000).size(), 300u);
        EXPECT_EQ(world.log->offset_for_time(1'005)->offset, Offset{5});
    }
    EXPECT_TRUE(equal(world.file(first_index), index));
    EXPECT_TRUE(equal(world.file(first_time_index), times));

    // Any byte of it, or any length.
    for (size_t at = 0; at < index.size(); ++at) {
        Bytes damaged = index;
        damaged[at] ^= std::byte(0x41);
        world.put_file(first_index, damaged);
        world.open();
        for (const int from : {0, 7, 20, 40}) {
            const auto headers = world.read_headers(Offset{from}, 3'000);
            ASSERT_EQ(headers.size(), size_t(300 - from)) << at;
            ASSERT_EQ(headers[0].base_offset, Offset{from}) << at;
        }
        world.put_file(first_index, ByteView(index).first(at));
        world.open();
        ASSERT_EQ(world.read_headers(Offset{33}, 3'000).size(), 267u) << at;
    }
}

TEST(LogCrash, an_active_index_that_does_not_fit_is_made_anew_after_a_clean_stop) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 100; ++i) (void)world.append({.value_size = 1'000});
    (void)world.log->close();
    const Bytes index = world.file(first_index);
    Bytes preallocated = index;
    preallocated.resize(10 << 10);
    for (const Bytes& bad : {preallocated, Bytes(index.begin(), index.end() - 3), Bytes(800)}) {
        world.put_file(first_index, bad);
        EXPECT_EQ(world.open().end_offset(), Offset{100});
        EXPECT_EQ(world.read_headers(Offset{50}, 3'000).size(), 50u);
        (void)world.log->close();
        EXPECT_TRUE(equal(world.file(first_index), index));
    }
}

TEST(LogCrash, leftovers_of_deletions_and_replacements_are_removed) {
    LogWorld world;
    (void)five_batches(world);
    (void)world.log->close();
    for (const char* name : {"00000000000000000000.log.deleted", "00000000000000000007.log.cleaned",
                             "00000000000000000000.log.tmp", "leader-epoch-checkpoint.tmp",
                             "00000000000000000099.index", "00000000000000000099.timeindex",
                             "00000000000000000099.snapshot"}) {
        world.put_file(name, bytes_of("rubbish"));
    }
    EXPECT_EQ(world.open().end_offset(), Offset{10});
    EXPECT_EQ(world.names(), (std::vector<std::string>{
                                 "00000000000000000000.index", "00000000000000000000.log",
                                 "00000000000000000000.timeindex", "00000000000000000010.snapshot",
                                 "leader-epoch-checkpoint"}));
}

TEST(LogCrash, a_swap_of_apache_kafkas_cleaner_is_completed) {
    LogWorld world;
    const Bytes bytes = five_batches(world);
    (void)world.log->close();
    // The cleaner kept the last two of five batches.
    world.put_file("00000000000000000000.log.swap",
                   ByteView(bytes).subspan(bytes.size() / 5 * 3));
    world.put_file("00000000000000000000.index.swap", {});
    Log& log = world.reopen_after_crash();
    EXPECT_EQ(log.end_offset(), Offset{10});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 2u);
    EXPECT_FALSE(world.has("00000000000000000000.index.swap"));
}

TEST(LogCrash, a_swap_that_was_not_complete_does_not_count) {
    LogWorld world;
    const Bytes bytes = five_batches(world);
    (void)world.log->close();
    world.put_file("00000000000000000000.log.swap",
                   ByteView(bytes).subspan(bytes.size() / 5 * 3));
    world.put_file("00000000000000000000.timeindex.cleaned", {});
    (void)world.reopen_after_crash();
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 5u);
    EXPECT_FALSE(world.has("00000000000000000000.log.swap"));
    EXPECT_FALSE(world.has("00000000000000000000.timeindex.cleaned"));
}

TEST(LogCrash, the_indexes_of_a_swap_are_its_own) {
    LogWorld world;
    (void)five_batches(world);
    (void)world.log->close();
    const Bytes index = world.file(first_time_index);
    // The data have their name already, the indexes not yet.
    world.put_file("00000000000000000000.timeindex.swap", index);
    world.put_file(first_time_index, bytes_of("of the old segment"));
    (void)world.open();
    EXPECT_TRUE(equal(world.file(first_time_index), index));
    EXPECT_FALSE(world.has("00000000000000000000.timeindex.swap"));
}

TEST(LogCrash, a_damaged_epoch_file_is_made_anew_from_the_batches) {
    LogWorld world;
    world.open();
    (void)world.append({}, LeaderEpoch{2});
    (void)world.append({}, LeaderEpoch{4});
    world.put_file("leader-epoch-checkpoint", bytes_of("nonsense"));
    EXPECT_EQ(world.reopen_after_crash().latest_epoch(), LeaderEpoch{4});
    EXPECT_EQ(text_of(world.file("leader-epoch-checkpoint")), "0\n2\n2 0\n4 1\n");
}

TEST(LogCrash, epochs_are_known_after_a_power_cut_as_far_as_their_records_are) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.options.config.segment_bytes = 500;
    world.open();
    for (int i = 0; i < 6; ++i) {
        (void)world.append({.value_size = 200}, LeaderEpoch{i});
        if (i < 4) (void)world.log->flush();
    }
    LogWorld after(world.disk->after_power_cut(world.random, Loss::drop_all_unsynced));
    after.options.recovery_point = Offset{4};
    after.reopen_after_crash();
    EXPECT_EQ(after.log->end_offset(), Offset{4});
    EXPECT_EQ(text_of(after.file("leader-epoch-checkpoint")), "0\n4\n0 0\n1 1\n2 2\n3 3\n");
}

TEST(LogCrash, in_class_disk_a_power_cut_at_any_moment_loses_nothing_acknowledged) {
    for (const Loss loss : {Loss::drop_all_unsynced, Loss::random_subset, Loss::keep_all}) {
        LogWorld world;
        world.options.config.flush_messages = 1;
        world.options.config.segment_bytes = 1'500;
        Offset acknowledged{0};
        int cuts = 0;
        Random random(7);
        world.open();
        ASSERT_TRUE(world.log->flush());
        world.disk->on_operation([&](const DiskOperation& operation) {
            LogWorld after(world.disk->after_power_cut(random, loss));
            after.options.config = world.options.config;
            Log& log = after.reopen_after_crash();
            ASSERT_GE(log.end_offset(), acknowledged) << operation.number;
            ASSERT_EQ(log.high_watermark(), log.end_offset());
            const auto headers = after.read_headers(Offset{0});
            const Offset end = headers.empty() ? Offset{0} : headers.back().last_offset() + 1;
            ASSERT_EQ(end, log.end_offset()) << operation.number;
            int64_t records = 0;
            for (const auto& header : headers) records += header.record_count;
            ASSERT_EQ(records, raw(end)) << operation.number;
            ++cuts;
        });
        for (int i = 0; i < 20; ++i) {
            ASSERT_TRUE(world.append({.records = 2, .value_size = 150}));
            ASSERT_TRUE(world.log->flush());
            acknowledged = world.log->high_watermark();
        }
        world.disk->on_operation({});
        EXPECT_GT(cuts, 60);
    }
}

TEST(LogCrash, in_class_cache_a_power_cut_leaves_a_log_that_can_be_used) {
    LogWorld world;
    world.options.config.segment_bytes = 1'500;
    Random random(3);
    int cuts = 0;
    world.open();
    ASSERT_TRUE(world.log->flush());
    world.disk->on_operation([&](const DiskOperation& operation) {
        SCOPED_TRACE("operation " + std::to_string(operation.number));
        LogWorld after(world.disk->after_power_cut(random, Loss::random_subset));
        after.options.config = world.options.config;
        const Offset end = after.reopen_after_crash().end_offset();
        const auto headers = after.read_headers(Offset{0});
        ASSERT_TRUE(headers.empty() || headers.back().last_offset() < end);
        ASSERT_EQ(after.append({})->base_offset, end);
        ASSERT_TRUE(after.log->close());
        after.options.clean = true;
        ASSERT_EQ(after.open().end_offset(), end + 1);
        ASSERT_EQ(after.read_headers(Offset{0}).size(), headers.size() + 1);
        ++cuts;
    });
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(world.append({.records = 2, .value_size = 150}, LeaderEpoch{i / 10}));
        if (i % 16 == 15) {
            ASSERT_TRUE(world.log->flush());
        }
    }
    world.disk->on_operation({});
    EXPECT_GT(cuts, 60);
}

TEST(LogCrash, a_full_disk_answers_a_storage_error_and_goes_on_when_there_is_room) {
    LogWorld world;
    world.options.config.segment_bytes = 20'000;
    world.open();
    (void)world.append({.value_size = 1'000});
    world.disk->set_capacity(world.disk->used_bytes() + 8'192);
    int accepted = 1;
    while (world.append({.value_size = 3'000})) ++accepted;
    EXPECT_EQ(world.append({.value_size = 3'000}).error(), ErrorCode::kafka_storage_error);
    EXPECT_FALSE(world.directory.offline());
    EXPECT_TRUE(world.directory.full());
    EXPECT_EQ(world.read_headers(Offset{0}).size(), size_t(accepted));

    world.disk->set_capacity(MemoryDisk::default_capacity);
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(world.append({.value_size = 3'000}));
    EXPECT_FALSE(world.directory.full());
    EXPECT_EQ(world.read_headers(Offset{0}).size(), size_t(accepted + 30));
    world.reopen_after_crash();
    EXPECT_EQ(world.read_headers(Offset{0}).size(), size_t(accepted + 30));
}

TEST(LogCrash, a_failed_sync_retires_the_directory_and_is_not_repeated) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append({});
    int calls = 0;
    world.log->set_high_watermark_listener([&] { ++calls; });
    world.faulty.fail({.calls = {DiskCall::sync}});
    EXPECT_EQ(world.log->flush().error(), ErrorCode::kafka_storage_error);
    EXPECT_TRUE(world.directory.offline());
    EXPECT_EQ(world.log->high_watermark(), Offset{0});
    EXPECT_EQ(calls, 1);
    const int64_t syncs = world.faulty.calls(DiskCall::sync);
    EXPECT_EQ(world.log->flush().error(), ErrorCode::kafka_storage_error);
    EXPECT_EQ(world.faulty.calls(DiskCall::sync), syncs);
    EXPECT_EQ(world.append({}).error(), ErrorCode::kafka_storage_error);
    EXPECT_EQ(world.log->read({.from = Offset{0}, .max_bytes = 100}).error(),
              ErrorCode::kafka_storage_error);
}

TEST(LogCrash, a_failed_write_retires_the_directory) {
    LogWorld world;
    world.open();
    (void)world.append({});
    world.faulty.fail({.calls = {DiskCall::write}, .effect = Fault::Effect::part});
    EXPECT_EQ(world.append({}).error(), ErrorCode::kafka_storage_error);
    EXPECT_TRUE(world.directory.offline());
    EXPECT_NE(world.directory.reason(), "");
}

/// Appends, rolls, syncs and deletes in class `disk`, and returns up to where it was acknowledged.
Offset workload(LogWorld& world) {
    Offset acknowledged{0};
    const auto opened = world.try_open();
    if (!opened) return acknowledged;
    world.log = *opened;
    for (int i = 0; i < 12; ++i) {
        (void)world.append({.records = 2, .value_size = 150}, LeaderEpoch{i / 4});
        if (world.log->flush()) acknowledged = world.log->high_watermark();
        if (i == 8) (void)world.log->delete_old_segments();
    }
    (void)world.log->close();
    return acknowledged;
}

TEST(LogCrash, whichever_call_fails_nothing_acknowledged_is_lost) {
    for (const int code : {EIO, ENOSPC}) {
        for (const Fault::Effect effect : {Fault::Effect::nothing, Fault::Effect::part}) {
            for (int64_t n = 1;; ++n) {
                LogWorld world;
                world.options.config.flush_messages = 1;
                world.options.config.segment_bytes = 1'000;
                world.options.config.retention_bytes = 3'000;
                world.faulty.fail(
                    {.calls = changing_calls(), .nth = n, .code = code, .effect = effect});
                const Offset acknowledged = workload(world);
                const bool passed = world.faulty.faults() == 0;
                world.faulty.heal();
                world.log.reset();

                LogWorld after(world.disk->after_power_cut(world.random, Loss::drop_all_unsynced));
                after.options.config = world.options.config;
                Log& log = after.reopen_after_crash();
                ASSERT_GE(log.end_offset(), acknowledged) << n;
                const auto headers = after.read_headers(log.start_offset());
                if (!headers.empty()) {
                    ASSERT_EQ(headers.back().last_offset() + 1, log.end_offset()) << n;
                }
                ASSERT_TRUE(after.append({})) << n;
                if (passed) break;
                ASSERT_LT(n, 1'000);
            }
        }
    }
}

}  // namespace
}  // namespace stoker::storage
