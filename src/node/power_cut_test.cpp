// Power cuts through the whole broker: at random moments, in the middle of a request or of a sync,
// what was never synced vanishes, wholly or in part, and the next start must know everything that
// was acknowledged in the durability class `disk`.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/metadata/start_records.hpp"
#include "node/simulated_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "record/builder.hpp"

namespace stoker::node {
namespace {

using broker::ResourceType;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using storage::Loss;

constexpr int16_t produce_version = 9;
constexpr int16_t commit_version = 8;
constexpr int16_t offset_fetch_version = 7;
constexpr size_t in_flight_max = 5;
constexpr int32_t partitions = 2;
constexpr size_t producers = 2;

using Place = std::pair<std::string, int32_t>;  // a topic's partition

/// A batch that a producer has sent and that was not acknowledged.
struct Sent {
    int32_t sequence = 0;
    int32_t records = 0;
};

/// What an idempotent producer knows of one partition.
struct Flow {
    int32_t next_sequence = 0;
    std::deque<Sent> in_flight;
};

/// A number that only grows: what was acknowledged last and what was asked for last.
struct Growing {
    int64_t acknowledged = -1;
    int64_t asked = -1;
};

/// What the clients know. Copied at the moment of a cut: nothing that is heard later counts.
struct Known {
    std::set<std::string> topics;  // acknowledged
    std::set<std::string> deleted;
    std::map<std::string, Growing> settings;    // retention.ms of a topic
    std::map<std::string, Growing> grown;       // partitions of a topic
    std::map<Place, Growing> committed;         // offsets of the group
    std::map<Place, std::map<int64_t, std::string>> records;
    std::vector<ProducerId> producer_ids;       // of the producers
    std::set<ProducerId> given_ids;             // all that were ever given out
    std::map<std::pair<size_t, Place>, Flow> flows;
    int64_t count = 0;  // names and values that are used once
};

std::string value_of(ProducerId producer, int32_t sequence) {
    return "producer " + std::to_string(raw(producer)) + " record " + std::to_string(sequence);
}

/// What value_of was given; nothing for other values.
std::optional<std::pair<int64_t, int32_t>> producer_and_sequence(const std::string& value) {
    int64_t producer = 0;
    int32_t sequence = 0;
    const int found = std::sscanf(value.c_str(), "producer %ld record %d", &producer, &sequence);
    if (found != 2) return std::nullopt;
    return std::pair{producer, sequence};
}

/// Who has the class `disk`.
enum class DiskClass { everything, some_topics };

class PowerCuts {
public:
    PowerCuts(uint64_t seed, DiskClass disk_class, Loss loss)
        : random_(seed), disk_class_(disk_class), loss_(loss) {
        properties_ = {{"offsets.topic.num.partitions", "2"}};
        if (disk_class == DiskClass::everything) properties_["log.flush.interval.messages"] = "1";
        disk_ = std::make_unique<storage::MemoryDisk>();
        start();
        prepare();
    }

    /// Works until the power is cut somewhere in the next operations of the disk; starts again,
    /// and looks at everything.
    void round() {
        const int64_t at = disk_->operations() + 1 + int64_t(random_.below(60));
        std::unique_ptr<storage::MemoryDisk> after;
        Known known_then;
        disk_->on_operation([&](const storage::DiskOperation& operation) {
            if (operation.number < at || after != nullptr) return;
            after = disk_->after_power_cut(random_, loss_);
            known_then = known_;
        });
        while (after == nullptr && !testing::Test::HasFatalFailure()) step();
        disk_->on_operation({});
        node_.reset();
        disk_ = std::move(after);
        known_ = std::move(known_then);
        start();
        look();
        if (loss_ == Loss::random_subset) renew();
        else resend();
    }

    /// Everything is acknowledged; then the state after a cut is the state before it.
    void compare_states() {
        node_->work();
        ASSERT_EQ(node_->waiting(), 0u);
        auto image = node_->broker().metadata().image();
        const std::string groups = node_->broker().groups().dump();
        const auto states = producer_states();
        auto after = disk_->after_power_cut(random_, Loss::drop_all_unsynced);
        node_.reset();
        disk_ = std::move(after);
        start();
        for (const Bytes& record : broker::takeover_records(image, node_->broker().node_id()))
            image.apply(protocol::read_metadata_record(record));
        EXPECT_TRUE(node_->broker().metadata().image() == image);
        EXPECT_EQ(node_->broker().groups().dump(), groups);
        EXPECT_EQ(producer_states(), states);
    }

    int64_t acknowledged_records() const {
        int64_t count = 0;
        for (const auto& [place, records] : known_.records) count += std::ssize(records);
        return count;
    }

private:
    void start() {
        node_ = std::make_unique<SimulatedBroker>(*disk_, properties_, clock_, random_);
        const auto opened = node_->open();
        ASSERT_TRUE(opened) << opened.error();
        node_->work();
    }

