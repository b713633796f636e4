// What compaction keeps, what it drops, and when.
#include "storage/log_cleaner.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/checkpoint_file.hpp"
#include "storage/cleaner_world.hpp"
#include "storage/producer_snapshot.hpp"

namespace stoker::storage {
namespace {

using Texts = std::vector<std::string>;

TEST(LogCleaner, the_last_record_of_each_key_stays_at_its_offset) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("b", "1");
    world.put("a", "2");
    world.put("c", "1");
    world.put("b", "2");
    EXPECT_EQ(world.roll_and_clean(), 1);
    EXPECT_EQ(world.texts(), (Texts{"2:a=2", "3:c=1", "4:b=2"}));
    EXPECT_EQ(world.log->start_offset(), Offset{0});
    EXPECT_EQ(world.log->end_offset(), Offset{5});
    EXPECT_EQ(world.clean(), 0);
}

TEST(LogCleaner, the_active_segment_is_left_alone) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("a", "2");
    EXPECT_EQ(world.clean(), 0);
    ASSERT_TRUE(world.log->roll());
    world.put("a", "3");
    EXPECT_EQ(world.clean(), 1);
    EXPECT_EQ(world.texts(), (Texts{"1:a=2", "2:a=3"}));
}

TEST(LogCleaner, a_read_that_begins_in_a_hole_gets_the_next_record) {
    CleanerWorld world;
    for (int i = 0; i < 100; ++i) world.put("key " + std::to_string(i % 3), "v");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"97:key 1=v", "98:key 2=v", "99:key 0=v"}));
    for (const int from : {0, 1, 50, 96, 97}) {
        ASSERT_EQ(world.records(Offset{from}).front().offset, Offset{97}) << from;
    }
    const auto last = world.log->read({.from = Offset{10}, .max_bytes = 1});
    EXPECT_EQ(last->next, Offset{98});
}

TEST(LogCleaner, a_batch_of_many_records_keeps_its_codec_and_its_bounds) {
    for (const record::Codec codec : {record::Codec::none, record::Codec::gzip,
                                      record::Codec::snappy, record::Codec::lz4,
                                      record::Codec::zstd}) {
        CleanerWorld world;
        ASSERT_TRUE(world.append({{"a", "1", 10}, {"b", "1", 20}, {"a", "2", 30}, {"c", "1", 5}},
                                 {.codec = codec}));
        ASSERT_TRUE(world.append({{"c", "2"}}));
        world.roll_and_clean();
        EXPECT_EQ(world.texts(), (Texts{"1:b=1", "2:a=2", "4:c=2"}));
        const auto headers = world.headers();
        ASSERT_EQ(headers.size(), 2u);
        EXPECT_EQ(headers[0].codec(), codec);
        EXPECT_EQ(headers[0].base_offset, Offset{0});
        EXPECT_EQ(headers[0].last_offset(), Offset{3});
        EXPECT_EQ(headers[0].max_timestamp, 30);
    }
}

TEST(LogCleaner, a_batch_that_loses_nothing_is_the_same_bytes) {
    CleanerWorld world;
    ASSERT_TRUE(world.append({{"a", "1"}, {"b", "1"}}, {.codec = record::Codec::zstd}));
    world.put("c", "1");
    const auto before = world.batches();
    world.roll_and_clean();
    EXPECT_EQ(world.batches(), before);
}

TEST(LogCleaner, a_tombstone_stays_until_its_horizon_has_passed) {
    CleanerWorld world;
    world.put("a", "1");
    world.remove("a");
    world.put("b", "1");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:a", "2:b=1"}));
    const auto header = world.headers().front();
    EXPECT_TRUE(header.has_delete_horizon());
    EXPECT_EQ(header.base_timestamp, world.clock.wall_ms() + 100'000);
    EXPECT_EQ(world.records().front().record.timestamp_ms, 1'000);

    world.clock.advance_ms(99'999);
    world.put("c", "1");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:a", "2:b=1", "3:c=1"}));
    EXPECT_EQ(world.headers().front().base_timestamp, header.base_timestamp);

    world.clock.advance_ms(1);
    world.put("d", "1");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"2:b=1", "3:c=1", "4:d=1"}));
}

TEST(LogCleaner, records_without_a_key_go_and_are_counted) {
    CleanerWorld world;
    ASSERT_TRUE(world.append({{std::nullopt, "1"}, {"a", "1"}}));
    world.put("b", "1");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:a=1", "2:b=1"}));
}

