// A disk that fills up, and a disk whose n-th call fails, under a whole broker: who is told what,
// and what is there afterwards.
#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>

#include "node/simulated_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "record/builder.hpp"

namespace stoker::node {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using storage::DiskCall;
using storage::Fault;
using storage::Loss;
using storage::MemoryDisk;

constexpr size_t value_size = 3'000;

/// A client's view of one broker: what it was told.
class Client {
public:
    enum class Class { cache, disk };
    explicit Client(Class durability = Class::cache) {
        properties_["offsets.topic.num.partitions"] = "2";
        if (durability == Class::disk) properties_["log.flush.interval.messages"] = "1";
    }

    std::expected<void, std::string> start() {
        node.emplace(*disk, properties_, clock_, random_);
        auto opened = node->open();
        if (!opened) node.reset();
        return opened;
    }
    void restart(Loss loss) {
        auto after = disk->after_power_cut(random_, loss);
        node.reset();
        disk = std::move(after);
        const auto opened = start();
        ASSERT_TRUE(opened) << opened.error();
    }

    ErrorCode create(const std::string& name) {
        CreateTopicsRequest request{
            .topics = {{.name = name, .num_partitions = 1, .replication_factor = 1}}};
        const auto response = node->ask<CreateTopicsResponse>(request, 5);
        const ErrorCode error = response ? response->topics.at(0).error_code : no_answer;
        if (error == ErrorCode::none) topics.insert(name);
        return error;
    }

    ErrorCode produce() {
        std::string value = std::to_string(count_++) + " ";
        value.resize(value_size, 'x');
        record::BatchBuilder builder({});
        builder.append(clock_.wall_ms(), std::nullopt, bytes_of(value));
        Bytes batch = std::move(builder).build();
        ProduceRequest request{
            .acks = -1,
            .timeout_ms = 1000,
            .topic_data = {{.name = "t",
                            .partition_data = {
                                {.records = protocol::Records{.bytes = batch}}}}}};
        const auto response = node->ask<ProduceResponse>(request, 9);
        if (!response) return no_answer;
        const auto& answer = response->responses.at(0).partition_responses.at(0);
        if (answer.error_code == ErrorCode::none) records[raw(answer.base_offset)] = value;
        return answer.error_code;
    }

    ErrorCode commit() {
        (void)node->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "g"}, 2);
        OffsetCommitRequest request{
            .group_id = "g",
            .topics = {
                {.name = "t", .partitions = {{.committed_offset = Offset{++asked}}}}}};
        const auto response = node->ask<OffsetCommitResponse>(request, 8);
        if (!response) return no_answer;
        const ErrorCode error = response->topics.at(0).partitions.at(0).error_code;
        if (error == ErrorCode::none) committed = asked;
        return error;
    }

    /// Everything that was acknowledged is there.
    void look() {
        for (const std::string& topic : topics)
            EXPECT_TRUE(node->broker().metadata().find(topic)) << topic;
        if (!records.empty()) look_at_records();
        if (committed < 0) return;
        OffsetFetchRequest request{
            .group_id = "g", .topics = {{{.name = "t", .partition_indexes = {PartitionId{0}}}}}};
        const auto response = node->ask<OffsetFetchResponse>(request, 7);
        ASSERT_TRUE(response);
        const Offset there = response->topics.at(0).partitions.at(0).committed_offset;
        EXPECT_GE(raw(there), committed);
        EXPECT_LE(raw(there), asked);
    }

    static constexpr ErrorCode no_answer = ErrorCode::network_exception;

    std::unique_ptr<MemoryDisk> disk = std::make_unique<MemoryDisk>();
    std::optional<SimulatedBroker> node;
    std::set<std::string> topics;
    std::map<int64_t, std::string> records;
    int64_t committed = -1;
    int64_t asked = -1;

private:
    void look_at_records() {
        auto log = node->logs().get({"t", PartitionId{0}});
        ASSERT_TRUE(log);
        auto there = values_of(**log);
        ASSERT_TRUE(there);
        for (const auto& [offset, value] : records) EXPECT_EQ((*there)[offset], value) << offset;
    }

    broker::ConfigMap properties_;
    ManualClock clock_;
    Random random_{11};
    int64_t count_ = 0;
};

