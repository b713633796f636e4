// DescribeProducers (API 61): the producers that a partition remembers (KIP-664).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeProducersRequest {
    static constexpr Api api{
        .key = 61, .name = "DescribeProducers", .versions = {0, 0}, .flexible = 0};

    struct TopicRequest {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        using Self = TopicRequest;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partition_indexes>};
        bool operator==(const TopicRequest&) const = default;
    };

    std::vector<TopicRequest> topics;

    using Self = DescribeProducersRequest;
    static constexpr auto fields = Fields{field<&Self::topics>};
    bool operator==(const DescribeProducersRequest&) const = default;
};

struct DescribeProducersResponse {
    static constexpr Api api = DescribeProducersRequest::api;

    struct ProducerState {
        ProducerId producer_id{};
        int32_t producer_epoch = 0;
        int32_t last_sequence = -1;
        int64_t last_timestamp = -1;
        int32_t coordinator_epoch = 0;
        Offset current_txn_start_offset{-1};  // -1: no open transaction

        using Self = ProducerState;
        static constexpr auto fields = Fields{
            field<&Self::producer_id>,
            field<&Self::producer_epoch>,
            field<&Self::last_sequence>,
            field<&Self::last_timestamp>,
            field<&Self::coordinator_epoch>,
            field<&Self::current_txn_start_offset>};
        bool operator==(const ProducerState&) const = default;
    };

    struct PartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;
        std::vector<ProducerState> active_producers;

        using Self = PartitionResponse;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::active_producers>};
        bool operator==(const PartitionResponse&) const = default;
    };

    struct TopicResponse {
        std::string name;
        std::vector<PartitionResponse> partitions;

        using Self = TopicResponse;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const TopicResponse&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<TopicResponse> topics;

    using Self = DescribeProducersResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const DescribeProducersResponse&) const = default;
};

}  // namespace stoker::protocol
