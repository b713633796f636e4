// Finding records by time.
#include <gtest/gtest.h>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

TEST(LogTime, the_first_record_of_a_time_or_later_is_found) {
    for (const record::Codec codec : {record::Codec::none, record::Codec::lz4}) {
        LogWorld world;
        world.options.config.segment_bytes = 3'000;
        world.options.config.index_interval_bytes = 500;
        world.open();
        for (int i = 0; i < 50; ++i) {
            (void)world.append({.records = 4,
                                .value_size = 100,
                                .timestamp_ms = 10'000 + i * 100,
                                .timestamp_step_ms = 10,
                                .codec = codec},
                               LeaderEpoch{i / 10});
        }
        EXPECT_EQ(world.log->offset_for_time(0)->offset, Offset{0});
        EXPECT_EQ(world.log->offset_for_time(10'011)->offset, Offset{2});
        EXPECT_EQ(world.log->offset_for_time(10'011)->timestamp_ms, 10'020);
        EXPECT_EQ(world.log->offset_for_time(10'031)->offset, Offset{4});
        const auto late = world.log->offset_for_time(14'930);
        EXPECT_EQ(late->offset, Offset{199});
        EXPECT_EQ(late->epoch, LeaderEpoch{4});
        EXPECT_EQ(world.log->offset_for_time(14'931)->offset, Offset{-1});
        world.reopen_after_crash();
        EXPECT_EQ(world.log->offset_for_time(12'500)->offset, Offset{100});
    }
}

TEST(LogTime, records_before_the_log_start_are_not_found) {
    LogWorld world;
    world.open();
    (void)world.append({.records = 5, .timestamp_ms = 1'000, .timestamp_step_ms = 1});
    (void)world.log->delete_records_before(Offset{3});
    EXPECT_EQ(world.log->offset_for_time(1'000)->offset, Offset{3});
}

TEST(LogTime, records_behind_the_high_watermark_are_not_found) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    world.open();
    (void)world.append({.timestamp_ms = 1'000});
    EXPECT_EQ(world.log->offset_for_time(1'000)->offset, Offset{-1});
    (void)world.log->flush();
    EXPECT_EQ(world.log->offset_for_time(1'000)->offset, Offset{0});
}

TEST(LogTime, timestamps_need_not_rise) {
    LogWorld world;
    world.open();
    for (const int64_t time : {5'000, 3'000, 9'000, 4'000}) {
        (void)world.append({.timestamp_ms = time});
    }
    EXPECT_EQ(world.log->offset_for_time(3'500)->offset, Offset{0});
    EXPECT_EQ(world.log->offset_for_time(6'000)->offset, Offset{2});
    EXPECT_EQ(world.log->max_timestamp()->offset, Offset{2});
}

TEST(LogTime, the_greatest_timestamp_and_its_first_record_are_found) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    world.open();
    EXPECT_EQ(world.log->max_timestamp()->offset, Offset{-1});
    for (int i = 0; i < 20; ++i) {
        const int64_t time = i == 7 ? 50'000 : 1'000 + i;
        (void)world.append({.records = 3, .value_size = 50, .timestamp_ms = time});
    }
    EXPECT_EQ(world.log->max_timestamp()->timestamp_ms, 50'000);
    EXPECT_EQ(world.log->max_timestamp()->offset, Offset{21});
    (void)world.log->close();
    EXPECT_EQ(world.open().max_timestamp()->offset, Offset{21});
}

}  // namespace
}  // namespace stoker::storage
