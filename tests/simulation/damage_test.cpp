// Damage: every byte of a small data directory is changed, and every file is cut at every length,
// one at a time; each time a broker starts on it. It may refuse to, in a sentence; it may miss what
// the damage was in. It never serves a record that nobody wrote or one at another's offset, and it
// does not lose what lies elsewhere.
//
// STOKER_DAMAGE_STEP=1 takes every byte (minutes); by default one in so many, so that all kinds of
// places have their turn within seconds.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/test_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "record/batch.hpp"

namespace stoker::simulation {
namespace {

using broker::TestBroker;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using storage::MemoryDisk;

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 11;
constexpr int16_t commit_version = 7;
constexpr int16_t offset_fetch_version = 7;
constexpr size_t decompressed_max = 1 << 20;
constexpr int64_t step_default = 97;

const std::vector<std::string> topics = {"rolled", "durable"};
constexpr int batches = 24;
constexpr int64_t records_a_batch = 2;
constexpr int64_t records = batches * records_a_batch;
constexpr int64_t committed = 17;

broker::ConfigMap properties() { return {{"offsets.topic.num.partitions", "1"}}; }

std::string value_at(const std::string& topic, int64_t offset) {
    return topic + " has this at " + std::to_string(offset);
}

void write_all(TestBroker& broker, const std::string& topic) {
    for (int64_t at = 0; at < records; at += records_a_batch) {
        record::BatchBuilder builder(
            {.codec = at % 3 == 0 ? record::Codec::gzip : record::Codec::none,
             .producer_id = ProducerId{7},
             .producer_epoch = 0,
             .base_sequence = int32_t(at)});
        for (int64_t i = at; i < at + records_a_batch; ++i)
            builder.append(broker.clock().wall_ms() + i, std::nullopt,
                           bytes_of(value_at(topic, i)));
        Bytes batch = std::move(builder).build();
        ProduceRequest request{.acks = -1, .timeout_ms = 1000};
        request.topic_data = {{.name = topic,
                               .partition_data = {{.index = PartitionId{0},
                                                   .records = protocol::Records{.bytes = batch}}}}};
        const uint64_t sent = broker.send(request, produce_version);
        while (broker.logs().do_work()) continue;
        const auto answer = broker.answer<ProduceResponse>(sent, produce_version);
        ASSERT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, ErrorCode::none);
    }
}

void commit(TestBroker& broker) {
    // Makes the topic that offsets are kept in.
    (void)broker.ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "readers"}, 2);
    for (int64_t offset = 0; offset <= committed; ++offset) {
        OffsetCommitRequest request{
            .group_id = "readers",
            .topics = {{.name = "rolled",
                        .partitions = {{.partition_index = PartitionId{0},
                                        .committed_offset = Offset{offset}}}}}};
        const uint64_t sent = broker.send(request, commit_version);
        while (broker.logs().do_work()) continue;
        const auto answer = broker.answer<OffsetCommitResponse>(sent, commit_version);
        ASSERT_EQ(answer.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    }
}

/// What is on the disk when a broker has done all this and stopped.
std::unique_ptr<MemoryDisk> make_data() {
    TestBroker broker(properties());
    auto& metadata = broker.broker().metadata();
    EXPECT_TRUE(metadata.create_topic(
        {.name = "rolled",
         .partitions = 1,
         .configs = {{"segment.bytes", "1024"}, {"index.interval.bytes", "256"}}}));
    EXPECT_TRUE(metadata.create_topic(
        {.name = "durable", .partitions = 1, .configs = {{"flush.messages", "1"}}}));
    for (const std::string& topic : topics) write_all(broker, topic);
    commit(broker);
    broker.stop();
    return broker.disk().clone();
}

/// What a consumer gets of a topic that passes over what it cannot have: each offset's value.
/// Batches whose checksum is wrong are left out: a client refuses them.
std::map<int64_t, std::string> read_all(TestBroker& broker, const std::string& topic) {
    std::map<int64_t, std::string> served;
    for (int64_t position = 0; position < records;) {
        FetchRequest request{.max_wait_ms = 0, .min_bytes = 0, .max_bytes = 1 << 20};
        request.topics = {{.topic = topic,
                           .partitions = {{.partition = PartitionId{0},
                                           .fetch_offset = Offset{position},
                                           .partition_max_bytes = 1 << 20}}}};
        const uint64_t sent = broker.send(request, fetch_version);
        while (broker.logs().do_work()) continue;
        const auto data =
            broker.answer<FetchResponse>(sent, fetch_version).responses.at(0).partitions.at(0);
        int64_t next = position + 1;
        record::BatchReader reader(data.records ? ByteView(data.records->bytes) : ByteView{});
        for (auto batch = reader.next(); batch && *batch; batch = reader.next()) {
            if (!record::validate((*batch)->bytes, record::Origin::log)) break;
            (void)record::for_each_record(
                **batch, decompressed_max, [&](const record::RecordView& found) {
                    if (raw(found.offset) >= position)
                        served.emplace(raw(found.offset),
                                       text_of(found.value.value_or(ByteView{})));
                });
            next = std::max(next, raw((*batch)->header.last_offset()) + 1);
        }
        position = next;
    }
    return served;
}

int64_t offset_of_group(TestBroker& broker) {
    OffsetFetchRequest request{
        .group_id = "readers",
        .topics = std::vector<OffsetFetchRequest::OffsetFetchRequestTopic>{
            {.name = "rolled", .partition_indexes = {PartitionId{0}}}}};
    const auto answer = broker.ask<OffsetFetchResponse>(request, offset_fetch_version);
    return raw(answer.topics.at(0).partitions.at(0).committed_offset);
}

