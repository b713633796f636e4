// WriteTxnMarkers (API 27): commits or aborts the transactions of producers in partitions. Between
// brokers, and for kafka-transactions abort. Version 2 says by which rules a marker is checked
// (KIP-1228).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct WriteTxnMarkersRequest {
    static constexpr Api api{
        .key = 27, .name = "WriteTxnMarkers", .versions = {1, 2}, .flexible = 1};

    struct WritableTxnMarkerTopic {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        using Self = WritableTxnMarkerTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partition_indexes>};
        bool operator==(const WritableTxnMarkerTopic&) const = default;
    };

    struct WritableTxnMarker {
        ProducerId producer_id{};
        int16_t producer_epoch = 0;
        bool transaction_result = false;  // true: commit
        std::vector<WritableTxnMarkerTopic> topics;
        int32_t coordinator_epoch = 0;
        int8_t transaction_version = 0;

        using Self = WritableTxnMarker;
        static constexpr auto fields = Fields{
            field<&Self::producer_id>,
            field<&Self::producer_epoch>,
            field<&Self::transaction_result>,
            field<&Self::topics>,
            field<&Self::coordinator_epoch>,
            field<&Self::transaction_version, ignorable(since(2))>};
        bool operator==(const WritableTxnMarker&) const = default;
    };

    std::vector<WritableTxnMarker> markers;

    using Self = WriteTxnMarkersRequest;
    static constexpr auto fields = Fields{field<&Self::markers>};
    bool operator==(const WriteTxnMarkersRequest&) const = default;
};

struct WriteTxnMarkersResponse {
    static constexpr Api api = WriteTxnMarkersRequest::api;

    struct WritableTxnMarkerPartitionResult {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;

        using Self = WritableTxnMarkerPartitionResult;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>};
        bool operator==(const WritableTxnMarkerPartitionResult&) const = default;
    };

    struct WritableTxnMarkerTopicResult {
        std::string name;
        std::vector<WritableTxnMarkerPartitionResult> partitions;

        using Self = WritableTxnMarkerTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const WritableTxnMarkerTopicResult&) const = default;
    };

    struct WritableTxnMarkerResult {
        ProducerId producer_id{};
        std::vector<WritableTxnMarkerTopicResult> topics;

        using Self = WritableTxnMarkerResult;
        static constexpr auto fields = Fields{
            field<&Self::producer_id>,
            field<&Self::topics>};
        bool operator==(const WritableTxnMarkerResult&) const = default;
    };

    std::vector<WritableTxnMarkerResult> markers;

    using Self = WriteTxnMarkersResponse;
    static constexpr auto fields = Fields{field<&Self::markers>};
    bool operator==(const WriteTxnMarkersResponse&) const = default;
};

}  // namespace stoker::protocol
