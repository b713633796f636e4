// What only a disk in memory can do: lose power, be full, be copied, tell each operation.
#include "storage/memory_disk.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace stoker::storage {
namespace {

constexpr auto drop = Loss::drop_all_unsynced;
constexpr auto keep = Loss::keep_all;
constexpr auto subset = Loss::random_subset;

std::string content(Disk& disk, const std::string& path) {
    const auto bytes = read_file(disk, path);
    return bytes ? std::string(text_of(*bytes)) : "none";
}

class MemoryDiskTest : public testing::Test {
protected:
    std::shared_ptr<File> open(const std::string& path) {
        return disk.open(path, OpenMode::write).value();
    }
    void put(const std::string& path, std::string_view text) {
        ASSERT_TRUE(open(path)->write(0, bytes_of(text)));
    }
    void put_durably(const std::string& path, std::string_view text) {
        put(path, text);
        ASSERT_TRUE(open(path)->sync());
        ASSERT_TRUE(disk.sync_folder("/"));
    }
    std::string after(Loss loss, const std::string& path, uint64_t seed = 1) {
        Random random(seed);
        return content(*disk.after_power_cut(random, loss), path);
    }

    MemoryDisk disk;
};

TEST_F(MemoryDiskTest, a_power_cut_takes_what_was_not_synced) {
    put_durably("/a", "old");
    ASSERT_TRUE(open("/a")->write(3, bytes_of(" and new")));
    EXPECT_EQ(after(drop, "/a"), "old");
    EXPECT_EQ(after(keep, "/a"), "old and new");
    ASSERT_TRUE(open("/a")->sync());
    EXPECT_EQ(after(drop, "/a"), "old and new");
}

TEST_F(MemoryDiskTest, a_power_cut_undoes_a_truncation_that_was_not_synced) {
    put_durably("/a", "long content");
    ASSERT_TRUE(open("/a")->truncate(4));
    EXPECT_EQ(after(drop, "/a"), "long content");
    ASSERT_TRUE(open("/a")->sync());
    EXPECT_EQ(after(drop, "/a"), "long");
}

TEST_F(MemoryDiskTest, a_file_whose_folder_was_not_synced_is_gone) {
    put("/a", "x");
    ASSERT_TRUE(open("/a")->sync());
    EXPECT_EQ(after(drop, "/a"), "none");
    ASSERT_TRUE(disk.sync_folder("/"));
    EXPECT_EQ(after(drop, "/a"), "x");
}

TEST_F(MemoryDiskTest, a_folder_that_its_parent_does_not_know_is_gone_with_all_in_it) {
    ASSERT_TRUE(disk.make_folder("/t-0"));
    put("/t-0/log", "x");
    ASSERT_TRUE(open("/t-0/log")->sync());
    ASSERT_TRUE(disk.sync_folder("/t-0"));
    EXPECT_EQ(after(drop, "/t-0/log"), "none");
    ASSERT_TRUE(disk.sync_folder("/"));
    EXPECT_EQ(after(drop, "/t-0/log"), "x");
}

TEST_F(MemoryDiskTest, a_removed_file_is_back_unless_its_folder_was_synced) {
    put_durably("/a", "x");
    ASSERT_TRUE(disk.remove("/a"));
    EXPECT_EQ(after(drop, "/a"), "x");
    EXPECT_EQ(after(keep, "/a"), "none");
    ASSERT_TRUE(disk.sync_folder("/"));
    EXPECT_EQ(after(drop, "/a"), "none");
}

TEST_F(MemoryDiskTest, a_renaming_is_undone_unless_its_folder_was_synced) {
    put_durably("/a", "a");
    put_durably("/b", "b");
    ASSERT_TRUE(disk.rename("/a", "/b"));
    EXPECT_EQ(after(drop, "/a") + after(drop, "/b"), "ab");
    ASSERT_TRUE(disk.sync_folder("/"));
    EXPECT_EQ(after(drop, "/a") + after(drop, "/b"), "nonea");
}

TEST_F(MemoryDiskTest, a_renaming_across_folders_is_durable_when_either_is_synced) {
    for (const char* synced : {"/x", "/y"}) {
        MemoryDisk fresh;
        ASSERT_TRUE(fresh.make_folder("/x"));
        ASSERT_TRUE(fresh.make_folder("/y"));
        ASSERT_TRUE(fresh.sync_folder("/"));
        ASSERT_TRUE(replace_file(fresh, "/x/a", bytes_of("1")));
        ASSERT_TRUE(fresh.rename("/x/a", "/y/a"));
        ASSERT_TRUE(fresh.sync_folder(synced));
        Random random(1);
        const auto cut = fresh.after_power_cut(random, drop);
        EXPECT_EQ(content(*cut, "/x/a"), "none") << synced;
        EXPECT_EQ(content(*cut, "/y/a"), "1") << synced;
    }
}

TEST_F(MemoryDiskTest, a_killed_process_leaves_unsynced_data_that_a_later_power_cut_takes) {
    put_durably("/a", "old");
    ASSERT_TRUE(open("/a")->write(0, bytes_of("new")));
    Random random(1);
    const auto killed = disk.after_power_cut(random, keep);
    EXPECT_EQ(content(*killed, "/a"), "new");
    EXPECT_EQ(content(*killed->after_power_cut(random, drop), "/a"), "old");
}

TEST_F(MemoryDiskTest, what_a_power_cut_left_is_durable) {
    put_durably("/a", "old");
    ASSERT_TRUE(open("/a")->write(0, bytes_of("new")));
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Random random(seed);
        const auto once = disk.after_power_cut(random, subset);
        const auto twice = once->after_power_cut(random, drop);
        EXPECT_EQ(content(*once, "/a"), content(*twice, "/a")) << seed;
    }
}

