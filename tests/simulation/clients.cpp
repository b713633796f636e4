#include "simulation/clients.hpp"

#include <algorithm>

#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/08_offset_commit.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/61_describe_producers.hpp"
#include "record/batch.hpp"

namespace stoker::simulation {

using protocol::DescribeProducersRequest;
using protocol::DescribeProducersResponse;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;
using protocol::print;

namespace {

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 11;
constexpr int16_t list_offsets_version = 3;  // without the leader epoch, which every start raises
constexpr int16_t commit_version = 7;
constexpr int16_t offset_fetch_version = 7;
constexpr int16_t init_producer_id_version = 4;
constexpr size_t in_flight_max = 5;
constexpr size_t decompressed_max = 1 << 20;

/// True once there is an answer that is no closed connection.
bool has_reply(broker::TestBroker& broker, uint64_t request) {
    return broker.answered(request) && broker.raw_answer(request).kind == net::Answer::Kind::reply;
}

FetchResponse::PartitionData fetch(broker::TestBroker& broker, const Place& place, int64_t from) {
    FetchRequest request{.max_wait_ms = 0,
                         .min_bytes = 0,
                         .max_bytes = 1 << 20,
                         .topics = {{.topic = place.topic,
                                     .partitions = {{.partition = PartitionId{place.partition},
                                                     .fetch_offset = Offset{from},
                                                     .partition_max_bytes = 1 << 20}}}}};
    return broker.ask<FetchResponse>(request, fetch_version).responses.at(0).partitions.at(0);
}

std::vector<History::Record> records_of(const FetchResponse::PartitionData& data, int64_t from) {
    std::vector<History::Record> all;
    record::BatchReader batches(data.records->bytes);
    for (auto batch = batches.next(); batch && *batch; batch = batches.next())
        (void)record::for_each_record(
            **batch, decompressed_max, [&](const record::RecordView& record) {
                if (raw(record.offset) >= from)
                    all.push_back({raw(record.offset), std::string(text_of(*record.value))});
            });
    return all;
}

}  // namespace

// ---- Producer

bool Producer::Lane::in_flight() const {
    return std::ranges::any_of(unacknowledged,
                               [](const Batch& batch) { return batch.request.has_value(); });
}

bool Producer::have_id() {
    if (id_ != ProducerId::none) return true;
    InitProducerIdRequest request{.transactional_id = std::nullopt, .transaction_timeout_ms = 1000};
    auto response = world_.broker.ask<InitProducerIdResponse>(request, init_producer_id_version);
    if (response.error_code == ErrorCode::none) id_ = response.producer_id;
    return id_ != ProducerId::none;
}

void Producer::step() {
    if (!have_id()) return;
    const Place& place = world_.any_place();
    Lane& lane = lanes_[place];
    if (go_on(place, lane)) return;
    if (!lane.stalled && lane.unacknowledged.size() < in_flight_max && world_.chance(70))
        send_new(place, lane);
}

void Producer::settle() {
    for (auto& [place, lane] : lanes_) go_on(place, lane);
}

bool Producer::go_on(const Place& place, Lane& lane) {
    look(place, lane);
    if (!lane.stalled || lane.in_flight()) return false;
    lane.stalled = false;
    for (Batch& batch : lane.unacknowledged) send(place, batch);
    return true;
}

void Producer::send_new(const Place& place, Lane& lane) {
    Batch batch{.values = {}, .sequence = lane.next_sequence, .request = {}};
    for (uint64_t left = 1 + world_.random.below(4); left > 0; --left) {
        std::string value = name_ + "/" + to_string(place) + "/" + std::to_string(lane.next_number);
        value.append(world_.random.below(300), '.');
        world_.history.sent(place, value, name_, lane.next_number++);
        batch.values.push_back(std::move(value));
    }
    lane.next_sequence += int32_t(batch.values.size());
    lane.unacknowledged.push_back(std::move(batch));
    send(place, lane.unacknowledged.back());
}

void Producer::send(const Place& place, Batch& batch) {
    record::BatchBuilder builder({.codec = record::Codec(world_.random.below(5)),
                                  .producer_id = id_,
                                  .producer_epoch = 0,
                                  .base_sequence = batch.sequence});
    for (const std::string& value : batch.values)
        builder.append(world_.broker.clock().wall_ms(), std::nullopt, bytes_of(value));
    Bytes bytes = std::move(builder).build();
    ProduceRequest request{
        .acks = -1,
        .timeout_ms = 1000,
        .topic_data = {{.name = place.topic,
                        .partition_data = {{.index = PartitionId{place.partition},
                                            .records = Records{.bytes = bytes}}}}}};
    batch.request = world_.broker.send(request, produce_version);
}

void Producer::look(const Place& place, Lane& lane) {
    auto& batches = lane.unacknowledged;
    bool all_before = true;
    for (auto batch = batches.begin(); batch != batches.end();) {
        const bool answered = batch->request && world_.broker.answered(*batch->request);
        if (answered && take_answer(place, *batch, all_before)) {
            batch = batches.erase(batch);
            continue;
        }
        if (answered) {
            batch->request.reset();
            lane.stalled = true;
        }
        all_before = false;
        ++batch;
    }
}

bool Producer::take_answer(const Place& place, const Batch& batch, bool is_first) {
    if (!has_reply(world_.broker, *batch.request)) return false;
    auto slot = world_.broker.answer<ProduceResponse>(*batch.request, produce_version)
                    .responses.at(0)
                    .partition_responses.at(0);
    if (slot.error_code == ErrorCode::none) {
        for (size_t i = 0; i < batch.values.size(); ++i)
            world_.history.acknowledged(place, batch.values[i], raw(slot.base_offset) + int64_t(i));
        return true;
    }
    const bool sequence = slot.error_code == ErrorCode::out_of_order_sequence_number;
    if ((sequence && is_first) || (!sequence && slot.error_code != ErrorCode::kafka_storage_error))
        world_.history.complain(name_ + " in " + to_string(place) + ": " +
                                std::string(name(slot.error_code)) + " for sequence " +
                                std::to_string(batch.sequence));
    return false;
}

void Producer::connection_lost() {
    for (auto& [place, lane] : lanes_)
        for (Batch& batch : lane.unacknowledged) {
            // What was answered before the connection ended has arrived.
            if (batch.request && has_reply(world_.broker, *batch.request)) continue;
            batch.request.reset();
            lane.stalled = true;
        }
}

bool Producer::idle() const {
    return std::ranges::all_of(lanes_,
                               [](const auto& lane) { return lane.second.unacknowledged.empty(); });
}

// ---- Reader

void Reader::step() {
    const Place& place = world_.any_place();
    int64_t& position = positions_[place];
    auto data = fetch(world_.broker, place, position);
    if (data.error_code == ErrorCode::offset_out_of_range)
        return world_.history.complain(to_string(place) + ": the reader is at " +
                                       std::to_string(position) + ", behind the end");
    if (data.error_code != ErrorCode::none || !data.records) return;
    for (const auto& record : records_of(data, position)) {
        if (record.offset != position)
            world_.history.complain(to_string(place) + ": offset " + std::to_string(position) +
                                    " is missing, " + std::to_string(record.offset) +
                                    " was read");
        world_.history.read(place, record.value, record.offset);
        position = record.offset + 1;
    }
    if (world_.chance(1)) position = 0;
}

// ---- Committer

void Committer::step() {
    look();
    const Place& place = world_.any_place();
    if (world_.chance(70))
        commit(place);
    else
        ask(place);
}

void Committer::commit(const Place& place) {
    const int64_t offset = ++sent_[place];
    OffsetCommitRequest request{
        .group_id = group_,
        .topics = {{.name = place.topic,
                    .partitions = {{.partition_index = PartitionId{place.partition},
                                    .committed_offset = Offset{offset}}}}}};
    pending_.push_back({place, offset, world_.broker.send(request, commit_version)});
}

void Committer::look() {
    std::erase_if(pending_, [&](const Pending& pending) {
        if (!world_.broker.answered(pending.request)) return false;
        if (!has_reply(world_.broker, pending.request)) return true;
        auto answer = world_.broker.answer<OffsetCommitResponse>(pending.request, commit_version)
                          .topics.at(0)
                          .partitions.at(0);
        if (answer.error_code == ErrorCode::none)
            acknowledged_[pending.place] = std::max(acknowledged_[pending.place], pending.offset);
        return true;
    });
}

void Committer::ask(const Place& place) {
    OffsetFetchRequest request{
        .group_id = group_,
        .topics = std::vector<OffsetFetchRequest::OffsetFetchRequestTopic>{
            {.name = place.topic, .partition_indexes = {PartitionId{place.partition}}}}};
    auto response = world_.broker.ask<OffsetFetchResponse>(request, offset_fetch_version);
    if (response.error_code != ErrorCode::none) return;
    const int64_t told = raw(response.topics.at(0).partitions.at(0).committed_offset);
    const int64_t least = acknowledged_.contains(place) ? acknowledged_[place] : -1;
    if (told < least || told > sent_[place])
        world_.history.complain(group_ + " in " + to_string(place) + ": offset " +
                                std::to_string(told) + " is committed; acknowledged " +
                                std::to_string(least) + ", sent " + std::to_string(sent_[place]));
}

void Committer::connection_lost() {
    look();
    pending_.clear();
}

// ---- the broker's own view

std::vector<History::Record> whole_log(broker::TestBroker& broker, const Place& place) {
    std::vector<History::Record> all;
    for (int64_t position = 0;;) {
        auto data = fetch(broker, place, position);
        if (data.error_code != ErrorCode::none || !data.records) return all;
        auto records = records_of(data, position);
        if (records.empty()) return all;
        position = records.back().offset + 1;
        std::ranges::move(records, std::back_inserter(all));
    }
}

std::string state_of(broker::TestBroker& broker, const std::vector<Place>& places) {
    std::string text;
    for (const Place& place : places) {
        const PartitionId partition{place.partition};
        DescribeProducersRequest producers{
            .topics = {{.name = place.topic, .partition_indexes = {partition}}}};
        text += print(broker.ask<DescribeProducersResponse>(producers, 0)) + "\n";
        ListOffsetsRequest ends{
            .replica_id = -1,
            .topics = {{.name = place.topic,
                        .partitions = {{.partition_index = partition, .timestamp = -1}}}}};
        text += print(broker.ask<ListOffsetsResponse>(ends, list_offsets_version)) + "\n";
    }
    for (const auto& topic : broker.broker().metadata().topics())
        text += topic->name + " " + stoker::to_string(topic->id) + " " +
                std::to_string(topic->partitions.size()) + "\n";
    return text;
}

}  // namespace stoker::simulation
