#include "storage/checkpoint_file.hpp"

#include <gtest/gtest.h>

#include "storage/disk_error.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

class CheckpointFileTest : public testing::Test {
protected:
    DiskResult<std::vector<OffsetCheckpoint>> read(std::string_view text) {
        EXPECT_TRUE(replace_file(disk, "/c", bytes_of(text)));
        return read_offset_checkpoint(disk, "/c");
    }
    /// What is said about a file that must not be believed.
    std::string complaint(std::string_view text) {
        const auto entries = read(text);
        if (entries) return "accepted";
        EXPECT_TRUE(is_malformed(entries.error()));
        return entries.error().what;
    }

    MemoryDisk disk;
};

TEST_F(CheckpointFileTest, is_written_as_apache_kafka_writes_it) {
    const std::vector<OffsetCheckpoint> entries = {
        {"payments", PartitionId{1}, Offset{3}},
        {"payments", PartitionId{0}, Offset{0}},
    };
    ASSERT_TRUE(write_offset_checkpoint(disk, "/c", entries));
    // The replication-offset-checkpoint of a Kafka 4.3.0 that was stopped cleanly.
    EXPECT_EQ(text_of(read_file(disk, "/c").value()), "0\n2\npayments 1 3\npayments 0 0\n");
    EXPECT_EQ(read_offset_checkpoint(disk, "/c").value(), entries);
}

TEST_F(CheckpointFileTest, a_missing_or_empty_one_covers_nothing) {
    EXPECT_TRUE(read_offset_checkpoint(disk, "/none").value().empty());
    EXPECT_TRUE(read("").value().empty());
    EXPECT_TRUE(read("0\n").value().empty());
    EXPECT_TRUE(read("0\n0\n").value().empty());
}

TEST_F(CheckpointFileTest, line_ends_may_be_of_either_kind_and_the_last_missing) {
    const std::vector<OffsetCheckpoint> entries = {{"t", PartitionId{7}, Offset{9}}};
    EXPECT_EQ(read("0\r\n1\r\nt 7 9\r\n").value(), entries);
    EXPECT_EQ(read("0\n1\nt 7 9").value(), entries);
}

TEST_F(CheckpointFileTest, what_is_wrong_is_said_with_the_line) {
    EXPECT_EQ(complaint("x"), "/c: line 1: this is not a version number");
    EXPECT_EQ(complaint("1\n0\n"), "/c: line 1: version 1 is not known here, only version 0");
    EXPECT_EQ(complaint("0\n-1\n"), "/c: line 2: this is not a count");
    EXPECT_EQ(complaint("0\n99999999999\n"), "/c: line 2: this is not a count");
    EXPECT_EQ(complaint("0\n2\nt 0 1\n"), "/c: it announces 2 entries but has 1");
    EXPECT_EQ(complaint("0\n1\nt 0 1\nt 1 1\n"), "/c: it announces 1 entries but has 2");
    EXPECT_EQ(complaint("0\n1\nt 0\n"), "/c: line 3: there must be 3 words");
    EXPECT_EQ(complaint("0\n1\nt 0  1\n"), "/c: line 3: there must be 3 words");
    EXPECT_EQ(complaint("0\n1\n 0 1\n"), "/c: line 3: there is no topic name");
    EXPECT_EQ(complaint("0\n1\nt 2147483648 1\n"),
              "/c: line 3: '2147483648' must be a number from 0 to 2147483647");
    EXPECT_EQ(complaint("0\n1\nt 0 -1\n"),
              "/c: line 3: '-1' must be a number from 0 to 9223372036854775807");
    EXPECT_EQ(complaint("0\n1\nt 0 9223372036854775808\n"),
              "/c: line 3: '9223372036854775808' must be a number from 0 to 9223372036854775807");
    EXPECT_EQ(complaint("0\n1\nt 0 12x\n"),
              "/c: line 3: '12x' must be a number from 0 to 9223372036854775807");
}

TEST_F(CheckpointFileTest, every_truncation_is_noticed_or_harmless) {
    const std::string whole = "0\n2\npayments 1 3\npayments 0 5\n";
    for (size_t size = 0; size < whole.size(); ++size) {
        const auto entries = read(whole.substr(0, size));
        // Before the count it is the empty file of a first start; without its last line end whole.
        const bool harmless = size <= 2 || size == whole.size() - 1;
        EXPECT_EQ(entries.has_value(), harmless) << size;
    }
}

}  // namespace
}  // namespace stoker::storage