TEST(LogCleaner, small_segments_become_one) {
    CleanerWorld world;
    for (int i = 0; i < 60; ++i) world.put("key " + std::to_string(i % 4), "value");
    ASSERT_GT(world.log->segment_count(), 8u);
    world.config.segment_bytes = 5'000;
    world.log->update_config(world.config);
    world.roll_and_clean();
    EXPECT_EQ(world.log->segment_count(), 2u);
    EXPECT_EQ(world.texts().size(), 4u);
}

TEST(LogCleaner, the_last_offset_of_a_round_is_not_lost) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("b", "1");
    ASSERT_TRUE(world.log->roll());
    world.put("b", "2");
    world.clean();
    // b=2 is in the active segment: nothing is superseded yet.
    EXPECT_EQ(world.texts(), (Texts{"0:a=1", "1:b=1", "2:b=2"}));
    world.put("a", "2");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"2:b=2", "3:a=2"}));
    ASSERT_TRUE(world.append({{std::nullopt, "gone"}}));
    world.roll_and_clean();
    // An empty batch says that the log goes up to there.
    EXPECT_EQ(world.headers().back().last_offset(), Offset{4});
    EXPECT_EQ(world.headers().back().record_count, 0);
}

TEST(LogCleaner, a_log_is_cleaned_from_its_ratio_on) {
    CleanerWorld world;
    world.config.min_cleanable_dirty_ratio = 0.5;
    world.config.segment_bytes = 100'000;
    world.log->update_config(world.config);
    for (int i = 0; i < 20; ++i) world.put("key " + std::to_string(i), "value");
    EXPECT_EQ(world.roll_and_clean(), 1);
    for (int i = 0; i < 10; ++i) world.put("key " + std::to_string(i), "value");
    EXPECT_EQ(world.roll_and_clean(), 0);
    EXPECT_EQ(world.cleaner->stats().max_dirty_percent, 33);
    for (int i = 0; i < 15; ++i) world.put("key " + std::to_string(i), "value");
    EXPECT_EQ(world.roll_and_clean(), 1);
    EXPECT_EQ(world.texts().size(), 20u);
}

TEST(LogCleaner, the_dirtiest_log_comes_first) {
    CleanerWorld world;
    const TopicPartition other{"dirtier", PartitionId{0}};
    const auto dirtier = world.logs->create(other, Uuid{}, world.config).value();
    for (int i = 0; i < 20; ++i) world.put("key", "value");
    world.roll_and_clean();
    for (int i = 0; i < 3; ++i) world.put("key", "value");
    ASSERT_TRUE(world.log->roll());
    const auto clean_log = std::exchange(world.log, dirtier);
    for (int i = 0; i < 3; ++i) world.put("key", "value");
    ASSERT_TRUE(world.log->roll());
    ASSERT_TRUE(world.cleaner->clean_dirtiest(0));
    EXPECT_EQ(world.logs->cleaned_to(*dirtier), Offset{3});
    EXPECT_EQ(world.logs->cleaned_to(*clean_log), Offset{20});
}

