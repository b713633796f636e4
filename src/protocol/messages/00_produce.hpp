// Produce (API 0): record batches from a producer to the partitions that it chose.
//
// Versions 0 to 2 carry message sets of magic 0 and 1, which nobody may send any more (KIP-724);
// they are advertised but not served.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/records.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ProduceRequest {
    static constexpr Api api{
        .key = 0, .name = "Produce", .versions = {3, 13}, .advertised = {0, 13},
        .flexible = 9};

    struct PartitionProduceData {
        PartitionId index{};
        std::optional<Records> records;  // exactly one batch of magic 2

        using Self = PartitionProduceData;
        static constexpr auto fields = Fields{
            field<&Self::index>,
            field<&Self::records>};
        bool operator==(const PartitionProduceData&) const = default;
    };

    struct TopicProduceData {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceData> partition_data;

        using Self = TopicProduceData;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(until(12))>,
            field<&Self::topic_id, ignorable(since(13))>,
            field<&Self::partition_data>};
        bool operator==(const TopicProduceData&) const = default;
    };

    std::optional<std::string> transactional_id;  // null outside a transaction
    int16_t acks = 0;  // 0: no answer at all; 1; -1: all in-sync replicas
    int32_t timeout_ms = 0;
    std::vector<TopicProduceData> topic_data;

    using Self = ProduceRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactional_id>,
        field<&Self::acks>,
        field<&Self::timeout_ms>,
        field<&Self::topic_data>};
    bool operator==(const ProduceRequest&) const = default;
};

struct ProduceResponse {
    static constexpr Api api = ProduceRequest::api;

    struct BatchIndexAndErrorMessage {
        int32_t batch_index = 0;  // of the record within its batch
        std::optional<std::string> batch_index_error_message;

        using Self = BatchIndexAndErrorMessage;
        static constexpr auto fields = Fields{
            field<&Self::batch_index, since(8)>,
            field<&Self::batch_index_error_message, since(8)>};
        bool operator==(const BatchIndexAndErrorMessage&) const = default;
    };

    struct LeaderIdAndEpoch {
        int32_t leader_id = -1;
        LeaderEpoch leader_epoch = LeaderEpoch::none;

        using Self = LeaderIdAndEpoch;
        static constexpr auto fields = Fields{
            field<&Self::leader_id, since(10)>,
            field<&Self::leader_epoch, since(10)>};
        bool operator==(const LeaderIdAndEpoch&) const = default;
    };

    struct PartitionProduceResponse {
        PartitionId index{};
        ErrorCode error_code = ErrorCode::none;
        Offset base_offset{};  // of the first record stored
        int64_t log_append_time_ms = -1;  // -1 unless the topic stamps records itself
        Offset log_start_offset{-1};
        std::vector<BatchIndexAndErrorMessage> record_errors;  // KIP-467
        std::optional<std::string> error_message;
        LeaderIdAndEpoch current_leader;  // KIP-951

        using Self = PartitionProduceResponse;
        static constexpr auto fields = Fields{
            field<&Self::index>,
            field<&Self::error_code>,
            field<&Self::base_offset>,
            field<&Self::log_append_time_ms>,
            field<&Self::log_start_offset, ignorable(since(5))>,
            field<&Self::record_errors, ignorable(since(8))>,
            field<&Self::error_message, ignorable(since(8))>,
            field<&Self::current_leader, tagged(0, since(10))>};
        bool operator==(const PartitionProduceResponse&) const = default;
    };

    struct TopicProduceResponse {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceResponse> partition_responses;

        using Self = TopicProduceResponse;
        static constexpr auto fields = Fields{
            field<&Self::name, ignorable(until(12))>,
            field<&Self::topic_id, ignorable(since(13))>,
            field<&Self::partition_responses>};
        bool operator==(const TopicProduceResponse&) const = default;
    };

    struct NodeEndpoint {
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;

        using Self = NodeEndpoint;
        static constexpr auto fields = Fields{
            field<&Self::node_id, since(10)>,
            field<&Self::host, since(10)>,
            field<&Self::port, since(10)>,
            field<&Self::rack, since(10)>};
        bool operator==(const NodeEndpoint&) const = default;
    };

    std::vector<TopicProduceResponse> responses;
    int32_t throttle_time_ms = 0;
    std::vector<NodeEndpoint> node_endpoints;  // KIP-951; for the current leaders named above

    using Self = ProduceResponse;
    static constexpr auto fields = Fields{
        field<&Self::responses>,
        field<&Self::throttle_time_ms>,
        field<&Self::node_endpoints, tagged(0, since(10))>};
    bool operator==(const ProduceResponse&) const = default;
};

}  // namespace stoker::protocol