void fill_and_free(Client::Class durability) {
    constexpr int64_t little_room = 64 << 10;
    Client client(durability);
    ASSERT_TRUE(client.start());
    ASSERT_EQ(client.create("t"), ErrorCode::none);
    ASSERT_EQ(client.produce(), ErrorCode::none);
    ASSERT_EQ(client.commit(), ErrorCode::none);
    for (int round = 0; round < 5; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        client.disk->set_capacity(client.disk->used_bytes() + little_room);
        ErrorCode error = ErrorCode::none;
        for (int i = 0; i < 100 && error == ErrorCode::none; ++i) error = client.produce();
        EXPECT_EQ(error, ErrorCode::kafka_storage_error);
        EXPECT_EQ(client.produce(), ErrorCode::kafka_storage_error);
        // Less than a page may still fit: the answer is the truth in either case.
        while (client.commit() == ErrorCode::none) continue;
        EXPECT_NE(client.commit(), Client::no_answer);
        while (client.create("full-" + std::to_string(round)) == ErrorCode::none) break;
        EXPECT_FALSE(client.node->logs().directory().offline());
        client.look();

        client.disk->set_capacity(MemoryDisk::default_capacity);
        EXPECT_EQ(client.produce(), ErrorCode::none);
        EXPECT_EQ(client.commit(), ErrorCode::none);
        EXPECT_EQ(client.create("free-" + std::to_string(round)), ErrorCode::none);
        client.look();
        client.restart(Loss::keep_all);
        client.look();
    }
}

TEST(FullDisk, produce_hears_a_storage_error_and_all_goes_on_by_itself_when_there_is_room) {
    fill_and_free(Client::Class::cache);
}

TEST(FullDisk, in_class_disk_too) {
    fill_and_free(Client::Class::disk);
}

TEST(FullDisk, a_start_is_refused_with_a_sentence_that_says_what_to_do) {
    Client client;
    ASSERT_TRUE(client.start());
    ASSERT_EQ(client.create("t"), ErrorCode::none);
    ASSERT_EQ(client.produce(), ErrorCode::none);
    client.node.reset();
    client.disk->set_capacity(client.disk->used_bytes());
    const auto refused = client.start();
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().find("make room"), std::string::npos) << refused.error();
    client.disk->set_capacity(MemoryDisk::default_capacity);
    ASSERT_TRUE(client.start());
    client.look();
}

/// Runs a small life of a broker with the n-th call failing, then cuts the power; true when the
/// fault had nothing left to hit.
bool life_with_fault(Fault fault) {
    Client client(Client::Class::disk);
    EXPECT_TRUE(client.start());
    client.node->faulty().fail(fault);
    (void)client.create("t");
    for (int i = 0; i < 3; ++i) {
        (void)client.produce();
        (void)client.commit();
    }
    (void)client.create("u");
    client.node->logs().tick();
    const bool passed = client.node->faulty().faults() == 0;
    client.node->faulty().heal();
    client.restart(Loss::drop_all_unsynced);
    client.look();
    return passed;
}

TEST(DiskFault, whichever_call_fails_nothing_acknowledged_is_lost_even_when_the_power_goes) {
    for (const int code : {EIO, ENOSPC}) {
        for (const Fault::Effect effect : {Fault::Effect::nothing, Fault::Effect::part}) {
            for (const bool for_good : {false, true}) {
                for (int64_t n = 1;; ++n) {
                    SCOPED_TRACE("errno " + std::to_string(code) + ", call " + std::to_string(n) +
                                 (effect == Fault::Effect::part ? ", a part" : "") +
                                 (for_good ? ", for good" : ""));
                    if (life_with_fault({.calls = storage::changing_calls(),
                                         .nth = n,
                                         .for_good = for_good,
                                         .code = code,
                                         .effect = effect}))
                        break;
                    ASSERT_LT(n, 1'000);
                    if (testing::Test::HasFailure()) return;
                }
            }
        }
    }
}

TEST(DiskFault, a_commit_whose_sync_failed_is_not_acknowledged) {
    Client client(Client::Class::disk);
    ASSERT_TRUE(client.start());
    ASSERT_EQ(client.create("t"), ErrorCode::none);
    ASSERT_EQ(client.commit(), ErrorCode::none);
    client.node->faulty().fail({.calls = {DiskCall::sync}, .path_part = "__consumer_offsets"});
    EXPECT_NE(client.commit(), ErrorCode::none);
    EXPECT_TRUE(client.node->logs().directory().offline());
}

}  // namespace
}  // namespace stoker::node
