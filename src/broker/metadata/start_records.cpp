#include "broker/metadata/start_records.hpp"

#include <optional>
#include <ranges>

#include "broker/metadata/features.hpp"
#include "protocol/messages/records_metadata.hpp"

namespace stoker::broker {

using protocol::encode_metadata_record;

namespace {

constexpr int16_t registration_version = 4;
constexpr int16_t partition_change_version = 2;
constexpr int32_t no_leader = -1;

}  // namespace

std::vector<Bytes> new_cluster_records() {
    std::vector<Bytes> records;
    auto add = [&](const auto& record) { records.push_back(encode_metadata_record(record, 0)); };
    add(protocol::BeginTransactionRecord{.name = "Bootstrap records"});
    for (const Feature& feature : features()) {
        if (feature.name == kraft_version_feature) continue;
        add(protocol::FeatureLevelRecord{.name = std::string(feature.name),
                                         .feature_level = feature.first_level});
    }
    // Eligible leader replicas need one value for the whole cluster (KIP-966).
    add(protocol::ConfigRecord{.resource_type = int8_t(ResourceType::broker),
                               .resource_name = "",
                               .name = "min.insync.replicas",
                               .value = "1"});
    add(protocol::EndTransactionRecord{});
    return records;
}

Bytes registration_record(int32_t node_id, Offset at, const Uuid& incarnation,
                          const Uuid& directory, const std::vector<BrokerEndpoint>& endpoints) {
    protocol::RegisterBrokerRecord broker{
        .broker_id = node_id,
        .incarnation_id = incarnation,
        .broker_epoch = raw(at),
        .rack = std::nullopt,
        .fenced = false,
        .log_dirs = {directory},
    };
    for (const Feature& feature : features())
        if (feature.served())
            broker.features.push_back({.name = std::string(feature.name),
                                       .min_supported_version = feature.oldest,
                                       .max_supported_version = feature.latest});
    for (const BrokerEndpoint& endpoint : endpoints)
        broker.end_points.push_back(
            {.name = endpoint.listener, .host = endpoint.host, .port = endpoint.port});
    return encode_metadata_record(broker, registration_version);
}

std::vector<Bytes> takeover_records(const MetadataImage& image, int32_t node_id) {
    std::vector<Bytes> records;
    for (int32_t leader : {no_leader, node_id}) {
        for (const auto& [id, topic] : image.topics()) {
            for (size_t partition = 0; partition < topic.partitions.size(); ++partition) {
                protocol::PartitionChangeRecord change{
                    .partition_id = PartitionId(int32_t(partition)),
                    .topic_id = id,
                    .leader = leader};
                records.push_back(encode_metadata_record(change, partition_change_version));
            }
        }
    }
    return records;
}

}  // namespace stoker::broker