struct FoundFile {
    std::string path;
    int64_t size = 0;
};

void find_files(MemoryDisk& disk, const std::string& folder, std::vector<FoundFile>& found) {
    const auto names = disk.list(folder);
    ASSERT_TRUE(names);
    for (const std::string& name : *names) {
        const std::string path = folder + "/" + name;
        if (disk.list(path)) {
            find_files(disk, path, found);
            continue;
        }
        const auto file = disk.open(path, storage::OpenMode::read);
        ASSERT_TRUE(file) << path;
        found.push_back({path, (*file)->size().value()});
    }
}

/// Where the bytes of a data file are that no checksum covers and that readers go by: each batch's
/// base offset.
std::set<int64_t> unchecked_bytes(MemoryDisk& disk, const FoundFile& file) {
    std::set<int64_t> unchecked;
    if (!file.path.ends_with(".log")) return unchecked;
    const auto bytes = storage::read_file(disk, file.path);
    record::BatchReader reader(*bytes);
    for (size_t start = 0; const auto batch = reader.next(); start = reader.position()) {
        if (!*batch) break;
        for (size_t i = 0; i < sizeof(int64_t); ++i) unchecked.insert(int64_t(start + i));
    }
    return unchecked;
}

class Damage {
public:
    Damage() : intact_(make_data()), broker_(properties()) {
        find_files(*intact_, "/data", files_);
    }

    const std::vector<FoundFile>& files() const { return files_; }
    std::set<int64_t> unchecked(const FoundFile& file) { return unchecked_bytes(*intact_, file); }

    /// With one bit of the byte at `position` changed. `costs`: how many records that may cost the
    /// topic whose data it is.
    void change(const FoundFile& file, int64_t position, int64_t costs) {
        SCOPED_TRACE("the byte at " + std::to_string(position));
        judge(file, costs, [&](storage::File& opened) {
            Bytes byte(1);
            ASSERT_EQ(opened.read(position, byte).value(), 1u);
            byte[0] ^= std::byte(1u << (position % 8));
            ASSERT_TRUE(opened.write(position, byte));
        });
    }
    void cut(const FoundFile& file, int64_t size) {
        SCOPED_TRACE("cut at " + std::to_string(size));
        judge(file, records, [&](storage::File& opened) { ASSERT_TRUE(opened.truncate(size)); });
    }
    int served() const { return served_; }
    int refused() const { return refused_; }

private:
    void judge(const FoundFile& file, int64_t costs,
               const std::function<void(storage::File&)>& damage) {
        SCOPED_TRACE(file.path);
        auto disk = intact_->clone();
        damage(**disk->open(file.path, storage::OpenMode::write));
        if (const auto started = broker_.start(std::move(disk)); !started) {
            // Whose data it is nobody can guess; all else a broker can do without.
            EXPECT_EQ(file.path, "/data/meta.properties") << started.error();
            EXPECT_TRUE(started.error().contains("/data/meta.properties")) << started.error();
            ++refused_;
            return;
        }
        ++served_;
        for (const std::string& topic : topics) look_at(file, topic, costs);
        const int64_t told = offset_of_group(broker_);
        if (file.path.starts_with("/data/__")) {
            EXPECT_LE(told, committed);
        } else {
            EXPECT_EQ(told, committed);
        }
    }

    void look_at(const FoundFile& file, const std::string& topic, int64_t costs) {
        if (broker_.broker().metadata().find(topic) == nullptr) {
            EXPECT_TRUE(file.path.starts_with("/data/__cluster_metadata")) << topic << " is gone";
            EXPECT_TRUE(broker_.disk().exists("/data/" + topic + "-0").value());
            return;
        }
        const bool is_its_data =
            file.path.starts_with("/data/" + topic + "-0/") && file.path.ends_with(".log");
        const auto served = read_all(broker_, topic);
        // With its base offset a batch can lose its place, which upstream's format cannot tell.
        const bool has_places = !is_its_data || costs < records || file.size == 0;
        for (const auto& [offset, value] : served) {
            EXPECT_TRUE(value.starts_with(topic + " has this at ")) << value;
            if (has_places) {
                EXPECT_EQ(value, value_at(topic, offset));
            }
        }
        EXPECT_LE(records - int64_t(served.size()), is_its_data ? costs : 0) << topic;
    }

    std::unique_ptr<MemoryDisk> intact_;
    TestBroker broker_;
    std::vector<FoundFile> files_;
    int served_ = 0;
    int refused_ = 0;
};

int64_t step() {
    const char* text = std::getenv("STOKER_DAMAGE_STEP");
    return text == nullptr ? step_default : std::max<int64_t>(std::atoll(text), 1);
}

TEST(Damage, to_any_byte_costs_no_record_but_those_of_its_batch) {
    Damage damage;
    for (const FoundFile& file : damage.files()) {
        const auto unchecked = damage.unchecked(file);
        for (int64_t at = 0; at < file.size; at += step())
            damage.change(file, at, unchecked.contains(at) ? records : records_a_batch);
    }
    EXPECT_GT(damage.served(), 100);
    EXPECT_GT(damage.refused(), 0);
}

TEST(Damage, of_a_file_that_ends_early_costs_no_record_but_those_behind_its_end) {
    Damage damage;
    for (const FoundFile& file : damage.files())
        for (int64_t size = 0; size < file.size; size += step()) damage.cut(file, size);
    EXPECT_GT(damage.served(), 100);
}

}  // namespace
}  // namespace stoker::simulation
