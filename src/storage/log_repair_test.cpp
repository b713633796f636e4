// Damage that shows up while the log is open: what a reader comes upon is taken out, the rest goes
// on being served, and nothing is appended where something else was.
#include <gtest/gtest.h>

#include <thread>

#include "record/batch_format.hpp"
#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

constexpr std::string_view first_log = "00000000000000000000.log";

/// Five batches of two records; returns the size of one.
size_t append_five(LogWorld& world) {
    for (int i = 0; i < 5; ++i) (void)world.append({.records = 2});
    return world.file(first_log).size() / 5;
}

void flip(LogWorld& world, size_t at) {
    const auto file = world.disk->open(world.path(first_log), OpenMode::write);
    Bytes byte(1);
    ASSERT_TRUE((*file)->read(int64_t(at), byte));
    byte[0] ^= std::byte(1);
    ASSERT_TRUE((*file)->write(int64_t(at), byte));
}

TEST(LogRepair, a_reader_that_begins_at_a_damaged_batch_gets_the_next_one) {
    LogWorld world;
    world.open();
    const size_t one = append_five(world);
    flip(world, 2 * one + one - 1);
    const auto headers = world.read_headers(Offset{4});
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[0].base_offset, Offset{6});
    EXPECT_TRUE(world.has("00000000000000000000." + std::to_string(2 * one) + ".quarantine"));
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 4u);
}

TEST(LogRepair, a_damaged_length_hides_no_batch_behind_it) {
    LogWorld world;
    world.open();
    const size_t one = append_five(world);
    flip(world, one + record::field::batch_length + 2);
    EXPECT_EQ(world.read_headers(Offset{8})[0].base_offset, Offset{8});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 4u);
}

TEST(LogRepair, appending_goes_on_at_the_same_offset_and_all_of_it_survives_a_restart) {
    LogWorld world;
    Log& log = world.open();
    const size_t one = append_five(world);
    flip(world, 4 * one + one - 1);  // the last one
    EXPECT_TRUE(world.read_headers(Offset{8}).empty());
    EXPECT_EQ(log.end_offset(), Offset{10});
    EXPECT_EQ(world.append({})->base_offset, Offset{10});
    EXPECT_EQ(world.read_headers(Offset{8})[0].base_offset, Offset{10});
    ASSERT_TRUE(log.flush());
    ASSERT_TRUE(log.close());
    EXPECT_EQ(world.open().end_offset(), Offset{11});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 5u);
}

TEST(LogRepair, an_intact_segment_stays_as_it_is) {
    LogWorld world;
    Log& log = world.open();
    append_five(world);
    const Bytes before = world.file(first_log);
    ASSERT_TRUE(log.repair(Offset{4}));
    EXPECT_TRUE(equal(world.file(first_log), before));
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 5u);
}

TEST(LogRepair, a_closed_segment_is_gone_through_while_another_thread_appends) {
    LogWorld world;
    world.options.config.segment_bytes = 1'000;
    Log& log = world.open();
    for (int i = 0; i < 40; ++i) (void)world.append({.records = 2, .value_size = 100});
    const size_t batches = world.read_headers(Offset{0}).size();
    flip(world, world.file(first_log).size() - 1);
    const Offset end = log.end_offset();
    std::jthread appender([&] {
        for (int i = 0; i < 40; ++i) EXPECT_TRUE(world.append({}));
    });
    ASSERT_TRUE(log.repair(Offset{0}));
    appender.join();
    EXPECT_EQ(log.end_offset(), end + 40);
    EXPECT_EQ(world.read_headers(Offset{0}).size(), batches - 1 + 40);
}

TEST(LogRepair, in_class_disk_what_waits_for_a_sync_stays_unread_until_then) {
    LogWorld world;
    world.options.config.flush_messages = 1;
    Log& log = world.open();
    const size_t one = append_five(world);
    ASSERT_TRUE(log.flush());
    (void)world.append({});
    flip(world, one + one - 1);
    EXPECT_EQ(world.read_headers(Offset{2})[0].base_offset, Offset{4});
    EXPECT_EQ(log.high_watermark(), Offset{10});
    ASSERT_TRUE(log.flush());
    EXPECT_EQ(log.high_watermark(), Offset{11});
    EXPECT_EQ(world.read_headers(Offset{10})[0].base_offset, Offset{10});
}

TEST(LogRepair, a_file_that_lost_its_end_after_a_stop_in_order_gives_no_offset_out_again) {
    LogWorld world;
    Log& log = world.open();
    const size_t one = append_five(world);
    ASSERT_TRUE(log.close());
    world.log.reset();
    const Bytes all = world.file(first_log);
    world.put_file(first_log, ByteView(all).first(3 * one));
    world.options.recovery_point = Offset{10};
    EXPECT_EQ(world.open().end_offset(), Offset{10});
    EXPECT_EQ(world.append({})->base_offset, Offset{10});
    EXPECT_EQ(world.read_headers(Offset{0}).size(), 4u);
}

}  // namespace
}  // namespace stoker::storage
