#include "storage/meta_properties.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "storage/disk_error.hpp"
#include "storage/faulty_disk.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

class MetaPropertiesTest : public testing::Test {
protected:
    void put(const std::string& path, std::string_view text) {
        ASSERT_TRUE(disk.make_folder("/data"));
        ASSERT_TRUE(replace_file(disk, path, bytes_of(text)));
    }
    DiskResult<MetaProperties> take_up(int32_t node = 1,
                                       std::optional<std::string> cluster = std::nullopt) {
        return take_up_data_folder(disk, {"/data", node, cluster}, random, clock);
    }
    std::string complaint(std::string_view text) {
        put("/data/meta.properties", text);
        const auto taken = take_up();
        if (taken) return "accepted";
        EXPECT_TRUE(is_malformed(taken.error()));
        EXPECT_EQ(text_of(read_file(disk, "/data/meta.properties").value()), text);
        return taken.error().what;
    }

    MemoryDisk disk;
    Random random{1};
    ManualClock clock{1'795'262'204'000};
};

// The file that Apache Kafka 4.3.0 wrote on 2026-11-21.
constexpr std::string_view kafkas =
    "#\n"
    "#Sat Nov 21 11:56:44 UTC 2026\n"
    "node.id=1\n"
    "directory.id=y1r8avc9QCKdeNg_QaqRyQ\n"
    "version=1\n"
    "cluster.id=QWthLXJlZmVyZW5jZS0xMA\n";

TEST_F(MetaPropertiesTest, are_written_as_apache_kafka_writes_them) {
    const MetaProperties meta{"QWthLXJlZmVyZW5jZS0xMA", 1, parse_uuid("y1r8avc9QCKdeNg_QaqRyQ")};
    ASSERT_TRUE(write_meta_properties(disk, "/m", meta, clock.wall_ms()));
    EXPECT_EQ(text_of(read_file(disk, "/m").value()), kafkas);
    EXPECT_EQ(read_meta_properties(disk, "/m").value(), meta);
}

TEST_F(MetaPropertiesTest, a_new_folder_gets_ids_of_its_own) {
    const auto made = take_up(7);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(made->node_id, 7);
    EXPECT_TRUE(parse_uuid(made->cluster_id));
    EXPECT_TRUE(made->directory_id);
    EXPECT_EQ(take_up(7).value(), *made) << "the second start finds them";
}

TEST_F(MetaPropertiesTest, a_new_folder_takes_the_cluster_id_that_is_given) {
    EXPECT_EQ(take_up(1, "my-cluster").value().cluster_id, "my-cluster");
    EXPECT_TRUE(take_up(1, "my-cluster"));
}

TEST_F(MetaPropertiesTest, a_new_folder_survives_a_power_cut_at_once) {
    const auto made = take_up_data_folder(disk, {"/var/lib/stoker"}, random, clock);
    ASSERT_TRUE(made);
    const auto cut = disk.after_power_cut(random, Loss::drop_all_unsynced);
    EXPECT_EQ(read_meta_properties(*cut, "/var/lib/stoker/meta.properties").value(), *made);
}

TEST_F(MetaPropertiesTest, a_first_start_that_was_interrupted_anywhere_is_made_good) {
    for (int64_t n = 1;; ++n) {
        MemoryDisk memory;
        FaultyDisk faulty(memory);
        faulty.fail({.calls = changing_calls(), .nth = n, .for_good = true});
        const bool done = take_up_data_folder(faulty, {"/x/data"}, random, clock).has_value();
        ASSERT_EQ(done, faulty.faults() == 0) << n;
        ASSERT_TRUE(take_up_data_folder(memory, {"/x/data"}, random, clock)) << n;
        if (done) break;
    }
}

TEST_F(MetaPropertiesTest, apache_kafkas_folder_is_taken_up_and_not_written_to) {
    put("/data/meta.properties", kafkas);
    ASSERT_TRUE(disk.make_folder("/data/payments-0"));
    const int64_t before = disk.operations();
    EXPECT_EQ(take_up().value().cluster_id, "QWthLXJlZmVyZW5jZS0xMA");
    EXPECT_EQ(disk.operations(), before);
}

