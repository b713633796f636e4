#include <gtest/gtest.h>

#include "storage/log_world.hpp"

namespace stoker::storage {
namespace {

constexpr int64_t quick_ms = 0;  // less than the clock of these tests can show
constexpr int64_t slow_ms = 5;

/// A log in class `disk` on a disk whose syncs take as long as a test says.
class SyncedWorld : public LogWorld {
public:
    SyncedWorld() {
        faulty.on_sync([this] { clock.advance_ms(sync_ms); });
        options.config.flush_messages = 1;
        open();
    }
    /// Appends a batch and syncs it; false when the caller should have another thread do it.
    bool append_and_flush_if_quick() {
        (void)append({});
        return log->flush_if_quick();
    }
    void sync_often() {
        for (int i = 0; i < 40; ++i) {
            (void)append({});
            (void)log->flush();
        }
    }

    int64_t sync_ms = quick_ms;
};

TEST(LogFlush, how_quick_a_disk_is_must_have_been_seen) {
    SyncedWorld world;
    EXPECT_FALSE(world.append_and_flush_if_quick());
    EXPECT_EQ(world.log->high_watermark(), Offset{0});
}

TEST(LogFlush, a_quick_disk_is_waited_for) {
    SyncedWorld world;
    world.sync_often();
    const Offset end = world.log->end_offset();
    int told = 0;
    world.log->set_high_watermark_listener([&] { ++told; });
    EXPECT_TRUE(world.append_and_flush_if_quick());
    EXPECT_EQ(world.log->high_watermark(), end + 1);
    EXPECT_EQ(told, 1);
}

TEST(LogFlush, one_slow_sync_ends_the_waiting_until_the_disk_is_quick_again) {
    SyncedWorld world;
    world.sync_often();
    world.sync_ms = slow_ms;
    EXPECT_TRUE(world.append_and_flush_if_quick());  // nobody could know
    world.sync_ms = quick_ms;
    EXPECT_FALSE(world.append_and_flush_if_quick());
    world.sync_often();
    EXPECT_TRUE(world.append_and_flush_if_quick());
}

TEST(LogFlush, a_sync_that_fails_on_a_quick_disk_is_told_to_those_who_wait) {
    SyncedWorld world;
    world.sync_often();
    int told = 0;
    world.log->set_high_watermark_listener([&] { ++told; });
    world.faulty.fail({.calls = {DiskCall::sync}});
    EXPECT_TRUE(world.append_and_flush_if_quick());
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(world.directory.offline());
}

}  // namespace
}  // namespace stoker::storage