TEST(LogCleaner, records_younger_than_the_least_lag_are_safe) {
    CleanerWorld world;
    const int64_t now = world.clock.wall_ms();
    world.config.min_compaction_lag_ms = 10'000;
    world.log->update_config(world.config);
    ASSERT_TRUE(world.append({{"a", "1", now}}));
    ASSERT_TRUE(world.append({{"a", "2", now}}));
    ASSERT_TRUE(world.log->roll());
    world.clock.advance_ms(5'000);
    ASSERT_TRUE(world.append({{"a", "3", now + 5'000}}));
    EXPECT_EQ(world.roll_and_clean(), 0);
    world.clock.advance_ms(5'000);
    EXPECT_EQ(world.clean(), 1);
    EXPECT_EQ(world.texts(), (Texts{"1:a=2", "2:a=3"}));
    world.clock.advance_ms(5'000);
    EXPECT_EQ(world.clean(), 1);
    EXPECT_EQ(world.texts(), (Texts{"2:a=3"}));
}

TEST(LogCleaner, the_greatest_lag_closes_the_segment_and_makes_a_clean_log_be_cleaned) {
    CleanerWorld world;
    world.config.min_cleanable_dirty_ratio = 1.0;
    world.config.max_compaction_lag_ms = 60'000;
    world.log->update_config(world.config);
    const int64_t now = world.clock.wall_ms();
    ASSERT_TRUE(world.append({{"a", "1", now}}));
    ASSERT_TRUE(world.append({{"a", "2", now}}));
    EXPECT_EQ(world.clean(), 0);
    world.clock.advance_ms(60'001);
    ASSERT_TRUE(world.append({{"a", "3", now + 60'001}}));
    EXPECT_EQ(world.log->segment_count(), 2u);
    EXPECT_EQ(world.clean(), 1);
    EXPECT_EQ(world.texts(), (Texts{"1:a=2", "2:a=3"}));
    EXPECT_EQ(world.cleaner->stats().max_compaction_delay_secs, 0);
}

TEST(LogCleaner, what_a_full_map_leaves_out_comes_in_the_next_rounds) {
    CleanerWorld world;
    // Room for four keys at once.
    world.cleaner_options.dedupe_buffer_size = 5 * int64_t(OffsetMap::slot_size);
    world.cleaner_options.io_buffer_load_factor = 0.8;
    world.cleaner->set_options(world.cleaner_options);
    for (int i = 0; i < 40; ++i) world.put("key " + std::to_string(i % 10), std::to_string(i));
    EXPECT_EQ(world.roll_and_clean(), 10);
    const Texts texts = world.texts();
    ASSERT_EQ(texts.size(), 10u);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(texts[size_t(i)], std::to_string(30 + i) + ":key " + std::to_string(i) + "=" +
                                        std::to_string(30 + i));
    }
}

TEST(LogCleaner, an_active_producer_keeps_its_sequences_when_all_its_records_are_gone) {
    CleanerWorld world;
    const record::BatchBuilder::Options producer{
        .producer_id = ProducerId{9}, .producer_epoch = 2, .base_sequence = 0};
    ASSERT_TRUE(world.append({{"a", "1"}, {"b", "1"}}, producer));
    auto next = producer;
    next.base_sequence = 2;
    ASSERT_TRUE(world.append({{"a", "2"}, {"b", "2"}, {"c", "2"}}, next));
    for (const char* key : {"a", "b", "c"}) world.put(key, "3");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"5:a=3", "6:b=3", "7:c=3"}));
    const auto kept = world.headers().front();
    EXPECT_EQ(kept.record_count, 0);
    EXPECT_EQ(kept.base_sequence, 2);
    EXPECT_EQ(kept.last_sequence(), 4);
    EXPECT_EQ(kept.base_offset, Offset{2});

    // What the log alone says of the producer is what was known all along.
    const auto before = world.log->producers();
    for (const std::string& name : world.files(".snapshot")) {
        ASSERT_TRUE(world.disk->remove(world.log->folder() + "/" + name));
    }
    world.open();
    ASSERT_EQ(world.log->producers().size(), 1u);
    EXPECT_EQ(*world.log->producers()[0].last_batch(), *before[0].last_batch());
    EXPECT_TRUE(world.append({{"a", "2"}, {"b", "2"}, {"c", "2"}}, next)->duplicate);
    next.base_sequence = 5;
    EXPECT_TRUE(world.append({{"d", "1"}}, next));
}

TEST(LogCleaner, a_producer_that_was_forgotten_leaves_no_batch) {
    CleanerWorld world;
    ASSERT_TRUE(world.append({{"a", "1"}}, {.producer_id = ProducerId{9},
                                            .producer_epoch = 0,
                                            .base_sequence = 0}));
    world.put("a", "2");
    world.clock.advance_ms(int64_t{25} * 3600 * 1000);
    world.log->expire_producers();
    world.roll_and_clean();
    EXPECT_EQ(world.headers().size(), 1u);
}

TEST(LogCleaner, an_open_transaction_holds_cleaning_back) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("a", "2");
    ASSERT_TRUE(world.log->roll());
    ASSERT_TRUE(world.append({{"a", "3"}}, {.producer_id = ProducerId{5},
                                            .producer_epoch = 0,
                                            .base_sequence = 0,
                                            .transactional = true}));
    world.put("a", "4");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:a=2", "2:a=3", "3:a=4"}));
    world.end_transaction(ProducerId{5}, 0, true);
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"3:a=4"}));
}

TEST(LogCleaner, a_commit_marker_goes_after_its_records_and_after_its_horizon) {
    CleanerWorld world;
    ASSERT_TRUE(world.append({{"a", "1"}}, {.producer_id = ProducerId{5},
                                            .producer_epoch = 0,
                                            .base_sequence = 0,
                                            .transactional = true}));
    world.end_transaction(ProducerId{5}, 0, true);
    const auto markers = [&] {
        const auto headers = world.headers();
        return std::ranges::count_if(headers, [](const auto& h) { return h.is_control(); });
    };
    world.put("b", "1");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"0:a=1", "2:b=1"}));
    EXPECT_EQ(markers(), 1);

    // The producer writes on elsewhere in the log: its old batch is not needed for its sequences.
    ASSERT_TRUE(world.append({{"z", "1"}}, {.producer_id = ProducerId{5},
                                            .producer_epoch = 0,
                                            .base_sequence = 1}));
    world.put("a", "2");
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"2:b=1", "3:z=1", "4:a=2"}));
    EXPECT_EQ(markers(), 1);
    world.put("c", "1");
    world.roll_and_clean();
    // Now that no batch of it is left, the marker has a horizon.
    EXPECT_EQ(markers(), 1);
    EXPECT_TRUE(world.headers().front().is_control());
    EXPECT_TRUE(world.headers().front().has_delete_horizon());
    world.clock.advance_ms(100'000);
    world.put("d", "1");
    world.roll_and_clean();
    EXPECT_EQ(markers(), 0);
}