TEST_F(MemoryDiskTest, a_write_is_kept_lost_or_torn_at_a_sector) {
    constexpr size_t size = 2'000;
    constexpr size_t start = 100;
    put_durably("/a", std::string(start + size, 'o'));
    ASSERT_TRUE(open("/a")->write(start, bytes_of(std::string(size, 'n'))));
    std::set<std::string> kinds;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        const std::string left = after(subset, "/a", seed).substr(start);
        ASSERT_EQ(left.size(), size);
        const size_t change = left.find(left[0] == 'n' ? 'o' : 'n');
        if (change == left.npos) {
            kinds.insert(left[0] == 'n' ? "kept" : "lost");
            continue;
        }
        EXPECT_EQ((start + change) % 512, 0u) << seed;
        EXPECT_EQ(left.substr(change), std::string(size - change, left[change])) << seed;
        kinds.insert(left[0] == 'n' ? "only the front" : "only the rear");
    }
    EXPECT_EQ(kinds.size(), 4u);
}

TEST_F(MemoryDiskTest, a_later_write_can_survive_an_earlier_one) {
    put_durably("/a", "..");
    ASSERT_TRUE(open("/a")->write(0, bytes_of("1")));
    ASSERT_TRUE(open("/a")->write(1, bytes_of("2")));
    std::set<std::string> seen;
    for (uint64_t seed = 1; seed <= 100; ++seed) seen.insert(after(subset, "/a", seed));
    EXPECT_EQ(seen, (std::set<std::string>{"..", "1.", ".2", "12"}));
}

TEST_F(MemoryDiskTest, changes_of_a_name_and_the_names_of_a_file_keep_their_order) {
    put_durably("/a", "1");
    ASSERT_TRUE(disk.rename("/a", "/b"));
    ASSERT_TRUE(disk.rename("/b", "/c"));
    put("/a", "2");
    ASSERT_TRUE(open("/a")->sync());
    std::set<std::string> seen;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        Random random(seed);
        const auto cut = disk.after_power_cut(random, subset);
        const std::vector<std::string> names = cut->list("/").value();
        std::string left;
        for (const std::string& name : names) left += name + content(*cut, "/" + name);
        seen.insert(left);
    }
    // The second "a" is never there while the first still is, the first file never twice or lost.
    EXPECT_EQ(seen, (std::set<std::string>{"a1", "b1", "c1", "a2b1", "a2c1"}));
}

TEST_F(MemoryDiskTest, a_removal_that_survives_brings_the_creation_along) {
    put("/a", "1");
    ASSERT_TRUE(disk.remove("/a"));
    ASSERT_TRUE(disk.make_folder("/a"));
    std::set<std::string> seen;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        Random random(seed);
        const auto cut = disk.after_power_cut(random, subset);
        seen.insert(!cut->exists("/a").value() ? "nothing" : cut->list("/a") ? "folder" : "file");
    }
    EXPECT_EQ(seen, (std::set<std::string>{"nothing", "file", "folder"}));
}

TEST_F(MemoryDiskTest, replacing_a_file_is_atomic_at_every_operation_of_every_kind_of_cut) {
    put_durably("/a", "old");
    int64_t cuts = 0;
    disk.on_operation([&](const DiskOperation& operation) {
        for (uint64_t seed = 1; seed <= 30; ++seed) {
            for (const Loss loss : {keep, drop, subset}) {
                const std::string left = after(loss, "/a", seed);
                EXPECT_TRUE(left == "old" || left == "new")
                    << left << " after operation " << operation.number << " seed " << seed;
                ++cuts;
            }
        }
    });
    ASSERT_TRUE(replace_file(disk, "/a", bytes_of("new")));
    EXPECT_EQ(cuts, 5 * 90);  // create, write, sync, rename, sync_folder
    EXPECT_EQ(after(drop, "/a"), "new");
}

