#include "storage/index_file.hpp"

#include <gtest/gtest.h>

#include "storage/memory_disk.hpp"
#include "storage/offset_index.hpp"
#include "storage/time_index.hpp"

namespace stoker::storage {
namespace {

constexpr Offset base{1'000};

OffsetIndex offset_index(Disk& disk) {
    return {IndexFile::open(disk, "/index", OffsetIndex::entry_size).value(), base};
}
TimeIndex time_index(Disk& disk) {
    return {IndexFile::open(disk, "/timeindex", TimeIndex::entry_size).value(), base};
}

/// Writes what waits in the tail.
void write(IndexFile& file) {
    ASSERT_TRUE(file.write_tail());
    file.drop_tail();
}

TEST(OffsetIndex, an_entry_is_a_relative_offset_and_a_position) {
    MemoryDisk disk;
    OffsetIndex index = offset_index(disk);
    index.append(base + 5, 4'500);
    index.append(base + 0x01020304, 0x0a0b0c0d);
    write(index.file());
    EXPECT_EQ(hex(read_file(disk, "/index").value()), "0000000500001194010203040a0b0c0d");
}

TEST(OffsetIndex, the_last_entry_at_or_below_an_offset_is_found) {
    for (const int written : {0, 1, 63, 64, 65, 130, 1'000}) {
        MemoryDisk disk;
        OffsetIndex index = offset_index(disk);
        for (int i = 1; i <= 1'000; ++i) {
            index.append(base + i * 10, i * 100);
            if (i == written) write(index.file());
        }
        const IndexView view = index.file().view(true);
        EXPECT_EQ(view.count(), 1'000);
        for (int i = 1; i <= 1'000; ++i) {
            EXPECT_EQ(find_offset(view, base, base + i * 10)->position, i * 100);
            EXPECT_EQ(find_offset(view, base, base + i * 10 + 9)->position, i * 100);
            EXPECT_EQ(find_position(view, base, i * 100 + 99)->offset, base + i * 10);
        }
        EXPECT_EQ(find_offset(view, base, base + 9)->position, 0);
        EXPECT_EQ(find_offset(view, base, base + 9)->offset, base);
    }
}

TEST(OffsetIndex, a_view_does_not_see_what_comes_after_it) {
    MemoryDisk disk;
    OffsetIndex index = offset_index(disk);
    index.append(base + 1, 10);
    const IndexView view = index.file().view(true);
    index.append(base + 2, 20);
    write(index.file());
    EXPECT_EQ(find_offset(view, base, base + 100)->position, 10);
    EXPECT_EQ(find_offset(index.file().view(true), base, base + 100)->position, 20);
}

TEST(OffsetIndex, a_search_that_may_not_block_says_that_it_would) {
    MemoryDisk disk;
    OffsetIndex index = offset_index(disk);
    for (int i = 1; i < 10; ++i) index.append(base + i, i);
    write(index.file());
    disk.set_cold(true);
    const auto found = find_offset(index.file().view(false), base, base + 4);
    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().would_block());
    EXPECT_TRUE(find_offset(index.file().view(true), base, base + 4));
}

TEST(OffsetIndex, what_cannot_be_an_index_of_the_segment_is_not_plausible) {
    MemoryDisk disk;
    OffsetIndex index = offset_index(disk);
    EXPECT_TRUE(*index.is_plausible(0));
    index.append(base + 5, 4'500);
    index.append(base + 9, 9'000);
    write(index.file());
    EXPECT_TRUE(*index.is_plausible(9'001));
    EXPECT_FALSE(*index.is_plausible(9'000));
    const auto file = disk.open("/index", OpenMode::write).value();
    (void)file->truncate(800);
    EXPECT_FALSE(*offset_index(disk).is_plausible(9'001));
    (void)file->truncate(15);
    EXPECT_FALSE(*offset_index(disk).is_plausible(9'001));
}

TEST(TimeIndex, an_entry_is_a_timestamp_and_a_relative_offset) {
    MemoryDisk disk;
    TimeIndex index = time_index(disk);
    index.append({1'700'000'000'000, base + 7});
    write(index.file());
    EXPECT_EQ(hex(read_file(disk, "/timeindex").value()), "0000018bcfe5680000000007");
    EXPECT_EQ(index.last()->timestamp_ms, 1'700'000'000'000);
    EXPECT_EQ(index.last()->offset, base + 7);
}

TEST(TimeIndex, the_last_entry_at_or_below_a_time_is_found) {
    MemoryDisk disk;
    TimeIndex index = time_index(disk);
    for (int i = 1; i <= 300; ++i) index.append({i * 1'000, base + i});
    const IndexView view = index.file().view(true);
    EXPECT_EQ(find_time(view, base, 999)->timestamp_ms, -1);
    EXPECT_EQ(find_time(view, base, 999)->offset, base);
    EXPECT_EQ(find_time(view, base, 1'000)->offset, base + 1);
    EXPECT_EQ(find_time(view, base, 299'999)->offset, base + 299);
    EXPECT_EQ(find_time(view, base, 1'000'000)->offset, base + 300);
}

TEST(TimeIndex, one_place_is_kept_for_the_end) {
    MemoryDisk disk;
    TimeIndex index = time_index(disk);
    for (int i = 1; i <= 4; ++i) index.append({i, base + i});
    EXPECT_FALSE(index.is_full(6 * 12));
    EXPECT_TRUE(index.is_full(5 * 12));
}

TEST(TimeIndex, an_index_that_goes_beyond_its_segment_is_not_plausible) {
    MemoryDisk disk;
    TimeIndex index = time_index(disk);
    index.append({1'000, base + 5});
    EXPECT_TRUE(*index.is_plausible(base + 6));
    EXPECT_FALSE(*index.is_plausible(base + 5));
}

}  // namespace
}  // namespace stoker::storage
