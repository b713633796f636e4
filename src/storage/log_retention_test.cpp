// What a log deletes, and when.
#include <gtest/gtest.h>

#include <algorithm>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

/// Ten segments of two records each; a record a second, the first at `start_ms`.
void ten_segments(LogWorld& world, int64_t start_ms) {
    world.options.config.segment_bytes = 500;
    world.open();
    for (int i = 0; i < 20; ++i) {
        (void)world.append({.value_size = 150, .timestamp_ms = start_ms + i * 1'000});
    }
    ASSERT_EQ(world.log->segment_count(), 10u);
}

TEST(LogRetention, segments_older_than_the_retention_time_are_deleted) {
    LogWorld world;
    world.options.config.retention_ms = 60'000;
    ten_segments(world, world.clock.wall_ms());
    world.clock.advance_ms(60'000 + 3'000);
    // The second segment's last record is exactly 60 s old: it stays.
    EXPECT_EQ(world.log->delete_old_segments()->size(), 3u);
    EXPECT_EQ(world.log->start_offset(), Offset{2});
    world.clock.advance_ms(1);
    (void)world.log->delete_old_segments();
    EXPECT_EQ(world.log->start_offset(), Offset{4});
    EXPECT_EQ(world.log->read({.from = Offset{3}, .max_bytes = 100}).error(),
              ErrorCode::offset_out_of_range);
    EXPECT_EQ(world.read_headers(Offset{4}).size(), 16u);
}

TEST(LogRetention, when_all_is_old_an_empty_segment_remains) {
    LogWorld world;
    ten_segments(world, world.clock.wall_ms());
    world.clock.advance_ms(int64_t{8} * 24 * 3600 * 1000);
    ASSERT_TRUE(world.log->delete_old_segments());
    EXPECT_EQ(world.log->segment_count(), 1u);
    EXPECT_EQ(world.log->start_offset(), Offset{20});
    EXPECT_EQ(world.log->size(), 0);
    EXPECT_EQ(world.append({})->base_offset, Offset{20});
    (void)world.log->close();
    EXPECT_EQ(world.open().start_offset(), Offset{20});
}

TEST(LogRetention, the_oldest_segments_go_when_the_log_is_larger_than_allowed) {
    LogWorld world;
    ten_segments(world, world.clock.wall_ms());
    LogConfig config = world.options.config;
    config.retention_bytes = world.log->size() * 6 / 10;
    world.log->update_config(config);
    ASSERT_TRUE(world.log->delete_old_segments());
    EXPECT_EQ(world.log->segment_count(), 6u);
    EXPECT_EQ(world.log->start_offset(), Offset{8});
}

TEST(LogRetention, without_limits_nothing_is_deleted) {
    LogWorld world;
    world.options.config.retention_ms = -1;
    ten_segments(world, 0);
    world.clock.advance_ms(int64_t{1} << 40);
    EXPECT_EQ(world.log->delete_old_segments()->size(), 0u);
}

TEST(LogRetention, a_log_that_is_only_compacted_keeps_old_segments) {
    LogWorld world;
    world.options.config.cleanup_delete = false;
    world.options.config.cleanup_compact = true;
    ten_segments(world, 0);
    EXPECT_EQ(world.log->delete_old_segments()->size(), 0u);
    ASSERT_TRUE(world.log->delete_records_before(Offset{5}));
    EXPECT_GT(world.log->delete_old_segments()->size(), 0u);
    EXPECT_EQ(world.log->segment_count(), 8u);
}

TEST(LogRetention, segments_without_timestamps_live_from_when_they_were_seen) {
    LogWorld world;
    world.options.config.retention_ms = 60'000;
    world.open();
    (void)world.append({.timestamp_ms = -1});
    world.clock.advance_ms(60'000);
    EXPECT_EQ(world.log->delete_old_segments()->size(), 0u);
    world.clock.advance_ms(1);
    EXPECT_GT(world.log->delete_old_segments()->size(), 0u);
}

TEST(LogRetention, in_class_disk_what_is_not_synced_is_not_deleted) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    ten_segments(world, 0);
    EXPECT_EQ(world.log->delete_old_segments()->size(), 0u);
    ASSERT_TRUE(world.log->flush());
    EXPECT_GT(world.log->delete_old_segments()->size(), 0u);
}

TEST(LogRetention, deleted_files_are_renamed_and_a_reader_can_finish) {
    LogWorld world;
    ten_segments(world, 0);
    const auto reading = world.log->read({.from = Offset{0}, .max_bytes = 100});
    const auto renamed = world.log->delete_old_segments();
    EXPECT_EQ(renamed->front(), "/data/orders-0/00000000000000000000.log.deleted");
    EXPECT_TRUE(world.has("00000000000000000000.log.deleted"));
    EXPECT_FALSE(world.has("00000000000000000000.log"));
    Bytes bytes(reading->size);
    EXPECT_EQ(reading->slices[0].file->read(0, bytes), bytes.size());
}

TEST(LogRetention, deleting_records_moves_the_log_start) {
    LogWorld world;
    world.open();
    (void)world.append({.records = 10}, LeaderEpoch{1});
    (void)world.append({.records = 10}, LeaderEpoch{2});
    EXPECT_EQ(world.log->delete_records_before(Offset{15}), Offset{15});
    EXPECT_EQ(world.log->start_offset(), Offset{15});
    EXPECT_EQ(world.log->delete_records_before(Offset{3}), Offset{15});
    EXPECT_EQ(world.log->delete_records_before(Offset{21}).error(),
              ErrorCode::offset_out_of_range);
    EXPECT_EQ(text_of(world.file("leader-epoch-checkpoint")), "0\n1\n2 15\n");
    EXPECT_EQ(world.read_headers(Offset{15}).size(), 1u);
}

}  // namespace
}  // namespace stoker::storage
