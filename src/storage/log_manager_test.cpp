#include "storage/log_manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "storage/log_world.hpp"
#include "storage/storage_threads.hpp"

namespace stoker::storage {
namespace {

const TopicPartition orders{"orders", PartitionId{0}};
const TopicPartition events{"events", PartitionId{12}};

/// A data directory on a disk in memory.
struct Node {
    Node() : Node(std::make_unique<MemoryDisk>()) {}
    explicit Node(std::unique_ptr<MemoryDisk> memory)
        : disk(std::move(memory)), faulty(*disk) {
        options.folder = "/data";
    }

    std::expected<std::unique_ptr<LogManager>, std::string> try_open() {
        manager.reset();
        return LogManager::open(faulty, clock, random, options);
    }
    LogManager& open() {
        manager = std::move(try_open().value());
        return *manager;
    }
    /// Opens what is left when the process is killed now.
    LogManager& crash() {
        manager.reset();
        return open();
    }
    std::shared_ptr<Log> make(const TopicPartition& partition, const LogConfig& config = {}) {
        return manager->create(partition, Uuid{}, config).value();
    }
    Result<AppendResult> append(Log& log, const TestBatch& batch = {}) {
        Bytes bytes = make_batch(batch);
        return log.append(bytes, {.now_ms = clock.wall_ms()});
    }
    void work() {
        while (manager->do_work()) continue;
    }
    std::vector<std::string> names() { return disk->list("/data").value(); }
    std::string text(const std::string& path) {
        return std::string(text_of(read_file(*disk, path).value_or(Bytes{})));
    }