TEST(LogCleaner, records_of_an_aborted_transaction_go_whatever_their_keys) {
    CleanerWorld world;
    const record::BatchBuilder::Options transaction{.producer_id = ProducerId{5},
                                                    .producer_epoch = 0,
                                                    .base_sequence = 0,
                                                    .transactional = true};
    world.put("a", "1");
    ASSERT_TRUE(world.append({{"a", "2"}, {"only", "1"}}, transaction));
    world.end_transaction(ProducerId{5}, 0, false);
    world.put("b", "1");
    world.roll_and_clean();
    // What was aborted supersedes nothing.
    EXPECT_EQ(world.texts(), (Texts{"0:a=1", "4:b=1"}));
    const auto aborted = [&] {
        return world.log->aborted_transactions(Offset{0}, world.log->end_offset(), true);
    };
    ASSERT_EQ((*aborted())->size(), 1u);
    EXPECT_EQ((**aborted())[0].first, Offset{1});
    EXPECT_EQ(world.files(".txnindex").size(), 1u);
    world.open();
    EXPECT_EQ((*aborted())->size(), 1u);

    // Once no batch of it is left, the index has it no more, and the marker waits for its horizon.
    auto next = transaction;
    next.base_sequence = 2;
    next.transactional = false;
    ASSERT_TRUE(world.append({{"c", "1"}}, next));
    world.roll_and_clean();
    world.put("d", "1");
    world.roll_and_clean();
    EXPECT_EQ((*aborted())->size(), 0u);
    EXPECT_EQ(world.files(".txnindex"), Texts{});
    const auto has_marker = [&] {
        const auto headers = world.headers();
        return std::ranges::any_of(headers, [](const auto& each) { return each.is_control(); });
    };
    EXPECT_TRUE(has_marker());
    world.clock.advance_ms(100'000);
    world.put("e", "1");
    world.roll_and_clean();
    EXPECT_FALSE(has_marker());
    EXPECT_EQ(world.texts(), (Texts{"0:a=1", "4:b=1", "5:c=1", "6:d=1", "7:e=1"}));
}

TEST(LogCleaner, cleaning_goes_on_where_it_was_after_a_restart) {
    CleanerWorld world;
    for (int i = 0; i < 30; ++i) world.put("key " + std::to_string(i % 3), "v");
    world.roll_and_clean();
    while (world.logs->do_work()) {
    }
    const auto entries = read_offset_checkpoint(*world.disk, "/data/cleaner-offset-checkpoint");
    EXPECT_EQ(*entries, (std::vector<OffsetCheckpoint>{{"table", PartitionId{0}, Offset{30}}}));
    world.open();
    EXPECT_EQ(world.clean(), 0);
    EXPECT_EQ(world.texts().size(), 3u);
}

TEST(LogCleaner, a_checkpoint_that_is_not_within_the_log_is_set_right) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("a", "2");
    world.logs->set_cleaned_to(*world.log, Offset{50});
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:a=2"}));
    EXPECT_EQ(world.logs->cleaned_to(*world.log), Offset{2});
}

TEST(LogCleaner, a_topic_made_anew_does_not_inherit_what_was_cleaned) {
    CleanerWorld world;
    for (int i = 0; i < 9; ++i) world.put("key", "v");
    world.roll_and_clean();
    ASSERT_TRUE(world.logs->remove(world.partition));
    world.log = world.logs->create(world.partition, Uuid{}, world.config).value();
    EXPECT_FALSE(world.logs->cleaned_to(*world.log));
}

