#include "storage/log.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/big_endian.hpp"
#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

TEST(Log, index_entries_of_a_quiet_log_are_in_their_files_at_once) {
    LogWorld world;
    world.options.config.index_interval_bytes = 1;
    world.open();
    const auto entries = [&] {
        return read_file(*world.disk, join(world.folder, "00000000000000000000.index"))->size() /
               OffsetIndex::entry_size;
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.append({}));
    EXPECT_EQ(entries(), 1u) << "a busy log writes them together";
    world.clock.advance_ms(1000);
    ASSERT_TRUE(world.append({}));
    EXPECT_EQ(entries(), 3u);
}

TEST(Log, an_empty_log_begins_and_ends_at_zero) {
    LogWorld world;
    Log& log = world.open();
    EXPECT_EQ(log.start_offset(), Offset{0});
    EXPECT_EQ(log.end_offset(), Offset{0});
    EXPECT_EQ(log.high_watermark(), Offset{0});
    EXPECT_EQ(world.names(), (std::vector<std::string>{"00000000000000000000.index",
                                                       "00000000000000000000.log",
                                                       "00000000000000000000.timeindex"}));
}

TEST(Log, appending_gives_offsets_one_after_another) {
    LogWorld world;
    world.open();
    const auto first = world.append({.records = 3});
    const auto second = world.append({.records = 2});
    EXPECT_EQ(first->base_offset, Offset{0});
    EXPECT_EQ(first->last_offset, Offset{2});
    EXPECT_EQ(second->base_offset, Offset{3});
    EXPECT_EQ(second->last_offset, Offset{4});
    EXPECT_EQ(world.log->end_offset(), Offset{5});
    EXPECT_EQ(world.log->high_watermark(), Offset{5});
    EXPECT_EQ(world.log->last_stable_offset(), Offset{5});
}

TEST(Log, several_batches_of_one_request_are_appended_with_one_write) {
    LogWorld world;
    world.open();
    Bytes both = make_batch({.records = 2});
    const Bytes second = make_batch({.records = 3});
    both.insert(both.end(), second.begin(), second.end());
    const int64_t writes = world.faulty.calls(DiskCall::write);
    const auto result = world.append_bytes(both, LeaderEpoch::none);
    EXPECT_EQ(result->last_offset, Offset{4});
    EXPECT_EQ(world.faulty.calls(DiskCall::write), writes + 1);
    const auto headers = world.read_headers(Offset{0});
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[1].base_offset, Offset{2});
}

TEST(Log, the_leader_epoch_is_stamped_and_remembered) {
    LogWorld world;
    world.open();
    (void)world.append({.records = 2}, LeaderEpoch{3});
    (void)world.append({.records = 2}, LeaderEpoch{5});
    EXPECT_EQ(world.read_headers(Offset{0})[1].leader_epoch, LeaderEpoch{5});
    EXPECT_EQ(world.log->latest_epoch(), LeaderEpoch{5});
    EXPECT_EQ(world.log->epoch_of(Offset{1}), LeaderEpoch{3});
    EXPECT_EQ(world.log->end_of_epoch(LeaderEpoch{4}), (EpochEnd{LeaderEpoch{3}, Offset{2}}));
    EXPECT_EQ(text_of(world.file("leader-epoch-checkpoint")), "0\n2\n3 0\n5 2\n");
    (void)world.log->close();
    EXPECT_EQ(world.open().latest_epoch(), LeaderEpoch{5});
}

