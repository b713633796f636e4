#include "bench/wire/kafka_wire.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "base/error_code.hpp"
#include "base/random.hpp"
#include "bench/wire/socket.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/02_list_offsets.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "record/builder.hpp"

namespace stoker::bench {
namespace {

constexpr int16_t produce_version = 9;
constexpr int16_t fetch_version = 12;
constexpr int16_t list_offsets_version = 5;
constexpr int16_t metadata_version = 9;
constexpr int16_t create_topics_version = 5;
constexpr int16_t delete_topics_version = 5;
constexpr int64_t timestamp_ms = 1'700'000'000'000;
constexpr int32_t request_timeout_ms = 30'000;
constexpr std::chrono::seconds leader_wait_max(30);
constexpr auto client_id = "stoker-bench";

/// One request and its answer over a connection of its own.
template <class Response, class Request>
Response ask(uint16_t port, const Request& request, int16_t version) {
    Socket socket(port);
    Bytes buffer;
    socket.send_all(protocol::encode_request(1, client_id, request, version));
    const auto frame =
        protocol::read_response_header(socket.receive_frame(buffer), Response::api, version);
    return protocol::decode<Response>(frame.body, version);
}

}  // namespace

EncodedBatch make_batch(size_t size, size_t record_size) {
    Random random(1);
    Bytes value(record_size);
    for (auto& byte : value) byte = static_cast<std::byte>(random.next());
    record::BatchBuilder builder({});
    do builder.append(timestamp_ms, std::nullopt, value);
    while (builder.size_bound() + builder.record_size(timestamp_ms, std::nullopt, value) <= size);
    const int32_t records = builder.record_count();
    return {.bytes = std::move(builder).build(), .records = records};
}

Bytes produce_request(const std::string& topic, int32_t partition, ByteView batch) {
    Bytes records = to_bytes(batch);
    protocol::ProduceRequest request{.acks = -1, .timeout_ms = request_timeout_ms};
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    data.partition_data.push_back(
        {.index = PartitionId{partition}, .records = protocol::Records{.bytes = records}});
    return protocol::encode_request(1, client_id, request, produce_version);
}

bool is_produced(MutableByteView reply) {
    using protocol::ProduceResponse;
    const auto frame =
        protocol::read_response_header(reply, ProduceResponse::api, produce_version);
    const auto response = protocol::decode<ProduceResponse>(frame.body, produce_version);
    for (const auto& topic : response.responses) {
        for (const auto& partition : topic.partition_responses) {
            if (partition.error_code != ErrorCode::none) return false;
        }
    }
    return !response.responses.empty();
}

Bytes fetch_request(const std::string& topic, int64_t offset, int32_t size_max) {
    protocol::FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .max_bytes = size_max};
    auto& wanted = request.topics.emplace_back();
    wanted.topic = topic;
    wanted.partitions.push_back({.partition = PartitionId{0},
                                 .fetch_offset = Offset{offset},
                                 .partition_max_bytes = size_max});
    return protocol::encode_request(1, client_id, request, fetch_version);
}

size_t fetched_size(MutableByteView reply) {
    using protocol::FetchResponse;
    const auto frame = protocol::read_response_header(reply, FetchResponse::api, fetch_version);
    const auto response = protocol::decode<FetchResponse>(frame.body, fetch_version);
    if (response.error_code != ErrorCode::none) {
        throw std::runtime_error(fmt::format("Fetch failed: {}", name(response.error_code)));
    }
    if (response.responses.empty() || response.responses[0].partitions.empty()) return 0;
    const auto& partition = response.responses[0].partitions[0];
    if (partition.error_code != ErrorCode::none) {
        throw std::runtime_error(fmt::format("Fetch failed: {}", name(partition.error_code)));
    }
    return partition.records ? partition.records->size() : 0;
}

void create_topic(uint16_t port, const TopicSetup& setup) {
    using protocol::CreateTopicsRequest;
    using protocol::CreateTopicsResponse;
    CreateTopicsRequest request{.timeout_ms = request_timeout_ms};
    auto& topic = request.topics.emplace_back();
    topic.name = setup.name;
    topic.num_partitions = setup.partitions;
    topic.replication_factor = 1;
    for (const auto& [key, value] : setup.configs) topic.configs.push_back({key, value});

    const auto response = ask<CreateTopicsResponse>(port, request, create_topics_version);
    for (const auto& result : response.topics) {
        if (result.error_code == ErrorCode::none) continue;
        throw std::runtime_error(fmt::format("CreateTopics failed: {} {}", name(result.error_code),
                                             result.error_message.value_or("")));
    }
    if (setup.probe) write_to_each(port, setup.name, setup.partitions);
}

void delete_topic(uint16_t port, const std::string& topic) {
    const protocol::DeleteTopicsRequest request{.topics = {},
                                                .topic_names = {topic},
                                                .timeout_ms = request_timeout_ms};
    const auto response =
        ask<protocol::DeleteTopicsResponse>(port, request, delete_topics_version);
    for (const auto& result : response.responses) {
        if (result.error_code == ErrorCode::none) continue;
        throw std::runtime_error(fmt::format("DeleteTopics failed: {}", name(result.error_code)));
    }
}

void write_to_each(uint16_t port, const std::string& topic, int32_t partitions) {
    Socket socket(port);
    Bytes buffer;
    const auto probe = make_batch(200, 100);
    const auto deadline = std::chrono::steady_clock::now() + leader_wait_max;
    for (int32_t partition = 0; partition < partitions; ++partition) {
        while (true) {
            socket.send_all(produce_request(topic, partition, probe.bytes));
            if (is_produced(socket.receive_frame(buffer))) break;
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("the topic takes no writes");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

int32_t ask_metadata(uint16_t port) {
    const protocol::MetadataRequest all{.topics = std::nullopt};
    const auto response = ask<protocol::MetadataResponse>(port, all, metadata_version);
    int32_t led = 0;
    for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
            led += partition.error_code == ErrorCode::none && partition.leader_id >= 0 ? 1 : 0;
        }
    }
    return led;
}

int32_t ask_brokers(uint16_t port) {
    const protocol::MetadataRequest all{.topics = std::nullopt};
    const auto response = ask<protocol::MetadataResponse>(port, all, metadata_version);
    return static_cast<int32_t>(response.brokers.size());
}

int64_t ask_end_offset(uint16_t port, const std::string& topic) {
    constexpr int64_t latest = -1;
    protocol::ListOffsetsRequest request{.replica_id = -1};
    request.topics.push_back(
        {.name = topic, .partitions = {{.partition_index = PartitionId{0}, .timestamp = latest}}});
    const auto response =
        ask<protocol::ListOffsetsResponse>(port, request, list_offsets_version);
    if (response.topics.empty() || response.topics[0].partitions.empty()) {
        throw std::runtime_error("ListOffsets answered nothing");
    }
    const auto& partition = response.topics[0].partitions[0];
    if (partition.error_code != ErrorCode::none) {
        throw std::runtime_error(fmt::format("ListOffsets failed: {}", name(partition.error_code)));
    }
    return raw(partition.offset);
}

}  // namespace stoker::bench
