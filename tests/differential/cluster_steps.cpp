// The cluster as a whole, versions, and bytes that are no request. Also what a run starts from.
#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/big_endian.hpp"
#include "batches.hpp"
#include "protocol/apis.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/55_describe_quorum.hpp"
#include "protocol/messages/57_update_features.hpp"
#include "protocol/messages/60_describe_cluster.hpp"
#include "protocol/messages/64_unregister_broker.hpp"
#include "record/builder.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::Api;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::DescribeQuorumRequest;
using protocol::DescribeQuorumResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Records;
using protocol::UnregisterBrokerRequest;
using protocol::UnregisterBrokerResponse;
using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;
using protocol::apis;
using protocol::encode;

void api_versions(Duel& duel) {
    Draw& draw = duel.draw;
    ApiVersionsRequest request{.client_software_name = "differential",
                               .client_software_version = "1.0"};
    if (draw.chance(25)) {
        request.client_software_name = draw.pick<std::string>({"", "a b", "-x", "\u00e9"});
    }
    if (draw.chance(15)) request.client_software_version = draw.pick<std::string>({"", "v 1"});
    duel.exchange<ApiVersionsResponse>(request);
}

void describe_cluster(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeClusterRequest request{.include_cluster_authorized_operations = draw.chance(30),
                                   .endpoint_type = draw.pick<int8_t>({1, 1, 1, 2, 0, 3}),
                                   .include_fenced_brokers = draw.chance(30)};
    duel.exchange<DescribeClusterResponse>(request);
}

void describe_quorum(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeQuorumRequest request;
    for (size_t i = draw.chance(90) ? 1 : draw.below(3); i > 0; --i) {
        DescribeQuorumRequest::TopicData topic{.topic_name = "__cluster_metadata",
                                               .partitions = {{}}};
        if (draw.chance(10)) topic.topic_name = draw.topic(duel.model);
        if (draw.chance(10)) topic.partitions[0].partition_index = PartitionId{1};
        if (draw.chance(5)) topic.partitions.clear();
        request.topics.push_back(std::move(topic));
    }
    duel.exchange<DescribeQuorumResponse>(request);
}

void update_features(Duel& duel) {
    Draw& draw = duel.draw;
    UpdateFeaturesRequest request;
    for (size_t i = draw.chance(90) ? 1 + draw.below(2) : 0; i > 0; --i) {
        UpdateFeaturesRequest::FeatureUpdateKey update{
            .feature = draw.pick<std::string>(
                {"group.version", "metadata.version", "kraft.version",
                 "eligible.leader.replicas.version", "transaction.version", "nonsense", ""}),
            .max_version_level = draw.pick<int16_t>({0, 1, 2, 5, 10, 25, 29, 30, 99, -1}),
            .allow_downgrade = draw.chance(20),
            .upgrade_type = draw.pick<int8_t>({1, 1, 2, 3, 0, 7})};
        bool twice = std::ranges::any_of(request.feature_updates, [&](const auto& other) {
            return other.feature == update.feature;
        });
        if (!twice) request.feature_updates.push_back(update);
    }
    // Only asked whether it might be: a real change would change every answer after it.
    request.validate_only = true;
    if (duel.draw_version(UpdateFeaturesRequest::api) == 0) return;
    duel.exchange_in<UpdateFeaturesResponse>(
        draw.pick<int16_t>({1, 2}), request, [](World&, const UpdateFeaturesResponse&) {});
}

void unregister_broker(Duel& duel) {
    // Not the one that serves us.
    UnregisterBrokerRequest request{.broker_id = duel.draw.pick({2, 77, -1, 0})};
    duel.exchange<UnregisterBrokerResponse>(request);
}

Bytes frame_of(int16_t key, int16_t version, ByteView body) {
    constexpr std::string_view client = "differential";
    Bytes frame(4 + 2 + 2 + 4 + 2 + client.size() + body.size());
    std::byte* at = frame.data();
    store_big_endian(at, int32_t(frame.size() - 4));
    store_big_endian(at + 4, key);
    store_big_endian(at + 6, version);
    store_big_endian(at + 8, int32_t(1));
    store_big_endian(at + 12, int16_t(client.size()));
    std::ranges::copy(bytes_of(client), at + 14);
    std::ranges::copy(body, at + 14 + client.size());
    return frame;
}