TEST(LogCleaner, compact_and_delete_do_both) {
    CleanerWorld world;
    const int64_t now = world.clock.wall_ms();
    world.config.cleanup_delete = true;
    world.config.retention_ms = 50'000;
    world.log->update_config(world.config);
    ASSERT_TRUE(world.append({{"old", "1", now}}));
    ASSERT_TRUE(world.append({{"old", "2", now}}));
    world.roll_and_clean();
    EXPECT_EQ(world.texts(), (Texts{"1:old=2"}));
    world.clock.advance_ms(50'001);
    ASSERT_TRUE(world.append({{"new", "1", now + 50'000}}));
    ASSERT_TRUE(world.log->delete_old_segments());
    EXPECT_EQ(world.log->start_offset(), Offset{2});
    EXPECT_EQ(world.log->segment_count(), 1u);
}

TEST(LogCleaner, a_log_with_a_damaged_batch_is_named_and_the_others_are_cleaned) {
    CleanerWorld world;
    world.put("a", "1");
    world.put("a", "2");
    ASSERT_TRUE(world.log->roll());
    const auto other =
        world.logs->create({"sound", PartitionId{0}}, Uuid{}, world.config).value();
    const auto file = world.disk->open(world.log->folder() + "/00000000000000000000.log",
                                       OpenMode::write);
    ASSERT_TRUE((*file)->write(66, Bytes(1)));  // of the first key
    const auto damaged = std::exchange(world.log, other);
    world.put("b", "1");
    world.put("b", "2");
    ASSERT_TRUE(world.log->roll());
    while (!world.logs->cleaned_to(*other)) world.cleaner->clean_dirtiest(0);
    world.clean();
    EXPECT_EQ(world.texts(), (Texts{"1:b=2"}));
    const CleanerStats stats = world.cleaner->stats();
    EXPECT_EQ(stats.uncleanable, (std::vector<TopicPartition>{damaged->partition()}));
    EXPECT_EQ(stats.uncleanable_partitions_count, 1);
    EXPECT_GT(stats.uncleanable_bytes, 0);
    EXPECT_FALSE(world.logs->directory().offline());
    EXPECT_EQ(damaged->end_offset(), Offset{2});
    EXPECT_EQ(world.files(".cleaned"), Texts{});
}

TEST(LogCleaner, its_figures_are_upstreams) {
    CleanerWorld world;
    for (int i = 0; i < 4; ++i) world.put(i < 3 ? "a" : "b", "value");
    world.roll_and_clean();
    world.clock.advance_ms(7'000);
    const CleanerStats stats = world.cleaner->stats();
    EXPECT_EQ(stats.cleaner_recopy_percent, 50);
    EXPECT_EQ(stats.max_buffer_utilization_percent, 28);  // 2 keys of 7 slots
    EXPECT_EQ(stats.time_since_last_run_ms, 7'000);
    EXPECT_EQ(stats.rounds, 1);
}

TEST(LogCleaner, reads_and_writes_wait_for_their_turn) {
    CleanerWorld world;
    world.cleaner_options.io_max_bytes_per_second = 1'000;
    world.cleaner->set_options(world.cleaner_options);
    for (int i = 0; i < 100; ++i) world.put("key", "value");
    ASSERT_TRUE(world.log->roll());
    const int64_t size = world.log->size();
    int64_t waited_ns = 0;
    ASSERT_TRUE(world.cleaner->clean_dirtiest(0, [&](int64_t ns) {
        waited_ns += ns;
        world.clock.advance_ms(ns / 1'000'000);
        return true;
    }));
    // Everything is read twice; what is written is little.
    EXPECT_GT(waited_ns, size * 2 * 1'000'000 * 9 / 10);
    EXPECT_LT(waited_ns, size * 2 * 1'000'000 * 11 / 10);
}

TEST(LogCleaner, one_that_is_told_to_stop_leaves_the_log_as_it_was) {
    CleanerWorld world;
    for (int i = 0; i < 20; ++i) world.put("key", std::to_string(i));
    ASSERT_TRUE(world.log->roll());
    const auto before = world.texts();
    int calls = 0;
    EXPECT_FALSE(world.cleaner->clean_dirtiest(0, [&](int64_t) { return ++calls < 2; }));
    EXPECT_EQ(world.texts(), before);
    EXPECT_EQ(world.files(".cleaned"), Texts{});
    EXPECT_EQ(world.clean(), 1);
}

}  // namespace
}  // namespace stoker::storage
