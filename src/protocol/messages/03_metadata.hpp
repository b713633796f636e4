// Metadata (API 3): brokers, topics and their partitions; it may create topics in passing.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct MetadataRequest {
    static constexpr Api api{.key = 3, .name = "Metadata", .versions = {0, 13}, .flexible = 9};

    struct MetadataRequestTopic {
        Uuid topic_id;  // asked by id where the name is null
        std::optional<std::string> name = "";

        using Self = MetadataRequestTopic;
        static constexpr auto fields = Fields{
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::name, nullable_since(10)>};
        bool operator==(const MetadataRequestTopic&) const = default;
    };

    /// null: all topics; in version 0 an empty list means all
    std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;

    using Self = MetadataRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics, nullable_since(1)>,
        field<&Self::allow_auto_topic_creation, since(4)>,
        field<&Self::include_cluster_authorized_operations, between(8, 10)>,
        field<&Self::include_topic_authorized_operations, since(8)>};
    bool operator==(const MetadataRequest&) const = default;
};

struct MetadataResponse {
    static constexpr Api api = MetadataRequest::api;

    struct MetadataResponseBroker {
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;

        using Self = MetadataResponseBroker;
        static constexpr auto fields = Fields{
            field<&Self::node_id>,
            field<&Self::host>,
            field<&Self::port>,
            field<&Self::rack, ignorable(since(1))>};
        bool operator==(const MetadataResponseBroker&) const = default;
    };

    struct MetadataResponsePartition {
        ErrorCode error_code = ErrorCode::none;
        PartitionId partition_index{};
        int32_t leader_id = 0;
        LeaderEpoch leader_epoch = LeaderEpoch::none;
        std::vector<int32_t> replica_nodes;
        std::vector<int32_t> isr_nodes;
        std::vector<int32_t> offline_replicas;

        using Self = MetadataResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::partition_index>,
            field<&Self::leader_id>,
            field<&Self::leader_epoch, ignorable(since(7))>,
            field<&Self::replica_nodes>,
            field<&Self::isr_nodes>,
            field<&Self::offline_replicas, ignorable(since(5))>};
        bool operator==(const MetadataResponsePartition&) const = default;
    };

    struct MetadataResponseTopic {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> name = "";
        Uuid topic_id;
        bool is_internal = false;
        std::vector<MetadataResponsePartition> partitions;
        /// a bit field (KIP-430); the minimum: not asked for
        int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

        using Self = MetadataResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::name, nullable_since(12)>,
            field<&Self::topic_id, ignorable(since(10))>,
            field<&Self::is_internal, ignorable(since(1))>,
            field<&Self::partitions>,
            field<&Self::topic_authorized_operations, since(8)>};
        bool operator==(const MetadataResponseTopic&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<MetadataResponseBroker> brokers;
    std::optional<std::string> cluster_id;
    int32_t controller_id = -1;
    std::vector<MetadataResponseTopic> topics;
    int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();  // the same
    ErrorCode error_code = ErrorCode::none;

    using Self = MetadataResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(3))>,
        field<&Self::brokers>,
        field<&Self::cluster_id, ignorable(since(2))>,
        field<&Self::controller_id, ignorable(since(1))>,
        field<&Self::topics>,
        field<&Self::cluster_authorized_operations, between(8, 10)>,
        field<&Self::error_code, ignorable(since(13))>};
    bool operator==(const MetadataResponse&) const = default;
};

}  // namespace stoker::protocol