/// Keys and versions that nobody has, and bodies that are none.
void no_request(Duel& duel) {
    Draw& draw = duel.draw;
    int16_t key = 0, version = 0;
    Bytes body;
    switch (draw.below(4)) {
        case 0:  // an API that nobody has
            key = draw.pick<int16_t>({-1, 4, 5, 6, 7, 93, 500, INT16_MAX});
            break;
        case 1: {  // a version that nobody has; ApiVersions alone would have an answer
            const Api& api = apis()[draw.below(apis().size())];
            constexpr int16_t api_versions_key = 18;
            if (api.key == api_versions_key || !duel.both_serve(api.key)) return;
            key = api.key;
            version = draw.pick<int16_t>({-1, 100, INT16_MAX});
            break;
        }
        case 2: {  // a body that ends too early
            const Api& api = apis()[draw.below(apis().size())];
            if (!duel.both_serve(api.key)) return;
            key = api.key;
            version = duel.draw_version(api);
            if (api.is_flexible(version)) body.push_back(std::byte{0});
            body.push_back(std::byte{0});
            constexpr int16_t list_groups = 16, api_versions_key = 18;
            if (key == list_groups || key == api_versions_key) return;  // theirs may be that short
            body.push_back(std::byte(draw.below(256)));
            body.resize(std::min(body.size(), size_t(2)));
            break;
        }
        default:  // a negative length of an array: Heartbeat's group
            key = 12;
            body = {std::byte{0xff}, std::byte{0xfe}};
            break;
    }
    Bytes frame = frame_of(key, version, body);
    duel.exchange_raw("raw: API " + std::to_string(key) + " version " + std::to_string(version) +
                          " body 0x" + hex(body), frame, key);
}

/// ApiVersions of the future is answered in version 0 with what is known (KIP-511).
void future_api_versions(Duel& duel) {
    int16_t version = duel.draw.pick<int16_t>({5, 100, INT16_MAX});
    ApiVersionsRequest request{.client_software_name = "x", .client_software_version = "1"};
    Bytes body{std::byte{0}};
    Bytes rest = encode(request, 4);
    body.insert(body.end(), rest.begin(), rest.end());
    duel.exchange_frame<ApiVersionsResponse>("ApiVersions v" + std::to_string(version),
                                             frame_of(18, version, body), 0);
}

void create_lasting_topics(Duel& duel) {
    CreateTopicsRequest request{.timeout_ms = 10'000};
    int32_t partitions[] = {3, 1, 2, 1};
    for (size_t i = 0; i < std::size(lasting_topics); ++i) {
        request.topics.push_back({.name = std::string(lasting_topics[i]),
                                  .num_partitions = partitions[i],
                                  .replication_factor = 1});
    }
    request.topics.push_back({.name = std::string(transaction_topic),
                              .num_partitions = 2,
                              .replication_factor = 1});
    request.topics[2].configs = {{.name = "message.timestamp.type", .value = "LogAppendTime"}};
    request.topics[3].configs = {{.name = "cleanup.policy", .value = "compact"}};
    duel.exchange_in<CreateTopicsResponse>(7, request,
                                           [](World&, const CreateTopicsResponse&) {});
}

void produce_some(Duel& duel) {
    for (std::string_view name : lasting_topics) {
        record::BatchBuilder builder({});
        for (int i = 0; i < 4; ++i) {
            builder.append(base_time_ms() + 100 * i, bytes_of("key"), bytes_of("value"));
        }
        ProduceRequest request{.acks = -1, .timeout_ms = 10'000};
        std::optional<Records> records = duel.keep(std::move(builder).build());
        request.topic_data.push_back(
            {.name = std::string(name),
             .topic_id = topic_symbol(name, 0),
             .partition_data = {{.index = PartitionId{0}, .records = records}}});
        duel.exchange<ProduceResponse>(request);
    }
}

}  // namespace

void prepare(Duel& duel) {
    duel.begin_step(0, "prepare");
    create_lasting_topics(duel);
    produce_some(duel);
    duel.wait_for_coordinators();
}

std::vector<StepKind> cluster_steps() {
    return {
        {18, "api versions", 3, api_versions},
        {18, "api versions of the future", 1, future_api_versions},
        {60, "describe cluster", 3, describe_cluster},
        {55, "describe quorum", 3, describe_quorum},
        {57, "update features", 3, update_features},
        {64, "unregister broker", 1, unregister_broker},
        {-1, "no request", 5, no_request},
    };
}

}  // namespace stoker::differential