TEST_F(MemoryDiskTest, a_full_disk_takes_what_fits_and_goes_on_when_there_is_room) {
    disk.set_capacity(3 * 4'096);
    const auto file = open("/a");
    ASSERT_TRUE(file->write(0, Bytes(4'096)));
    const auto full = file->write(4'096, Bytes(10'000));
    ASSERT_FALSE(full);
    EXPECT_TRUE(full.error().no_space());
    EXPECT_EQ(file->size().value(), 3 * 4'096);
    EXPECT_EQ(disk.space("/").value().free_bytes, 0);
    EXPECT_TRUE(file->write(100, Bytes(5'000))) << "what is allocated can be overwritten";
    disk.set_capacity(5 * 4'096);
    EXPECT_TRUE(file->write(3 * 4'096, Bytes(8'192)));
}

TEST_F(MemoryDiskTest, holes_take_no_room_and_removal_gives_it_back) {
    const auto index = open("/index");
    ASSERT_TRUE(index->truncate(10 << 20));
    EXPECT_EQ(disk.used_bytes(), 0);
    ASSERT_TRUE(index->write(5 << 20, bytes_of("x")));
    EXPECT_EQ(disk.used_bytes(), 4'096);
    auto log = open("/log");
    ASSERT_TRUE(log->write(0, Bytes(8'192)));
    EXPECT_EQ(disk.clone()->used_bytes(), 3 * 4'096);
    ASSERT_TRUE(disk.remove("/log"));
    EXPECT_EQ(disk.used_bytes(), 3 * 4'096) << "somebody still reads it";
    log.reset();
    EXPECT_EQ(disk.used_bytes(), 4'096);
    ASSERT_TRUE(index->truncate(0));
    EXPECT_EQ(disk.used_bytes(), 0);
}

TEST_F(MemoryDiskTest, absurd_sizes_are_refused) {
    const auto file = open("/a");
    const int64_t absurd = int64_t{1} << 60;
    EXPECT_EQ(file->write(absurd, bytes_of("x")).error().code, EFBIG);
    EXPECT_EQ(file->truncate(absurd).error().code, EFBIG);
}

TEST_F(MemoryDiskTest, it_tells_each_operation) {
    std::string told;
    disk.on_operation([&](const DiskOperation& operation) {
        told += std::to_string(operation.number) + " " +
                std::to_string(static_cast<int>(operation.kind)) + " " + operation.path + "\n";
    });
    ASSERT_TRUE(disk.make_folder("/x/y"));
    put("/x/y/a", "1");
    EXPECT_EQ(content(disk, "/x/y/a"), "1");
    ASSERT_TRUE(disk.rename("/x/y/a", "/x/b"));
    ASSERT_TRUE(disk.remove_folder("/x"));
    EXPECT_FALSE(disk.remove_folder("/"));
    EXPECT_EQ(told,
              "1 4 /x\n2 4 /x/y\n3 0 /x/y/a\n4 1 /x/y/a\n5 6 /x/b\n6 5 /x/b\n7 5 /x/y\n8 5 /x\n");
    EXPECT_EQ(disk.operations(), 8);
}

TEST_F(MemoryDiskTest, a_clone_goes_its_own_way) {
    put("/a", "both");
    const auto copy = disk.clone();
    ASSERT_TRUE(open("/a")->write(0, bytes_of("ours")));
    EXPECT_EQ(content(*copy, "/a"), "both");
    ASSERT_TRUE(replace_file(*copy, "/a", bytes_of("theirs")));
    EXPECT_EQ(content(disk, "/a"), "ours");
}

TEST_F(MemoryDiskTest, a_cold_disk_is_asked_through_read_only) {
    put("/a", "x");
    disk.set_cold(true);
    Bytes into(1);
    const auto cached = open("/a")->read_cached(0, into);
    ASSERT_FALSE(cached);
    EXPECT_TRUE(cached.error().would_block());
    EXPECT_EQ(open("/a")->read(0, into).value(), 1u);
    EXPECT_EQ(open("/a")->read_cached(1, into).value(), 0u) << "the end is known";
}

TEST_F(MemoryDiskTest, a_power_cut_frees_locks) {
    const auto lock = disk.lock("/.lock");
    ASSERT_TRUE(lock);
    EXPECT_TRUE(disk.clone()->lock("/.lock"));
}

}  // namespace
}  // namespace stoker::storage