TEST_F(MetaPropertiesTest, a_missing_directory_id_is_added) {
    put("/data/meta.properties", "version=1\nnode.id=1\ncluster.id=c\n");
    const auto taken = take_up();
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->directory_id);
    EXPECT_EQ(read_meta_properties(disk, "/data/meta.properties").value(), *taken);
}

TEST_F(MetaPropertiesTest, a_folder_of_another_node_or_cluster_is_refused) {
    put("/data/meta.properties", kafkas);
    EXPECT_EQ(take_up(2).error().what,
              "/data/meta.properties: the folder belongs to node 1 and this is node 2: set "
              "node.id=1, or give another data folder");
    EXPECT_EQ(take_up(1, "mine").error().what,
              "/data/meta.properties: the folder belongs to the cluster 'QWthLXJlZmVyZW5jZS0xMA' "
              "and this is 'mine': give that cluster id, or another data folder");
}

TEST_F(MetaPropertiesTest, an_unknown_version_is_refused) {
    EXPECT_EQ(complaint("version=2\nnode.id=1\ncluster.id=c\n"),
              "/data/meta.properties: it is of version '2', and only version 1 is known here: use "
              "the Kafka that wrote it, or give another data folder");
    EXPECT_EQ(complaint("version=0\nbroker.id=1\ncluster.id=c\n"),
              "/data/meta.properties: a Kafka that kept its metadata in ZooKeeper wrote it "
              "(version 0): migrate it to KRaft with Apache Kafka 3.9 first, or give another data "
              "folder");
}

TEST_F(MetaPropertiesTest, a_damaged_file_is_refused) {
    EXPECT_EQ(complaint("version=1\ncluster.id=c\n"),
              "/data/meta.properties: it has no valid node.id: restore the file");
    EXPECT_EQ(complaint("version=1\nnode.id=-1\ncluster.id=c\n"),
              "/data/meta.properties: it has no valid node.id: restore the file");
    EXPECT_EQ(complaint("version=1\nnode.id=1\n"),
              "/data/meta.properties: it has no cluster.id: restore the file");
    EXPECT_EQ(complaint("version=1\nnode.id=1\ncluster.id=c\ndirectory.id=x\n"),
              "/data/meta.properties: its directory.id is not an id: restore the file");
    EXPECT_NE(complaint(""), "accepted");
}

TEST_F(MetaPropertiesTest, a_folder_with_foreign_files_is_refused_and_left_alone) {
    put("/data/holiday.jpg", "x");
    put("/data/.lock", "");
    const int64_t before = disk.operations();
    const auto taken = take_up();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().what,
              "/data: it has files in it, such as 'holiday.jpg', but no meta.properties, so it is "
              "not a Kafka data folder: give an empty one, or a new name");
    EXPECT_FALSE(disk.exists("/data/meta.properties").value());
    EXPECT_LE(disk.operations(), before + 1) << "a sync at most";
}

TEST_F(MetaPropertiesTest, what_the_disk_refuses_is_a_sentence_that_says_what_to_do) {
    put("/data/meta.properties", kafkas);
    FaultyDisk faulty(disk);
    const auto refused = [&](DiskCall call, int code, const std::string& folder) {
        faulty.fail({.calls = {call}, .code = code});
        const auto taken = take_up_data_folder(faulty, {folder}, random, clock);
        return taken ? "accepted" : taken.error().what;
    };
    EXPECT_EQ(refused(DiskCall::open, EACCES, "/data"),
              "cannot read /data/meta.properties (Permission denied): run as the user who owns it, "
              "or give another data folder");
    EXPECT_EQ(refused(DiskCall::make_folder, EROFS, "/new"),
              "cannot make /new (Read-only file system): run as the user who owns it, or give "
              "another data folder");
    EXPECT_EQ(refused(DiskCall::write, ENOSPC, "/new"),
              "cannot write /new/meta.properties (No space left on device): make room on that "
              "disk, or give a data folder on another one");
    EXPECT_EQ(refused(DiskCall::read, EIO, "/data"),
              "cannot read /data/meta.properties (Input/output error): see whether the disk is in "
              "order");
    EXPECT_EQ(refused(DiskCall::lock, 0, "/data/meta.properties"),
              "cannot read /data/meta.properties/meta.properties (Not a directory): give another "
              "data folder");
}

}  // namespace
}  // namespace stoker::storage
