// What a log holds when its compaction is cut short: by a kill, by a power cut, by a failing disk.
#include <gtest/gtest.h>

#include <cerrno>
#include <map>

#include "storage/cleaner_world.hpp"

namespace stoker::storage {
namespace {

/// Three groups of segments, the last record of each key, tombstones, and a producer's batches.
void fill(CleanerWorld& world) {
    const record::BatchBuilder::Options producer{
        .producer_id = ProducerId{3}, .producer_epoch = 1, .base_sequence = 0};
    ASSERT_TRUE(world.append({{"first", "1"}, {"key 2", "0"}}, producer));
    for (int i = 0; i < 24; ++i) {
        if (i % 7 == 3) {
            world.remove("key " + std::to_string(i % 5));
        } else {
            world.put("key " + std::to_string(i % 5), std::string(20, char('a' + i)));
        }
    }
    ASSERT_TRUE(world.log->roll());
    world.put("first", "2");
    ASSERT_TRUE(world.log->flush());
}

/// The last value of each key; nothing for one whose last record is a tombstone or gone.
std::map<std::string, std::string> table(CleanerWorld& world) {
    std::map<std::string, std::string> last;
    Offset before{-1};
    for (const FoundRecord& found : world.records()) {
        EXPECT_LT(before, found.offset);
        before = found.offset;
        if (found.record.value) last[*found.record.key] = *found.record.value;
        else last.erase(*found.record.key);
    }
    return last;
}

struct Expected {
    std::map<std::string, std::string> table;
    Offset end{};
    std::vector<ProducerEntry> producers;
    std::vector<std::string> cleaned;
};

Expected expected() {
    CleanerWorld world;
    fill(world);
    Expected all{table(world), world.log->end_offset(), world.log->producers(), {}};
    world.clean();
    all.cleaned = world.texts();
    EXPECT_EQ(table(world), all.table);
    return all;
}

void expect_as_before(CleanerWorld& world, const Expected& all) {
    world.open();
    ASSERT_EQ(world.log->end_offset(), all.end);
    ASSERT_EQ(table(world), all.table);
    const auto producers = world.log->producers();
    ASSERT_EQ(producers.size(), all.producers.size());
    ASSERT_EQ(*producers[0].last_batch(), *all.producers[0].last_batch());
    for (const char* suffix : {".cleaned", ".swap", ".deleted"}) {
        ASSERT_EQ(world.files(suffix), std::vector<std::string>{});
    }
    // And the work that was cut short can be done.
    world.clean();
    ASSERT_EQ(world.texts(), all.cleaned);
    ASSERT_TRUE(world.append({{"after", "1"}}));
    ASSERT_EQ(world.log->end_offset(), all.end + 1);
}

TEST(LogCleanerCrash, a_kill_between_any_two_steps_leaves_the_old_segments_or_the_new) {
    const Expected all = expected();
    CleanerWorld world;
    fill(world);
    int kills = 0;
    world.disk->on_operation([&](const DiskOperation& operation) {
        SCOPED_TRACE("operation " + std::to_string(operation.number) + " on " + operation.path);
        CleanerWorld after(world.disk->clone(), false);
        expect_as_before(after, all);
        ++kills;
    });
    world.clean();
    world.disk->on_operation({});
    EXPECT_GT(kills, 60);
}

TEST(LogCleanerCrash, a_power_cut_at_any_moment_leaves_the_old_segments_or_the_new) {
    const Expected all = expected();
    for (const Loss loss : {Loss::drop_all_unsynced, Loss::random_subset, Loss::keep_all}) {
        for (const uint64_t seed : {1, 2, 3}) {
            Random random(seed);
            CleanerWorld world;
            fill(world);
            world.disk->on_operation([&](const DiskOperation& operation) {
                SCOPED_TRACE("operation " + std::to_string(operation.number) + " on " +
                             operation.path + ", seed " + std::to_string(seed));
                CleanerWorld after(world.disk->after_power_cut(random, loss), false);
                expect_as_before(after, all);
            });
            world.clean();
            world.disk->on_operation({});
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(LogCleanerCrash, an_opening_that_is_cut_short_can_be_repeated) {
    const Expected all = expected();
    CleanerWorld world;
    fill(world);
    // Copies of the disk at each moment at which a new segment counts and the old are there.
    std::vector<std::unique_ptr<MemoryDisk>> moments;
    world.disk->on_operation([&](const DiskOperation& operation) {
        if (operation.kind == DiskOperation::Kind::rename) {
            moments.push_back(world.disk->clone());
        }
    });
    world.clean();
    world.disk->on_operation({});
    ASSERT_GT(moments.size(), 20u);
    Random random(5);
    for (auto& moment : moments) {
        CleanerWorld opening(std::move(moment), false);
        std::vector<std::unique_ptr<MemoryDisk>> cuts;
        opening.disk->on_operation([&](const DiskOperation& operation) {
            if (operation.path.find("table-0") == std::string::npos) return;
            cuts.push_back(opening.disk->after_power_cut(random, Loss::random_subset));
        });
        opening.open();
        opening.disk->on_operation({});
        for (auto& cut : cuts) {
            CleanerWorld after(std::move(cut), false);
            expect_as_before(after, all);
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(LogCleanerCrash, whichever_call_fails_nothing_is_lost) {
    const Expected all = expected();
    for (const int code : {EIO, ENOSPC}) {
        for (const Fault::Effect effect : {Fault::Effect::nothing, Fault::Effect::part}) {
            for (int64_t n = 1;; ++n) {
                SCOPED_TRACE("call " + std::to_string(n) + ", errno " + std::to_string(code));
                CleanerWorld world;
                fill(world);
                world.faulty.fail(
                    {.calls = changing_calls(), .nth = n, .code = code, .effect = effect});
                world.clean();
                const bool passed = world.faulty.faults() == 0;
                world.faulty.heal();
                // A full disk is waited for; anything else retires the directory.
                if (!world.logs->directory().offline()) {
                    ASSERT_EQ(table(world), all.table);
                    ASSERT_TRUE(code == ENOSPC || passed);
                }
                CleanerWorld after(
                    world.disk->after_power_cut(world.random, Loss::drop_all_unsynced), false);
                expect_as_before(after, all);
                if (passed || testing::Test::HasFailure()) break;
                ASSERT_LT(n, 1'000);
            }
        }
    }
}

TEST(LogCleanerCrash, a_read_that_fails_costs_the_compaction_and_not_the_directory) {
    CleanerWorld world;
    fill(world);
    world.faulty.fail({.calls = {DiskCall::read}, .path_part = ".log", .nth = 2});
    world.clean();
    EXPECT_EQ(world.faulty.faults(), 1);
    world.faulty.heal();
    EXPECT_FALSE(world.logs->directory().offline());
    EXPECT_EQ(world.cleaner->stats().uncleanable_partitions_count, 1);
    EXPECT_EQ(table(world), expected().table);
}

TEST(LogCleanerCrash, a_topic_that_is_deleted_meanwhile_ends_the_round_quietly) {
    for (int moment = 1;; ++moment) {
        CleanerWorld world;
        fill(world);
        int operation = 0;
        bool due = false;
        // The disk's hook must not change the disk: the deletion comes with the next block.
        world.disk->on_operation([&](const DiskOperation&) { due = ++operation >= moment; });
        bool deleted = false;
        world.cleaner->clean_dirtiest(0, [&](int64_t) {
            if (due && !std::exchange(deleted, true)) {
                EXPECT_TRUE(world.logs->remove(world.partition));
            }
            return true;
        });
        world.disk->on_operation({});
        EXPECT_FALSE(world.logs->directory().offline());
        EXPECT_EQ(world.cleaner->stats().uncleanable_partitions_count, 0);
        EXPECT_EQ(world.clean(), 0);
        if (!deleted) break;
        ASSERT_LT(moment, 1'000);
    }
}

TEST(LogCleanerCrash, segments_that_retention_takes_meanwhile_stay_gone) {
    CleanerWorld world;
    fill(world);
    bool deleted = false;
    EXPECT_FALSE(world.cleaner->clean_dirtiest(0, [&](int64_t) {
        // The round has read its segments; now their records are deleted.
        if (!world.files(".log.cleaned").empty() && !std::exchange(deleted, true)) {
            EXPECT_TRUE(world.log->delete_records_before(world.log->end_offset() - 1));
            EXPECT_TRUE(world.log->delete_old_segments());
        }
        return true;
    }));
    ASSERT_TRUE(deleted);
    EXPECT_EQ(world.log->segment_count(), 1u);
    EXPECT_EQ(world.files(".cleaned"), std::vector<std::string>{});
    world.clean();
    EXPECT_EQ(world.records(world.log->start_offset()).size(), 1u);
}

TEST(LogCleanerCrash, a_slice_of_a_replaced_segment_stays_readable) {
    CleanerWorld world;
    fill(world);
    const auto before = world.log->read({.from = Offset{0}, .max_bytes = 1 << 20});
    ASSERT_FALSE(before->slices.empty());
    const FileSlice& slice = before->slices.front();
    Bytes expected(slice.size);
    ASSERT_TRUE(slice.file->read(slice.position, expected));
    world.clean();
    world.clock.advance_ms(60'000);
    world.logs->tick();
    ASSERT_EQ(world.files(".deleted"), std::vector<std::string>{});
    Bytes bytes(slice.size);
    ASSERT_EQ(slice.file->read(slice.position, bytes), slice.size);
    EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace stoker::storage