    void prepare() {
        for (size_t i = 0; i < producers; ++i) known_.producer_ids.push_back(new_producer());
        create("first");
        create("second");
        if (disk_class_ == DiskClass::some_topics) create("cache", false);
        if (disk_class_ == DiskClass::everything) {
            auto found = node_->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "g"}, 2);
            ASSERT_TRUE(found);
        }
    }

    ProducerId new_producer() {
        InitProducerIdRequest request{.transactional_id = std::nullopt};
        auto response = node_->ask<InitProducerIdResponse>(request, 4);
        EXPECT_TRUE(response && response->error_code == ErrorCode::none);
        if (!response) return ProducerId::none;
        EXPECT_TRUE(known_.given_ids.insert(response->producer_id).second)
            << "producer id " << raw(response->producer_id) << " was given out twice";
        return response->producer_id;
    }

    void create(const std::string& name, bool disk = true) {
        CreateTopicsRequest request{.topics = {{.name = name,
                                                .num_partitions = partitions,
                                                .replication_factor = 1,
                                                .configs = {{"segment.ms", "40"}}}}};
        if (disk && disk_class_ == DiskClass::some_topics)
            request.topics[0].configs.push_back({"flush.messages", "1"});
        node_->send<CreateTopicsResponse>(request, 5, [this, name, disk](const auto* response) {
            ASSERT_TRUE(response && response->topics.at(0).error_code == ErrorCode::none);
            if (disk) known_.topics.insert(name);
        });
    }

    void step() {
        clock_.advance_ms(int64_t(random_.below(15)));
        switch (random_.below(20)) {
            case 0: return create("new-" + std::to_string(known_.count++));
            case 1: return alter();
            case 2: return grow();
            case 3: return remove();
            case 4: return node_->logs().tick();
            case 5: return void(new_producer());
            case 6:
            case 7: return commit();
            case 8:
            case 9:
            case 10: return node_->work();
            case 11:
            case 12: return node_->work_once();
            case 13:
            case 14: return produce_plain();
            default: return produce_next();
        }
    }

    Place some_place() {
        return {random_.below(2) == 0 ? "first" : "second", int32_t(random_.below(partitions))};
    }