TEST(Log, log_append_time_is_stamped_and_answered) {
    LogWorld world;
    world.open();
    Bytes bytes = make_batch({.records = 2});
    const auto result =
        world.log->append(bytes, {.now_ms = 777'000, .log_append_time = true});
    EXPECT_EQ(result->log_append_time_ms, 777'000);
    const auto headers = world.read_headers(Offset{0});
    ASSERT_EQ(headers.size(), 1u);
    EXPECT_TRUE(headers[0].is_log_append_time());
    EXPECT_EQ(headers[0].max_timestamp, 777'000);
    EXPECT_EQ(world.append({})->log_append_time_ms, -1);
}

TEST(Log, a_request_larger_than_a_segment_is_refused) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    const auto result = world.append({.value_size = 1'000});
    EXPECT_EQ(result.error(), ErrorCode::record_list_too_large);
    EXPECT_EQ(world.log->end_offset(), Offset{0});
}

TEST(Log, reading_outside_of_the_log_is_out_of_range) {
    LogWorld world;
    world.open();
    (void)world.append({.records = 5});
    EXPECT_EQ(world.log->read({.from = Offset{6}, .max_bytes = 100}).error(),
              ErrorCode::offset_out_of_range);
    EXPECT_EQ(world.log->read({.from = Offset{-1}, .max_bytes = 100}).error(),
              ErrorCode::offset_out_of_range);
    EXPECT_EQ(world.log->read({.from = Offset{5}, .max_bytes = 100})->size, 0u);
}

TEST(Log, reading_begins_with_the_batch_that_contains_the_offset) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 3; ++i) (void)world.append({.records = 10});
    const auto headers = world.read_headers(Offset{15});
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[0].base_offset, Offset{10});
    EXPECT_EQ(world.next, Offset{30});
}

TEST(Log, a_first_batch_larger_than_the_limit_is_returned_whole_only_if_asked) {
    LogWorld world;
    world.open();
    (void)world.append({.value_size = 1'000});
    (void)world.append({.value_size = 1'000});
    const size_t one = make_batch({.value_size = 1'000}).size();
    EXPECT_EQ(world.read(Offset{0}, 10).size(), one);
    EXPECT_EQ(world.next, Offset{1});
    EXPECT_EQ(world.read(Offset{0}, 10, false).size(), 0u);
    EXPECT_EQ(world.next, Offset{0});
}

TEST(Log, the_limit_cuts_between_batches) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 2'000; ++i) (void)world.append({.value_size = 100});
    const size_t one = make_batch({.value_size = 100}).size();
    for (const size_t batches : {1u, 2u, 7u, 100u, 1'500u}) {
        for (const int64_t from : {0, 1, 399}) {
            const Bytes bytes = world.read(Offset{from}, batches * one + one / 2);
            EXPECT_EQ(bytes.size(), batches * one) << from;
            EXPECT_EQ(world.next, Offset{from + int64_t(batches)});
        }
    }
}

TEST(Log, nothing_at_or_behind_up_to_is_returned) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 100; ++i) (void)world.append({.records = 2, .value_size = 100});
    for (const int64_t up_to : {0, 2, 4, 100, 198}) {
        const auto result = world.log->read(
            {.from = Offset{0}, .max_bytes = 1 << 20, .up_to = Offset{up_to}});
        const size_t one = make_batch({.records = 2, .value_size = 100}).size();
        EXPECT_EQ(result->size, one * size_t(up_to) / 2);
        EXPECT_EQ(result->next, Offset{up_to});
    }
}

TEST(Log, a_full_segment_is_closed_and_named_by_its_first_offset) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    for (int i = 0; i < 10; ++i) (void)world.append({.records = 2, .value_size = 100});
    EXPECT_GT(world.log->segment_count(), 2u);
    EXPECT_TRUE(world.has("00000000000000000006.log"));
    EXPECT_TRUE(world.has("00000000000000000006.index"));
    EXPECT_TRUE(world.has("00000000000000000006.timeindex"));
    EXPECT_TRUE(world.has("00000000000000000006.snapshot"));
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 10u);
}

TEST(Log, segments_roll_by_the_time_between_their_records) {
    LogWorld world;
    world.options.config.segment_ms = 1'000;
    world.open();
    (void)world.append({.timestamp_ms = 5'000});
    (void)world.append({.timestamp_ms = 6'000});
    EXPECT_EQ(world.log->segment_count(), 1u);
    (void)world.append({.timestamp_ms = 6'001});
    EXPECT_EQ(world.log->segment_count(), 2u);
}

TEST(Log, segments_without_timestamps_roll_by_the_clock) {
    LogWorld world;
    world.options.config.segment_ms = 1'000;
    world.open();
    (void)world.append({.timestamp_ms = -1});
    world.clock.advance_ms(1'001);
    (void)world.append({.timestamp_ms = -1});
    EXPECT_EQ(world.log->segment_count(), 2u);
}

TEST(Log, a_segment_rolls_when_its_index_is_full) {
    LogWorld world;
    world.options.config.segment_index_bytes = 8 * 10;
    world.options.config.index_interval_bytes = 0;
    world.open();
    for (int i = 0; i < 12; ++i) (void)world.append({.timestamp_ms = i});
    // Room for six entries of twelve bytes, of which one is kept for the end: five, and it rolls.
    EXPECT_EQ(world.log->segment_count(), 2u);
}

TEST(Log, a_segment_rolls_before_its_offsets_need_more_than_31_bits) {
    LogWorld world;
    world.open();
    (void)world.append({});
    // A batch that says that it has 2^31-1 offsets; the log does not look into it.
    for (int i = 0; i < 2; ++i) {
        Bytes wide = make_batch({});
        store_big_endian(wide.data() + record::field::last_offset_delta,
                         std::numeric_limits<int32_t>::max() - 1);
        ASSERT_TRUE(world.append_bytes(wide));
    }
    // The first ends exactly at the largest relative offset.
    EXPECT_EQ(world.log->segment_count(), 2u);
    EXPECT_EQ(world.log->end_offset(), Offset{1 + 2 * int64_t{2'147'483'647}});
}

TEST(Log, reading_goes_on_in_the_next_segment) {
    LogWorld world;
    world.options.config.segment_bytes = 2'000;
    world.open();
    for (int i = 0; i < 100; ++i) (void)world.append({.value_size = 300});
    EXPECT_GT(world.log->segment_count(), 10u);
    for (int from = 0; from < 100; ++from) {
        const auto headers = world.read_headers(Offset{from});
        ASSERT_EQ(headers.size(), size_t(100 - from));
        EXPECT_EQ(headers[0].base_offset, Offset{from});
    }
}

TEST(Log, a_reader_at_the_tail_reads_no_file) {
    LogWorld world;
    world.open();
    (void)world.append({.value_size = 1'000});
    (void)world.read(Offset{0});
    const int64_t reads = world.faulty.calls(DiskCall::read);
    for (int i = 1; i < 50; ++i) {
        (void)world.append({.value_size = 1'000});
        const auto result = world.log->read({.from = Offset{i}, .max_bytes = 1 << 20});
        EXPECT_EQ(result->next, Offset{i + 1});
    }
    EXPECT_EQ(world.faulty.calls(DiskCall::read), reads);
}

TEST(Log, a_read_that_may_not_block_says_so_when_the_disk_is_needed) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 500; ++i) (void)world.append({.value_size = 1'000});
    world.disk->set_cold(true);
    ReadOptions options{.from = Offset{77}, .max_bytes = 1 << 20, .may_block = false};
    EXPECT_TRUE(world.log->read(options)->would_block);
    options.may_block = true;
    EXPECT_FALSE(world.log->read(options)->would_block);
}

TEST(Log, an_offset_stays_readable_after_it_was_opened_again) {
    LogWorld world;
    world.options.config.segment_bytes = 5'000;
    world.open();
    for (int i = 0; i < 200; ++i) (void)world.append({.records = 3, .value_size = 100});
    (void)world.log->close();
    Log& log = world.open();
    EXPECT_EQ(log.end_offset(), Offset{600});
    EXPECT_EQ(log.flushed_offset(), Offset{600});
    EXPECT_EQ(world.read_headers(Offset{301}).size(), 100u);
    EXPECT_EQ(world.append({})->base_offset, Offset{600});
}

TEST(Log, opening_after_a_clean_stop_reads_little) {
    LogWorld world;
    world.open();
    for (int i = 0; i < 1'000; ++i) (void)world.append({.value_size = 1'000});
    (void)world.log->close();
    const int64_t reads = world.faulty.calls(DiskCall::read);
    world.open();
    EXPECT_LT(world.faulty.calls(DiskCall::read) - reads, 20);
}

TEST(Log, appending_after_close_fails) {
    LogWorld world;
    world.open();
    (void)world.append({});
    ASSERT_TRUE(world.log->close());
    EXPECT_EQ(world.append({}).error(), ErrorCode::kafka_storage_error);
}

TEST(Log, a_deleted_log_answers_that_it_is_unknown) {
    LogWorld world;
    world.open();
    (void)world.append({});
    world.log->mark_deleted();
    EXPECT_EQ(world.append({}).error(), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(world.log->flush().error(), ErrorCode::unknown_topic_or_partition);
}

TEST(Log, in_class_cache_the_high_watermark_follows_the_end_at_once) {
    LogWorld world;
    world.open();
    (void)world.append({});
    EXPECT_EQ(world.log->high_watermark(), Offset{1});
    EXPECT_EQ(world.log->flushed_offset(), Offset{0});
}

TEST(Log, in_class_disk_the_high_watermark_waits_for_the_sync) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    int calls = 0;
    world.log->set_high_watermark_listener([&] { ++calls; });
    (void)world.append({.records = 3});
    EXPECT_EQ(world.log->high_watermark(), Offset{0});
    EXPECT_TRUE(world.log->take_flush_request());
    EXPECT_EQ(world.log->flush(), Offset{3});
    EXPECT_EQ(world.log->high_watermark(), Offset{3});
    EXPECT_EQ(calls, 1);
}

TEST(Log, one_sync_covers_all_that_was_appended_before) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append({});
    (void)world.log->flush();
    const int64_t syncs = world.faulty.calls(DiskCall::sync);
    for (int i = 0; i < 100; ++i) (void)world.append({});
    EXPECT_EQ(world.log->flush(), Offset{101});
    EXPECT_EQ(world.faulty.calls(DiskCall::sync), syncs + 1);
    EXPECT_EQ(world.log->flush(), Offset{101});
    EXPECT_EQ(world.faulty.calls(DiskCall::sync), syncs + 1);
}

TEST(Log, a_flush_is_asked_for_after_as_many_records_as_configured) {
    LogWorld world;
    world.options.config.flush_messages = 10;
    world.open();
    (void)world.append({.records = 9});
    EXPECT_FALSE(world.log->take_flush_request());
    (void)world.append({});
    EXPECT_TRUE(world.log->take_flush_request());
    EXPECT_EQ(world.log->high_watermark(), Offset{10});
}

TEST(Log, changing_to_class_cache_lets_the_high_watermark_catch_up) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append({});
    world.log->update_config({});
    EXPECT_EQ(world.log->high_watermark(), Offset{1});
}

TEST(Log, what_is_not_synced_has_an_age) {
    LogWorld world;
    world.open();
    EXPECT_EQ(world.log->unflushed_age_ms(), std::nullopt);
    (void)world.append({});
    world.clock.advance_ms(50);
    (void)world.append({});
    EXPECT_EQ(world.log->unflushed_age_ms(), 50);
    (void)world.log->flush();
    EXPECT_EQ(world.log->unflushed_age_ms(), std::nullopt);
}

TEST(Log, memory_that_was_given_back_is_not_missed) {
    LogWorld world;
    world.options.config.segment_bytes = 10'000;
    world.open();
    for (int i = 0; i < 100; ++i) (void)world.append({.value_size = 500});
    (void)world.log->flush();
    world.log->release_memory();
    EXPECT_EQ(world.read_headers(Offset{3}).size(), 97u);
    EXPECT_EQ(world.append({})->base_offset, Offset{100});
    EXPECT_EQ(world.read_headers(Offset{99}).size(), 2u);
}

}  // namespace
}  // namespace stoker::storage
