#include "storage/faulty_disk.hpp"

#include <gtest/gtest.h>

#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

class FaultyDiskTest : public testing::Test {
protected:
    std::string content(const std::string& path) {
        const auto bytes = read_file(memory, path);
        return bytes ? std::string(text_of(*bytes)) : "none";
    }

    MemoryDisk memory;
    FaultyDisk disk{memory};
};

TEST_F(FaultyDiskTest, the_nth_call_of_its_kind_fails_once) {
    const auto file = disk.open("/a", OpenMode::write).value();
    disk.fail({.calls = {DiskCall::write}, .nth = 2, .code = ENOSPC});
    EXPECT_TRUE(file->write(0, bytes_of("1")));
    EXPECT_TRUE(file->sync());
    const auto failed = file->write(1, bytes_of("2"));
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().no_space());
    EXPECT_EQ(failed.error().what, "write /a: No space left on device");
    EXPECT_TRUE(file->write(1, bytes_of("3")));
    EXPECT_EQ(content("/a"), "13");
    EXPECT_EQ(disk.faults(), 1);
}

TEST_F(FaultyDiskTest, from_the_nth_call_on_all_fail_until_it_is_healed) {
    disk.fail({.nth = 2, .for_good = true});
    EXPECT_TRUE(disk.exists("/"));
    EXPECT_FALSE(disk.exists("/"));
    EXPECT_FALSE(disk.list("/"));
    EXPECT_EQ(disk.make_folder("/f").error().code, EIO);
    EXPECT_EQ(disk.faults(), 3);
    disk.heal();
    EXPECT_TRUE(disk.make_folder("/f"));
}

TEST_F(FaultyDiskTest, a_fault_can_be_for_some_paths) {
    disk.fail({.path_part = "checkpoint", .for_good = true});
    EXPECT_TRUE(disk.open("/log", OpenMode::write));
    EXPECT_FALSE(disk.open("/a-checkpoint", OpenMode::write));
    EXPECT_FALSE(disk.rename("/log", "/b-checkpoint"));
    EXPECT_FALSE(disk.rename("/b-checkpoint", "/log"));
}

TEST_F(FaultyDiskTest, a_failed_write_can_leave_nothing_a_part_or_all) {
    const auto left_by = [&](Fault::Effect effect) {
        const auto file = disk.open("/a", OpenMode::create).value();
        disk.fail({.calls = {DiskCall::write}, .effect = effect});
        EXPECT_FALSE(file->write(0, bytes_of("1234")));
        return content("/a");
    };
    EXPECT_EQ(left_by(Fault::Effect::nothing), "");
    EXPECT_EQ(left_by(Fault::Effect::part), "12");
    EXPECT_EQ(left_by(Fault::Effect::all), "1234");
}

TEST_F(FaultyDiskTest, another_call_can_fail_after_it_was_done) {
    disk.fail({.calls = {DiskCall::make_folder}, .effect = Fault::Effect::all});
    EXPECT_FALSE(disk.make_folder("/f"));
    EXPECT_TRUE(memory.exists("/f").value());
    disk.fail({.calls = {DiskCall::make_folder}, .effect = Fault::Effect::part});
    EXPECT_FALSE(disk.make_folder("/g"));
    EXPECT_FALSE(memory.exists("/g").value());
}

TEST_F(FaultyDiskTest, every_kind_of_call_fails_under_its_name) {
    const auto file = disk.open("/a", OpenMode::write).value();
    Bytes into(1);
    std::string told;
    const auto tell = [&](const auto& result) {
        told += result ? "?" : result.error().what.substr(0, result.error().what.find(' ')) + " ";
    };
    disk.fail({.for_good = true});
    tell(disk.open("/a", OpenMode::read));
    tell(disk.exists("/a"));
    tell(disk.list("/"));
    tell(disk.make_folder("/f"));
    tell(disk.remove("/a"));
    tell(disk.remove_folder("/f"));
    tell(disk.rename("/a", "/b"));
    tell(disk.sync_folder("/"));
    tell(disk.space("/"));
    tell(disk.lock("/l"));
    tell(file->read(0, into));
    tell(file->read_cached(0, into));
    tell(file->write(0, into));
    tell(file->sync());
    tell(file->truncate(0));
    tell(file->size());
    EXPECT_EQ(told,
              "open exists list make_folder remove remove_folder rename sync_folder space "
              "lock read read_cached write sync truncate size ");
    EXPECT_EQ(disk.calls(DiskCall::open), 2);
    EXPECT_EQ(disk.calls(DiskCall::size), 1);
    EXPECT_EQ(disk.faults(), 16);
}

/// Replaces a file with the n-th changing call failing, for every n; how many runs it took.
int64_t replace_with_every_fault(const Fault& like) {
    for (int64_t n = 1;; ++n) {
        MemoryDisk memory;
        EXPECT_TRUE(replace_file(memory, "/a", bytes_of("old")));
        FaultyDisk disk(memory);
        Fault fault = like;
        fault.calls = changing_calls();
        fault.nth = n;
        disk.fail(fault);
        const bool done = replace_file(disk, "/a", bytes_of("new")).has_value();
        if (disk.faults() == 0) {
            EXPECT_TRUE(done);
            return n;
        }
        EXPECT_FALSE(done) << "a failure was swallowed at call " << n;
        for (const Loss loss : {Loss::keep_all, Loss::drop_all_unsynced}) {
            Random random(1);
            const auto left = read_file(*memory.after_power_cut(random, loss), "/a");
            EXPECT_TRUE(left && (text_of(*left) == "old" || text_of(*left) == "new")) << n;
        }
    }
}

TEST_F(FaultyDiskTest, replacing_a_file_reports_every_failure_and_keeps_old_or_new) {
    // open, write, sync, rename, sync_folder; then the run in which nothing fails.
    for (const auto effect : {Fault::Effect::nothing, Fault::Effect::part, Fault::Effect::all}) {
        EXPECT_EQ(replace_with_every_fault({.for_good = false, .effect = effect}), 6);
        EXPECT_EQ(replace_with_every_fault({.for_good = true, .effect = effect}), 6);
    }
}

TEST_F(FaultyDiskTest, a_file_that_could_not_be_replaced_leaves_no_fragment_on_a_full_disk) {
    disk.fail({.calls = {DiskCall::write}, .code = ENOSPC, .effect = Fault::Effect::part});
    EXPECT_TRUE(replace_file(disk, "/a", bytes_of("new")).error().no_space());
    EXPECT_TRUE(memory.list("/").value().empty());
}

}  // namespace
}  // namespace stoker::storage
