// DeleteRecords (API 21): moves the log start offset of partitions forward (KIP-107).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DeleteRecordsRequest {
    static constexpr Api api{
        .key = 21, .name = "DeleteRecords", .versions = {0, 2}, .flexible = 2};

    struct DeleteRecordsPartition {
        PartitionId partition_index{};
        Offset offset{};  // the new log start offset; -1: the high watermark

        using Self = DeleteRecordsPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::offset>};
        bool operator==(const DeleteRecordsPartition&) const = default;
    };

    struct DeleteRecordsTopic {
        std::string name;
        std::vector<DeleteRecordsPartition> partitions;

        using Self = DeleteRecordsTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const DeleteRecordsTopic&) const = default;
    };

    std::vector<DeleteRecordsTopic> topics;
    int32_t timeout_ms = 0;

    using Self = DeleteRecordsRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::timeout_ms>};
    bool operator==(const DeleteRecordsRequest&) const = default;
};

struct DeleteRecordsResponse {
    static constexpr Api api = DeleteRecordsRequest::api;

    struct DeleteRecordsPartitionResult {
        PartitionId partition_index{};
        Offset low_watermark{};  // the log start offset afterwards
        ErrorCode error_code = ErrorCode::none;

        using Self = DeleteRecordsPartitionResult;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::low_watermark>,
            field<&Self::error_code>};
        bool operator==(const DeleteRecordsPartitionResult&) const = default;
    };

    struct DeleteRecordsTopicResult {
        std::string name;
        std::vector<DeleteRecordsPartitionResult> partitions;

        using Self = DeleteRecordsTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const DeleteRecordsTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeleteRecordsTopicResult> topics;

    using Self = DeleteRecordsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const DeleteRecordsResponse&) const = default;
};

}  // namespace stoker::protocol
