// The files of one line or two: partition.metadata and .kafka_cleanshutdown.
#include <gtest/gtest.h>

#include "storage/clean_shutdown_file.hpp"
#include "storage/disk_error.hpp"
#include "storage/memory_disk.hpp"
#include "storage/partition_metadata.hpp"

namespace stoker::storage {
namespace {

class SmallFilesTest : public testing::Test {
protected:
    void put(const std::string& path, std::string_view text) {
        ASSERT_TRUE(replace_file(disk, path, bytes_of(text)));
    }
    std::string complaint(std::string_view text) {
        put("/p", text);
        const auto id = read_partition_metadata(disk, "/p");
        if (id) return "accepted";
        EXPECT_TRUE(is_malformed(id.error()));
        return id.error().what;
    }
    std::optional<CleanShutdown> clean(std::string_view text) {
        put("/.kafka_cleanshutdown", text);
        return read_clean_shutdown(disk, "/").value();
    }

    MemoryDisk disk;
};

TEST_F(SmallFilesTest, partition_metadata_is_written_as_apache_kafka_writes_it) {
    const Uuid id = *parse_uuid("PdpsZ-RQQZW_37Xgzh_nvw");
    ASSERT_TRUE(write_partition_metadata(disk, "/p", id));
    EXPECT_EQ(text_of(read_file(disk, "/p").value()),
              "version: 0\ntopic_id: PdpsZ-RQQZW_37Xgzh_nvw");
    EXPECT_EQ(read_partition_metadata(disk, "/p").value(), id);
    EXPECT_TRUE(read_partition_metadata(disk, "/none").error().not_found());
}

TEST_F(SmallFilesTest, partition_metadata_may_end_its_lines_as_it_likes) {
    put("/p", "version: 0\r\ntopic_id: PdpsZ-RQQZW_37Xgzh_nvw\r\n");
    EXPECT_EQ(to_string(read_partition_metadata(disk, "/p").value()), "PdpsZ-RQQZW_37Xgzh_nvw");
}

TEST_F(SmallFilesTest, partition_metadata_that_is_none_is_refused) {
    EXPECT_EQ(complaint(""), "/p: line 1 must be 'version: 0'");
    EXPECT_EQ(complaint("version: 1\ntopic_id: PdpsZ-RQQZW_37Xgzh_nvw"),
              "/p: version 1 is not known here, only version 0");
    EXPECT_EQ(complaint("version: 0\n"), "/p: line 2 must be 'topic_id: ' and the topic's id");
    EXPECT_EQ(complaint("version: 0\ntopic_id: short"),
              "/p: line 2 must be 'topic_id: ' and the topic's id");
    EXPECT_EQ(complaint("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"),
              "/p: line 2 must be 'topic_id: ' and the topic's id");
    EXPECT_EQ(complaint(std::string(5'000, 'x')),
              "/p: it is too long for a partition.metadata file");
}

TEST_F(SmallFilesTest, a_clean_stop_is_told_as_apache_kafka_tells_it) {
    EXPECT_FALSE(read_clean_shutdown(disk, "/").value());
    ASSERT_TRUE(write_clean_shutdown(disk, "/", 14));
    EXPECT_EQ(text_of(read_file(disk, "/.kafka_cleanshutdown").value()),
              R"({"version":0,"brokerEpoch":14})");
    EXPECT_EQ(read_clean_shutdown(disk, "/").value()->broker_epoch, 14);
}

TEST_F(SmallFilesTest, a_clean_stop_counts_whatever_its_file_says) {
    for (const char* text : {"", "{}", "brokerEpoch", "{\"brokerEpoch\"", "{\"brokerEpoch\":",
                             "{\"brokerEpoch\":x}", "{\"brokerEpoch\":99999999999999999999}"}) {
        const auto stop = clean(text);
        ASSERT_TRUE(stop) << text;
        EXPECT_FALSE(stop->broker_epoch) << text;
    }
    EXPECT_TRUE(clean(std::string(5'000, ' ')));
    EXPECT_EQ(clean("{ \"brokerEpoch\" : -1, \"version\" : 0 }")->broker_epoch, -1);
}

TEST_F(SmallFilesTest, the_mark_of_a_clean_stop_is_taken_away_for_good) {
    ASSERT_TRUE(write_clean_shutdown(disk, "/", 1));
    ASSERT_TRUE(remove_clean_shutdown(disk, "/"));
    ASSERT_TRUE(remove_clean_shutdown(disk, "/"));
    Random random(1);
    const auto cut = disk.after_power_cut(random, Loss::drop_all_unsynced);
    EXPECT_FALSE(read_clean_shutdown(*cut, "/").value());
}

}  // namespace
}  // namespace stoker::storage
