#include "storage/leader_epoch_checkpoint.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "storage/disk_error.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

constexpr LeaderEpoch epoch(int32_t number) {
    return LeaderEpoch{number};
}

std::string text(const LeaderEpochCache& cache) {
    std::string text;
    for (const EpochStart& entry : cache.entries()) {
        if (!text.empty()) text += " ";
        text += std::to_string(raw(entry.epoch)) + ":" + std::to_string(raw(entry.start));
    }
    return text;
}

LeaderEpochCache cache_of(std::initializer_list<EpochStart> entries) {
    LeaderEpochCache cache;
    for (const EpochStart& entry : entries) cache.assign(entry.epoch, entry.start);
    return cache;
}

TEST(LeaderEpochCache, an_epoch_ends_where_the_next_begins) {
    const auto cache = cache_of({{epoch(1), Offset{0}}, {epoch(4), Offset{10}}});
    EXPECT_EQ(cache.end_offset_for(epoch(1), Offset{25}), (EpochEnd{epoch(1), Offset{10}}));
    EXPECT_EQ(cache.end_offset_for(epoch(3), Offset{25}), (EpochEnd{epoch(1), Offset{10}}));
    EXPECT_EQ(cache.end_offset_for(epoch(4), Offset{25}), (EpochEnd{epoch(4), Offset{25}}));
}

TEST(LeaderEpochCache, has_no_answer_for_an_epoch_to_come) {
    const auto cache = cache_of({{epoch(1), Offset{0}}});
    EXPECT_EQ(cache.end_offset_for(epoch(2), Offset{25}), EpochEnd{});
    EXPECT_EQ(cache.end_offset_for(LeaderEpoch::none, Offset{25}), EpochEnd{});
    EXPECT_EQ(LeaderEpochCache{}.end_offset_for(epoch(0), Offset{25}), EpochEnd{});
}

TEST(LeaderEpochCache, says_whether_it_changed) {
    LeaderEpochCache cache;
    EXPECT_TRUE(cache.assign(epoch(1), Offset{0}));
    EXPECT_FALSE(cache.assign(epoch(1), Offset{5})) << "the epoch goes on";
    EXPECT_TRUE(cache.assign(epoch(2), Offset{5}));
    EXPECT_FALSE(cache.truncate_from_end(Offset{6}));
    EXPECT_FALSE(cache.truncate_from_start(Offset{0}));
    EXPECT_TRUE(cache.truncate_from_start(Offset{3}));
    EXPECT_TRUE(cache.truncate_from_end(Offset{5}));
    EXPECT_EQ(text(cache), "1:3");
    EXPECT_TRUE(cache.clear());
    EXPECT_FALSE(cache.clear());
    EXPECT_FALSE(cache.latest());
    EXPECT_FALSE(cache.earliest());
}

TEST(LeaderEpochCache, does_what_apache_kafka_does) {
    std::ifstream recorded(STOKER_SOURCE_DIR "/src/storage/testdata/leader_epochs.txt");
    LeaderEpochCache cache;
    std::string line;
    int count = 0;
    for (; std::getline(recorded, line); ++count) {
        std::istringstream words(line);
        std::string operation;
        int64_t a = 0;
        int64_t b = 0;
        words >> operation >> a;
        if (operation == "assign") {
            words >> b;
            cache.assign(epoch(static_cast<int32_t>(a)), Offset{b});
        } else if (operation == "truncate_from_end") {
            cache.truncate_from_end(Offset{a});
        } else if (operation == "truncate_from_start") {
            cache.truncate_from_start(Offset{a});
        } else if (operation == "epoch_at") {
            words >> b;
            EXPECT_EQ(raw(cache.epoch_at(Offset{a}).value_or(LeaderEpoch::none)), b) << line;
        } else {
            int64_t end = 0;
            words >> b >> end;
            const EpochEnd got = cache.end_offset_for(epoch(static_cast<int32_t>(a)), Offset{1000});
            EXPECT_EQ(got, (EpochEnd{epoch(static_cast<int32_t>(b)), Offset{end}})) << line;
        }
        const size_t expected = line.find("= ");
        ASSERT_EQ(text(cache), line.substr(expected + 2)) << "line " << count + 1;
    }
    EXPECT_EQ(count, 600);
}

TEST(LeaderEpochFile, is_written_as_apache_kafka_writes_it) {
    MemoryDisk disk;
    const auto cache = cache_of({{epoch(0), Offset{3}}});
    ASSERT_TRUE(write_leader_epochs(disk, "/e", cache));
    EXPECT_EQ(text_of(read_file(disk, "/e").value()), "0\n1\n0 3\n");
    EXPECT_EQ(text(read_leader_epochs(disk, "/e").value()), "0:3");
    EXPECT_TRUE(read_leader_epochs(disk, "/none").value().empty());
}

TEST(LeaderEpochFile, with_numbers_that_do_not_rise_ends_as_its_last_lines_say) {
    MemoryDisk disk;
    ASSERT_TRUE(replace_file(disk, "/e", bytes_of("0\n3\n1 0\n5 10\n3 4\n")));
    EXPECT_EQ(text(read_leader_epochs(disk, "/e").value()), "1:0 3:4");
}

TEST(LeaderEpochFile, that_cannot_be_understood_is_refused_with_the_line) {
    MemoryDisk disk;
    ASSERT_TRUE(replace_file(disk, "/e", bytes_of("0\n1\n-1 3\n")));
    const auto read = read_leader_epochs(disk, "/e");
    ASSERT_FALSE(read);
    EXPECT_TRUE(is_malformed(read.error()));
    EXPECT_EQ(read.error().what, "/e: line 3: '-1' must be a number from 0 to 2147483647");
}

}  // namespace
}  // namespace stoker::storage
