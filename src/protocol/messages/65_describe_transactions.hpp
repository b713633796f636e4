// DescribeTransactions (API 65): the state of transactions, by transactional id (KIP-664).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeTransactionsRequest {
    static constexpr Api api{
        .key = 65, .name = "DescribeTransactions", .versions = {0, 0}, .flexible = 0};

    std::vector<std::string> transactional_ids;

    using Self = DescribeTransactionsRequest;
    static constexpr auto fields = Fields{field<&Self::transactional_ids>};
    bool operator==(const DescribeTransactionsRequest&) const = default;
};

struct DescribeTransactionsResponse {
    static constexpr Api api = DescribeTransactionsRequest::api;

    struct TopicData {
        std::string topic;
        std::vector<PartitionId> partitions;

        using Self = TopicData;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const TopicData&) const = default;
    };

    struct TransactionState {
        ErrorCode error_code = ErrorCode::none;
        std::string transactional_id;
        std::string transaction_state;
        int32_t transaction_timeout_ms = 0;
        int64_t transaction_start_time_ms = 0;  // -1: none is open
        ProducerId producer_id{};
        int16_t producer_epoch = 0;
        std::vector<TopicData> topics;  // while it ends, those that still wait for their marker

        using Self = TransactionState;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::transactional_id>,
            field<&Self::transaction_state>,
            field<&Self::transaction_timeout_ms>,
            field<&Self::transaction_start_time_ms>,
            field<&Self::producer_id>,
            field<&Self::producer_epoch>,
            field<&Self::topics>};
        bool operator==(const TransactionState&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<TransactionState> transaction_states;

    using Self = DescribeTransactionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::transaction_states>};
    bool operator==(const DescribeTransactionsResponse&) const = default;
};

}  // namespace stoker::protocol