    std::unique_ptr<MemoryDisk> disk;
    FaultyDisk faulty;
    ManualClock clock;
    Random random{11};
    LogManager::Options options;
    std::unique_ptr<LogManager> manager;
};

TEST(LogManager, a_new_directory_gets_its_identity) {
    Node node;
    LogManager& manager = node.open();
    EXPECT_EQ(manager.cluster_id().size(), 22u);
    EXPECT_FALSE(manager.directory_id().is_zero());
    EXPECT_TRUE(manager.partitions().empty());
    const std::string cluster = manager.cluster_id();
    ASSERT_TRUE(manager.stop());
    EXPECT_EQ(node.open().cluster_id(), cluster);
    EXPECT_TRUE(node.manager->was_clean());
}

TEST(LogManager, a_partition_is_a_folder_with_apache_kafkas_files) {
    Node node;
    LogManager& manager = node.open();
    const Uuid id = node.random.uuid();
    ASSERT_TRUE(manager.create(orders, id, {}));
    EXPECT_EQ(node.disk->list("/data/orders-0").value(),
              (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log",
                                        "00000000000000000000.timeindex", "partition.metadata"}));
    EXPECT_EQ(manager.topic_id(orders), id);
    EXPECT_EQ(manager.create(orders, id, {}).error(), ErrorCode::topic_already_exists);
    EXPECT_EQ(manager.get(events).error(), ErrorCode::unknown_topic_or_partition);
    EXPECT_TRUE(manager.contains(orders));
}

TEST(LogManager, after_a_clean_stop_logs_are_opened_at_first_use) {
    Node node;
    node.open();
    for (int i = 0; i < 100; ++i) {
        const auto log = node.make({"many", PartitionId{i}});
        ASSERT_TRUE(node.append(*log));
    }
    ASSERT_TRUE(node.manager->stop());
    const int64_t opens = node.faulty.calls(DiskCall::open);
    LogManager& manager = node.open();
    EXPECT_EQ(manager.partitions().size(), 100u);
    EXPECT_LT(node.faulty.calls(DiskCall::open) - opens, 10);
    EXPECT_EQ(manager.get_if_open({"many", PartitionId{5}}), nullptr);
    EXPECT_EQ((*manager.get({"many", PartitionId{5}}))->end_offset(), Offset{1});
    EXPECT_NE(manager.get_if_open({"many", PartitionId{5}}), nullptr);
}

TEST(LogManager, after_a_crash_all_logs_are_recovered) {
    for (const unsigned threads : {1u, 4u}) {
        Node node;
        node.options.recovery_threads = threads;
        node.open();
        for (int i = 0; i < 20; ++i) {
            const auto log = node.make({"many", PartitionId{i}});
            for (int k = 0; k <= i; ++k) ASSERT_TRUE(node.append(*log));
        }
        LogManager& manager = node.crash();
        EXPECT_FALSE(manager.was_clean());
        for (int i = 0; i < 20; ++i) {
            EXPECT_EQ(manager.get_if_open({"many", PartitionId{i}})->end_offset(), Offset{i + 1});
        }
    }
}

TEST(LogManager, a_crash_after_a_clean_stop_is_seen_as_one) {
    Node node;
    node.open();
    ASSERT_TRUE(node.manager->stop());
    node.open();
    EXPECT_FALSE(node.crash().was_clean());
}

TEST(LogManager, checkpoints_are_written_every_minute_and_at_a_stop) {
    Node node;
    node.open();
    const auto log = node.make(orders);
    (void)node.append(*log, {.records = 7});
    node.clock.advance_ms(59'999);
    node.manager->tick();
    EXPECT_EQ(node.text("/data/replication-offset-checkpoint"), "");
    node.clock.advance_ms(1);
    node.manager->tick();
    EXPECT_EQ(node.text("/data/replication-offset-checkpoint"), "0\n1\norders 0 7\n");
    EXPECT_EQ(node.text("/data/recovery-point-offset-checkpoint"), "0\n1\norders 0 0\n");
    ASSERT_TRUE(node.manager->stop());
    EXPECT_EQ(node.text("/data/recovery-point-offset-checkpoint"), "0\n1\norders 0 7\n");
    EXPECT_EQ(node.text("/data/log-start-offset-checkpoint"), "0\n0\n");
}

TEST(LogManager, checkpoints_of_logs_that_were_not_opened_are_kept) {
    Node node;
    node.open();
    (void)node.append(*node.make(orders), {.records = 7});
    (void)node.append(*node.make(events), {.records = 3});
    (void)(*node.manager->get(orders))->delete_records_before(Offset{2});
    ASSERT_TRUE(node.manager->stop());
    node.open();
    (void)node.append(**node.manager->get(events));
    ASSERT_TRUE(node.manager->stop());
    EXPECT_EQ(node.text("/data/recovery-point-offset-checkpoint"),
              "0\n2\nevents 12 4\norders 0 7\n");
    EXPECT_EQ(node.text("/data/log-start-offset-checkpoint"), "0\n1\norders 0 2\n");
}

TEST(LogManager, deleted_records_stay_deleted_after_a_crash) {
    Node node;
    node.open();
    const auto log = node.make(orders);
    (void)node.append(*log, {.records = 7});
    ASSERT_TRUE(log->delete_records_before(Offset{4}));
    node.work();
    EXPECT_EQ((*node.crash().get(orders))->start_offset(), Offset{4});
}

TEST(LogManager, a_deleted_partition_is_gone_at_once_and_its_files_after_the_delay) {
    Node node;
    node.open();
    const auto log = node.make(orders);
    ASSERT_TRUE(node.manager->remove(orders));
    EXPECT_EQ(node.append(*log).error(), ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(node.manager->remove(orders).error(), ErrorCode::unknown_topic_or_partition);
    const auto has_deleted = [&] {
        for (const std::string& name : node.names()) {
            if (name.starts_with("orders-0.") && name.ends_with("-delete")) return true;
        }
        return false;
    };
    EXPECT_TRUE(has_deleted());
    EXPECT_EQ(node.make(orders)->end_offset(), Offset{0});
    node.clock.advance_ms(60'000);
    node.manager->tick();
    EXPECT_FALSE(has_deleted());
}

TEST(LogManager, what_was_being_deleted_is_removed_after_the_next_start) {
    Node node;
    node.open();
    node.make(orders);
    ASSERT_TRUE(node.manager->remove(orders));
    LogManager& manager = node.crash();
    EXPECT_FALSE(manager.contains(orders));
    manager.tick();
    for (const std::string& name : node.names()) {
        EXPECT_FALSE(name.ends_with("-delete")) << name;
    }
}

TEST(LogManager, old_segments_are_deleted_in_time) {
    Node node;
    node.open();
    const auto log = node.make(orders, {.retention_ms = 1'000});
    (void)node.append(*log, {.timestamp_ms = node.clock.wall_ms()});
    node.clock.advance_ms(300'000);
    node.manager->tick();
    EXPECT_EQ(log->start_offset(), Offset{1});
    EXPECT_TRUE(node.disk->exists("/data/orders-0/00000000000000000000.log.deleted").value());
    node.clock.advance_ms(60'000);
    node.manager->tick();
    EXPECT_FALSE(node.disk->exists("/data/orders-0/00000000000000000000.log.deleted").value());
}

TEST(LogManager, a_flush_is_done_by_whoever_works_and_only_once_for_many_appends) {
    Node node;
    node.open();
    const auto log = node.make(orders, {.flush_messages = 1});
    int woken = 0;
    node.manager->set_work_listener([&] { ++woken; });
    for (int i = 0; i < 10; ++i) (void)node.append(*log);
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(log->high_watermark(), Offset{0});
    EXPECT_TRUE(node.manager->do_work());
    EXPECT_EQ(log->high_watermark(), Offset{10});
    EXPECT_FALSE(node.manager->do_work());
    node.manager->set_work_listener({});
}

TEST(LogManager, flush_ms_is_honoured) {
    Node node;
    node.open();
    const auto log = node.make(orders, {.flush_ms = 500});
    (void)node.append(*log);
    node.clock.advance_ms(499);
    node.manager->tick();
    EXPECT_FALSE(node.manager->do_work());
    node.clock.advance_ms(1);
    node.manager->tick();
    node.work();
    EXPECT_EQ(log->flushed_offset(), Offset{1});
}

TEST(LogManager, settings_reach_a_log_that_is_not_open_yet) {
    Node node;
    node.open();
    node.make(orders);
    ASSERT_TRUE(node.manager->stop());
    LogManager& manager = node.open();
    manager.set_config(orders, {.segment_bytes = 12'345});
    EXPECT_EQ((*manager.get(orders))->config().segment_bytes, 12'345);
    manager.set_config(orders, {.segment_bytes = 54'321});
    EXPECT_EQ((*manager.get(orders))->config().segment_bytes, 54'321);
}

TEST(LogManager, a_directory_that_is_in_use_is_refused) {
    Node node;
    node.open();
    const auto second = LogManager::open(*node.disk, node.clock, node.random, node.options);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().find("in use by another process"), std::string::npos);
}

TEST(LogManager, a_foreign_directory_is_refused_and_not_touched) {
    Node node;
    (void)node.disk->make_folder("/data");
    (void)node.disk->open("/data/letters.txt", OpenMode::write);
    const auto refused = node.try_open();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("letters.txt"), std::string::npos);
    EXPECT_EQ(node.names(), std::vector<std::string>{"letters.txt"});
}

TEST(LogManager, another_nodes_directory_is_refused) {
    Node node;
    node.open();
    ASSERT_TRUE(node.manager->stop());
    node.options.node_id = 2;
    const auto refused = node.try_open();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("node.id=1"), std::string::npos);
    node.options.node_id = 1;
    EXPECT_TRUE(node.open().was_clean());
}

TEST(LogManager, a_start_on_a_full_disk_is_refused) {
    Node node;
    node.open();
    ASSERT_TRUE(node.manager->stop());
    node.disk->set_capacity(node.disk->used_bytes() + 4'096);
    const auto refused = node.try_open();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("is full"), std::string::npos);
    node.disk->set_capacity(MemoryDisk::default_capacity);
    EXPECT_TRUE(node.open().was_clean());
}

TEST(LogManager, damaged_checkpoints_only_cost_time) {
    Node node;
    node.open();
    (void)node.append(*node.make(orders), {.records = 7});
    ASSERT_TRUE(node.manager->stop());
    for (const char* name : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint",
                             "replication-offset-checkpoint"}) {
        const auto file = node.disk->open(std::string("/data/") + name, OpenMode::create).value();
        (void)file->write(0, bytes_of("0\nten\n"));
    }
    EXPECT_EQ((*node.open().get(orders))->end_offset(), Offset{7});
}

TEST(LogManager, whichever_call_of_a_start_fails_the_next_one_finds_everything) {
    for (int64_t n = 1;; ++n) {
        Node node;
        node.open();
        (void)node.append(*node.make(orders), {.records = 7});
        (void)node.append(*node.make(events), {.records = 3});
        node.manager.reset();
        node.faulty.fail({.nth = n});
        {
            const auto opened = node.try_open();
            if (opened) (*opened)->stop();
        }
        const bool passed = node.faulty.faults() == 0;
        node.faulty.heal();
        LogManager& manager = node.open();
        ASSERT_EQ((*manager.get(orders))->end_offset(), Offset{7}) << n;
        ASSERT_EQ((*manager.get(events))->end_offset(), Offset{3}) << n;
        if (passed) break;
        ASSERT_LT(n, 1'000);
    }
}

TEST(LogManager, a_recovery_after_a_power_cut_that_was_cut_short_itself_is_one_the_next_time) {
    Node node;
    node.options.boot_id = "before";
    node.open();
    auto log = node.make(orders);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(node.append(*log, {.records = 2}));
    log.reset();
    node.manager.reset();
    const std::string path = "/data/orders-0/00000000000000000000.log";
    Bytes holed = read_file(*node.disk, path).value();
    const auto one = ptrdiff_t(holed.size() / 5);
    std::fill_n(holed.begin() + 2 * one, one, std::byte{0});
    ASSERT_TRUE(node.disk->open(path, OpenMode::create).value()->write(0, holed));

    node.options.boot_id = "after";
    node.faulty.fail({.calls = {DiskCall::read}, .path_part = ".log", .for_good = true});
    ASSERT_FALSE(node.try_open());
    node.faulty.heal();
    EXPECT_EQ(node.open().get(orders).value()->end_offset(), Offset{4});
}

TEST(LogManager, a_stop_with_a_broken_disk_is_not_recorded_as_clean) {
    Node node;
    node.open();
    const auto log = node.make(orders);
    (void)node.append(*log);
    node.faulty.fail({.calls = {DiskCall::sync}});
    EXPECT_FALSE(node.manager->stop());
    node.faulty.heal();
    EXPECT_FALSE(node.crash().was_clean());
}

TEST(LogManager, in_class_disk_a_partition_survives_a_power_cut_right_after_the_first_ack) {
    Node node;
    node.open();
    const auto log = node.make(orders, {.flush_messages = 1});
    (void)node.append(*log, {.records = 2});
    node.work();
    ASSERT_EQ(log->high_watermark(), Offset{2});
    Node after(node.disk->after_power_cut(node.random, Loss::drop_all_unsynced));
    EXPECT_EQ((*after.open().get(orders))->end_offset(), Offset{2});
}

TEST(LogManager, topics_and_partitions_are_told_from_other_folders) {
    EXPECT_EQ(parse_topic_partition("orders-0"), orders);
    EXPECT_EQ(parse_topic_partition("a-b-3"), (TopicPartition{"a-b", PartitionId{3}}));
    EXPECT_EQ(parse_topic_partition("__cluster_metadata-0")->topic, "__cluster_metadata");
    for (const char* name : {"orders", "-1", "orders-", "orders-01", "orders-x", "or ders-1",
                             "..-1", "orders-4294967296", "orders-0.abc-delete", "orders--1"}) {
        const auto parsed = parse_topic_partition(name);
        EXPECT_TRUE(!parsed || to_string(*parsed) == name) << name;
        const bool is_partition = std::string_view(name) == "orders--1";
        EXPECT_EQ(parsed.has_value(), is_partition) << name;
    }
}

TEST(StorageThreads, they_sync_what_is_appended_and_run_what_is_posted) {
    Node node;
    node.open();
    const auto log = node.make(orders, {.flush_messages = 1});
    std::atomic<int> told = 0;
    log->set_high_watermark_listener([&] {
        told = int(raw(log->high_watermark()));
        told.notify_all();
    });
    StorageThreads threads(*node.manager, 2);
    for (int i = 1; i <= 50; ++i) {
        ASSERT_TRUE(node.append(*log));
        for (int seen = told; seen < i; seen = told) told.wait(seen);
    }
    std::atomic<bool> ran = false;
    ASSERT_TRUE(threads.post([&] {
        ran = true;
        ran.notify_all();
    }));
    ran.wait(false);
    threads.stop();
    EXPECT_FALSE(threads.post([] {}));
    log->set_high_watermark_listener({});
    EXPECT_TRUE(node.manager->stop());
}

}  // namespace
}  // namespace stoker::storage
