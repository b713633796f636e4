#include <gtest/gtest.h>

#include <algorithm>

#include "broker/log_replay.hpp"
#include "broker/metadata/start_records.hpp"
#include "broker/test_broker.hpp"
#include "protocol/messages/records_metadata.hpp"

namespace stoker::broker {
namespace {

using protocol::encode_metadata_record;

constexpr int32_t node = 1;

/// What the image is once a broker has taken over.
MetadataImage taken_over(MetadataImage image) {
    for (const Bytes& record : takeover_records(image, node))
        image.apply(protocol::read_metadata_record(record));
    return image;
}

std::shared_ptr<storage::Log> journal_of(TestBroker& test) {
    return *test.logs().get({"__cluster_metadata", PartitionId{0}});
}

void append_to_journal(TestBroker& test, std::initializer_list<Bytes> records) {
    LeaderEpoch epoch = test.broker().metadata().epoch();
    record::BatchBuilder builder({.leader_epoch = epoch});
    for (const Bytes& record : records) builder.append(0, std::nullopt, record);
    Bytes batch = std::move(builder).build();
    ASSERT_TRUE(journal_of(test)->append(batch, {.epoch = epoch, .from_client = false}));
}

Bytes topic_record(std::string name, std::byte id) {
    return encode_metadata_record(
        protocol::TopicRecord{.name = std::move(name), .topic_id = {.bytes = {id}}}, 0);
}

TEST(ClusterMetadata, replay_gives_the_live_image_after_random_changes) {
    Random random;
    TestBroker test;
    for (int step = 0; step < 400; ++step) {
        ClusterMetadata& metadata = test.broker().metadata();
        std::string name = "t" + std::to_string(random.below(20));
        switch (random.below(5)) {
            case 0:
                (void)metadata.create_topic(
                    {.name = name, .partitions = int32_t(1 + random.below(5)), .configs = {}});
                break;
            case 1:
                if (auto topic = metadata.find(name)) (void)metadata.delete_topic(topic->id);
                break;
            case 2:
                (void)metadata.create_partitions(name, int32_t(1 + random.below(9)), false);
                break;
            case 3: {
                std::optional<std::string> value;
                if (random.below(2) == 0) value = std::to_string(1000 + random.below(1000));
                (void)metadata.alter_configs(ResourceType::topic, name, {{"retention.ms", value}});
                break;
            }
            default:
                (void)metadata.allocate_producer_ids(1000);
        }
        if (step % 50 != 49) continue;
        MetadataImage before = metadata.image();
        test.kill_and_restart();
        ASSERT_EQ(test.broker().metadata().image(), taken_over(before))
            << "seed " << random.seed();
    }
}

TEST(ClusterMetadata, a_flipped_bit_costs_its_batch_which_is_kept_aside) {
    TestBroker test;
    append_to_journal(test, {topic_record("alice", std::byte{7})});
    append_to_journal(test, {topic_record("carol", std::byte{8})});
    const auto count = [&] {
        int records = 0;
        EXPECT_TRUE(replay(*journal_of(test), Offset{0},
                           [&](const record::RecordView&) { ++records; }));
        return records;
    };
    const int before = count();
    const std::string path = "/data/__cluster_metadata-0/00000000000000000000.log";
    Bytes bytes = storage::read_file(test.disk(), path).value();
    const auto at = text_of(bytes).find("alice");
    ASSERT_NE(at, std::string_view::npos);
    auto file = test.disk().open(path, storage::OpenMode::write).value();
    ASSERT_TRUE(file->write(int64_t(at), bytes_of("b")));
    EXPECT_EQ(count(), before - 1);
    const auto names = test.disk().list("/data/__cluster_metadata-0").value();
    EXPECT_TRUE(std::ranges::any_of(
        names, [](const std::string& name) { return name.ends_with(".quarantine"); }));
}

TEST(ClusterMetadata, names_that_differ_only_in_dot_and_underscore_collide) {
    TestBroker test;
    ClusterMetadata& metadata = test.broker().metadata();
    ASSERT_TRUE(metadata.create_topic({.name = "a.b", .configs = {}}));
    auto second = metadata.create_topic({.name = "a_b", .configs = {}});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::invalid_topic_exception);
    EXPECT_EQ(second.error().message, "Topic 'a_b' collides with existing topic: a.b");
}

TEST(ClusterMetadata, every_start_is_a_new_leader_epoch) {
    TestBroker test;
    LeaderEpoch first = test.broker().metadata().epoch();
    test.kill_and_restart();
    EXPECT_EQ(raw(test.broker().metadata().epoch()), raw(first) + 1);
}

TEST(ClusterMetadata, a_restart_raises_the_leader_epoch_of_every_partition_by_two) {
    TestBroker test;
    auto topic =
        test.broker().metadata().create_topic({.name = "t", .partitions = 2, .configs = {}});
    ASSERT_TRUE(topic);
    EXPECT_EQ((*topic)->partitions[1]->leader_epoch(), LeaderEpoch{0});
    test.kill_and_restart();
    EXPECT_EQ(test.broker().metadata().find("t")->partitions[1]->leader_epoch(), LeaderEpoch{2});
}

TEST(ClusterMetadata, a_new_cluster_starts_at_the_levels_of_apache_kafka) {
    TestBroker test;
    ClusterMetadata& metadata = test.broker().metadata();
    EXPECT_EQ(metadata.feature_level("metadata.version"), 30);
    EXPECT_EQ(metadata.feature_level("group.version"), 1);
    EXPECT_EQ(metadata.feature_level("kraft.version"), 1);
    EXPECT_EQ(metadata.feature_level("no.such.feature"), 0);
    EXPECT_EQ(metadata.configs(ResourceType::broker, ""),
              (ConfigMap{{"min.insync.replicas", "1"}}));
}

TEST(ClusterMetadata, a_first_start_that_was_killed_in_the_middle_is_made_up_for) {
    storage::MemoryDisk disk;
    ManualClock clock;
    Random random;
    auto logs = storage::LogManager::open(disk, clock, random, {.folder = "/data"});
    ASSERT_TRUE(logs);
    {
        // The log has its first epoch, and then the process dies.
        auto journal = MetadataJournal::open(**logs, clock, {});
        ASSERT_TRUE(journal);
        ASSERT_TRUE((*journal)->begin_epoch());
    }
    auto metadata = ClusterMetadata::open(**logs, clock, random, {.journal = {}, .endpoints = {}},
                                          [](const ConfigMap&) { return TopicSettings{}; });
    ASSERT_TRUE(metadata) << metadata.error();
    EXPECT_EQ((*metadata)->feature_level("metadata.version"), 30);
}

TEST(ClusterMetadata, what_an_ended_metadata_transaction_did_counts) {
    TestBroker test;
    append_to_journal(test, {encode_metadata_record(protocol::BeginTransactionRecord{}, 0),
                             topic_record("in-transaction", std::byte{7}),
                             encode_metadata_record(protocol::EndTransactionRecord{}, 0)});
    test.kill_and_restart();
    EXPECT_TRUE(test.broker().metadata().find("in-transaction"));
}

TEST(ClusterMetadata, what_an_aborted_or_open_metadata_transaction_did_does_not_count) {
    TestBroker test;
    Bytes begin = encode_metadata_record(protocol::BeginTransactionRecord{}, 0);
    append_to_journal(test, {begin, topic_record("aborted", std::byte{7}),
                             encode_metadata_record(protocol::AbortTransactionRecord{}, 0),
                             begin, topic_record("open", std::byte{8})});
    for (int start = 0; start < 2; ++start) {
        test.kill_and_restart();
        EXPECT_FALSE(test.broker().metadata().find("aborted"));
        EXPECT_FALSE(test.broker().metadata().find("open"));
    }
}

TEST(ClusterMetadata, a_journal_whose_start_is_gone_continues_a_snapshot) {
    TestBroker test;
    ASSERT_TRUE(test.broker().metadata().create_topic({.name = "old", .configs = {}}));
    MetadataImage before = test.broker().metadata().image();
    auto journal = journal_of(test);
    record::BatchBuilder snapshot({});
    ASSERT_TRUE(replay(*journal, Offset{0}, [&](const record::RecordView& record) {
        snapshot.append(0, std::nullopt, record.value);
    }));
    std::string digits = std::to_string(raw(journal->end_offset()));
    std::string path = journal->folder() + "/" + std::string(20 - digits.size(), '0') + digits +
                       "-0000000001.checkpoint";
    ASSERT_TRUE(storage::replace_file(test.disk(), path, std::move(snapshot).build()));
    ASSERT_TRUE(journal->roll());
    ASSERT_TRUE(journal->delete_records_before(journal->end_offset()));
    while (test.logs().do_work()) {
    }
    journal.reset();
    test.kill_and_restart();
    EXPECT_GT(journal_of(test)->start_offset(), Offset{0});
    EXPECT_EQ(test.broker().metadata().image(), taken_over(before));
}

}  // namespace
}  // namespace stoker::broker