    void alter() {
        auto& setting = known_.settings["first"];
        setting.asked = std::max<int64_t>(setting.asked + 1, 1'000'000'000);
        IncrementalAlterConfigsRequest request{
            .resources = {{.resource_type = int8_t(ResourceType::topic),
                           .resource_name = "first",
                           .configs = {{.name = "retention.ms",
                                        .value = std::to_string(setting.asked)}}}}};
        node_->send<IncrementalAlterConfigsResponse>(
            request, 1, [this, value = setting.asked](const auto* response) {
                ASSERT_TRUE(response && response->responses.at(0).error_code == ErrorCode::none);
                known_.settings["first"].acknowledged = value;
            });
    }

    void grow() {
        auto& grown = known_.grown["second"];
        grown.asked = std::max<int64_t>(grown.asked, partitions) + 1;
        CreatePartitionsRequest request{
            .topics = {{.name = "second", .count = int32_t(grown.asked), .assignments = {}}}};
        node_->send<CreatePartitionsResponse>(
            request, 2, [this, count = grown.asked](const auto* response) {
                ASSERT_TRUE(response && response->results.at(0).error_code == ErrorCode::none);
                known_.grown["second"].acknowledged = count;
            });
    }

    /// One of the topics that are there for nothing else.
    void remove() {
        auto found = std::ranges::find_if(
            known_.topics, [](const std::string& name) { return name.starts_with("new-"); });
        if (found == known_.topics.end()) return;
        const std::string name = *found;
        known_.topics.erase(found);
        DeleteTopicsRequest request{.topic_names = {name}};
        node_->send<DeleteTopicsResponse>(request, 4, [this, name](const auto* response) {
            ASSERT_TRUE(response && response->responses.at(0).error_code == ErrorCode::none);
            known_.deleted.insert(name);
        });
    }

    void commit() {
        if (disk_class_ == DiskClass::some_topics) return;
        const Place place = some_place();
        auto& committed = known_.committed[place];
        ++committed.asked;
        OffsetCommitRequest request{
            .group_id = "g",
            .topics = {{.name = place.first,
                        .partitions = {{.partition_index = PartitionId{place.second},
                                        .committed_offset = Offset{committed.asked}}}}}};
        node_->send<OffsetCommitResponse>(
            request, commit_version, [this, place, value = committed.asked](const auto* response) {
                ASSERT_TRUE(response);
                ASSERT_EQ(response->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
                known_.committed[place].acknowledged = value;
            });
    }

    record::Codec some_codec() {
        constexpr std::array codecs = {record::Codec::none, record::Codec::none,
                                       record::Codec::lz4, record::Codec::zstd};
        return codecs.at(random_.below(codecs.size()));
    }

    using Heard = std::function<void(int64_t base_offset)>;

    void produce(const Place& place, Bytes batch, Heard heard) {
        ProduceRequest request{
            .acks = -1,
            .timeout_ms = 1000,
            .topic_data = {
                {.name = place.first,
                 .partition_data = {{.index = PartitionId{place.second},
                                     .records = protocol::Records{.bytes = batch}}}}}};
        node_->send<ProduceResponse>(
            request, produce_version, [place, heard = std::move(heard)](const auto* response) {
                ASSERT_TRUE(response);
                const auto& answer = response->responses.at(0).partition_responses.at(0);
                ASSERT_EQ(answer.error_code, ErrorCode::none) << place.first << place.second;
                heard(raw(answer.base_offset));
            });
    }

    void produce_plain() {
        const bool cache = disk_class_ == DiskClass::some_topics && random_.below(2) == 0;
        const Place place = cache ? Place{"cache", 0} : some_place();
        const std::string value = "plain " + std::to_string(known_.count++);
        record::BatchBuilder builder({.codec = some_codec()});
        builder.append(clock_.wall_ms(), std::nullopt, bytes_of(value));
        produce(place, std::move(builder).build(), [this, place, value, cache](int64_t offset) {
            if (!cache) known_.records[place].emplace(offset, value);
        });
    }

    void produce_next() {
        const size_t producer = random_.below(producers);
        const Place place = some_place();
        Flow& flow = known_.flows[{producer, place}];
        if (flow.in_flight.size() >= in_flight_max) return;
        const Sent sent{flow.next_sequence, int32_t(1 + random_.below(3))};
        flow.next_sequence += sent.records;
        flow.in_flight.push_back(sent);
        send_batch(producer, place, sent);
    }

    void send_batch(size_t producer, const Place& place, const Sent& sent) {
        record::BatchBuilder builder({.codec = some_codec(),
                                      .producer_id = known_.producer_ids.at(producer),
                                      .producer_epoch = 0,
                                      .base_sequence = sent.sequence});
        for (int32_t i = 0; i < sent.records; ++i)
            builder.append(clock_.wall_ms(), std::nullopt,
                           bytes_of(value_of(known_.producer_ids.at(producer), sent.sequence + i)));
        produce(place, std::move(builder).build(), [this, producer, place, sent](int64_t offset) {
            const ProducerId id = known_.producer_ids.at(producer);
            auto& in_flight = known_.flows[{producer, place}].in_flight;
            ASSERT_EQ(in_flight.front().sequence, sent.sequence);
            in_flight.pop_front();
            for (int32_t i = 0; i < sent.records; ++i)
                known_.records[place].emplace(offset + i, value_of(id, sent.sequence + i));
        });
    }

    /// As a client does after a restart: what was not acknowledged goes out again, in order.
    void resend() {
        for (auto& [key, flow] : known_.flows) {
            const auto again = flow.in_flight;
            for (const Sent& sent : again) send_batch(key.first, key.second, sent);
        }
        node_->work();
        for (auto& [key, flow] : known_.flows) EXPECT_TRUE(flow.in_flight.empty());
    }

    /// The clients start again as well. Where unsynced writes are lost out of order, a batch in
    /// flight can be gone while the one behind it is kept (recovery drops no batch that is
    /// valid), and its producer could not go on.
    void renew() {
        known_.flows.clear();
        for (ProducerId& id : known_.producer_ids) id = new_producer();
    }

    // ---- what must be there

    void look() {
        look_at_metadata();
        look_at_offsets();
        for (const std::string topic : {"first", "second"})
            for (int32_t i = 0; i < partitions; ++i) look_at_records({topic, i});
        // An id that somebody has would make two producers one.
        new_producer();
    }

    void look_at_metadata() {
        auto& metadata = node_->broker().metadata();
        for (const std::string& name : known_.topics) EXPECT_TRUE(metadata.find(name)) << name;
        for (const std::string& name : known_.deleted) EXPECT_FALSE(metadata.find(name)) << name;
        for (const auto& [name, setting] : known_.settings) {
            const auto configs = metadata.configs(ResourceType::topic, name);
            const auto found = configs.find("retention.ms");
            const int64_t value = found == configs.end() ? -1 : std::stoll(found->second);
            expect_between(setting, value, "retention.ms");
        }
        for (const auto& [name, grown] : known_.grown) {
            const auto topic = metadata.find(name);
            ASSERT_TRUE(topic);
            expect_between(grown, std::ssize(topic->partitions), "partitions");
        }
        // From now on what is there counts, be it acknowledged or not.
        if (const auto topic = metadata.find("second"))
            known_.grown["second"].asked = std::ssize(topic->partitions);
        std::erase_if(known_.topics, [&](const auto& name) { return !metadata.find(name); });
    }

    static void expect_between(const Growing& growing, int64_t value, const std::string& what) {
        EXPECT_GE(value, growing.acknowledged) << what;
        if (growing.acknowledged >= 0) {
            EXPECT_LE(value, growing.asked) << what;
        }
    }

    void look_at_offsets() {
        for (const auto& [place, committed] : known_.committed) {
            OffsetFetchRequest request{
                .group_id = "g",
                .topics = {{{.name = place.first,
                             .partition_indexes = {PartitionId{place.second}}}}}};
            auto response = node_->ask<OffsetFetchResponse>(request, offset_fetch_version);
            ASSERT_TRUE(response);
            const auto& answer = response->topics.at(0).partitions.at(0);
            EXPECT_EQ(answer.error_code, ErrorCode::none);
            expect_between(committed, raw(answer.committed_offset), "committed offset");
        }
    }

    /// Acknowledged records at their offsets; every producer's records once and in order.
    void look_at_records(const Place& place) {
        auto log = node_->logs().get({place.first, PartitionId{place.second}});
        if (!log) {
            EXPECT_TRUE(known_.records[place].empty()) << place.first << place.second;
            return;
        }
        EXPECT_EQ((*log)->high_watermark(), (*log)->end_offset());
        const auto there = values_of(**log);
        ASSERT_TRUE(there);
        std::map<int64_t, int32_t> last;
        for (const auto& [offset, value] : *there) {
            const auto found = producer_and_sequence(value);
            if (!found) continue;
            const auto [producer, sequence] = *found;
            const int32_t before = last.contains(producer) ? last[producer] : -1;
            EXPECT_GT(sequence, before) << "producer " << producer << " at " << offset;
            if (loss_ != Loss::random_subset) {
                EXPECT_EQ(sequence, before + 1) << "producer " << producer << " at " << offset;
            }
            last[producer] = sequence;
        }
        auto at = [&](int64_t offset) {
            return there->contains(offset) ? there->at(offset) : "nothing";
        };
        for (const auto& [offset, value] : known_.records[place])
            EXPECT_EQ(at(offset), value) << place.first << "-" << place.second << " " << offset;
    }

    std::map<Place, std::vector<storage::ProducerEntry>> producer_states() {
        std::map<Place, std::vector<storage::ProducerEntry>> states;
        for (const std::string topic : {"first", "second"}) {
            for (int32_t i = 0; i < partitions; ++i) {
                auto log = node_->logs().get({topic, PartitionId{i}});
                if (!log) continue;  // not written to yet
                auto entries = (*log)->producers();
                for (auto& entry : entries) entry.seen_ms = 0;  // of this life of the process
                std::ranges::sort(entries, {}, [](const auto& entry) { return raw(entry.id); });
                states[{topic, i}] = std::move(entries);
            }
        }
        return states;
    }

    Random random_;
    ManualClock clock_;
    DiskClass disk_class_;
    Loss loss_;
    broker::ConfigMap properties_;
    std::unique_ptr<storage::MemoryDisk> disk_;
    std::unique_ptr<SimulatedBroker> node_;
    Known known_;
};

void run(DiskClass disk_class, Loss loss) {
    constexpr int rounds = 60;
    constexpr int rounds_a_comparison = 6;
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        PowerCuts cuts(seed, disk_class, loss);
        for (int i = 0; i < rounds && !testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("round " + std::to_string(i));
            cuts.round();
            if (disk_class == DiskClass::everything && i % rounds_a_comparison == 0)
                cuts.compare_states();
        }
        if (testing::Test::HasFailure()) return;
        EXPECT_GT(cuts.acknowledged_records(), rounds);
    }
}

TEST(PowerCut, nothing_acknowledged_is_lost_when_all_that_was_not_synced_vanishes) {
    run(DiskClass::everything, Loss::drop_all_unsynced);
}

TEST(PowerCut, nothing_acknowledged_is_lost_when_writes_are_torn_and_reordered) {
    run(DiskClass::everything, Loss::random_subset);
}

TEST(PowerCut, a_topic_of_class_disk_beside_others_keeps_itself_and_its_records) {
    run(DiskClass::some_topics, Loss::drop_all_unsynced);
}

TEST(PowerCut, a_topic_of_class_disk_beside_others_survives_torn_writes) {
    run(DiskClass::some_topics, Loss::random_subset);
}

}  // namespace
}  // namespace stoker::node
