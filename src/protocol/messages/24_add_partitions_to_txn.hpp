// AddPartitionsToTxn (API 24): partitions become part of a transaction before a producer writes to
// them (KIP-98). Until version 3 it is a client's, for one transaction; from 4 on a broker's, for
// several, and it may only ask (KIP-890).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AddPartitionsToTxnRequest {
    static constexpr Api api{
        .key = 24, .name = "AddPartitionsToTxn", .versions = {0, 5}, .flexible = 3};

    struct Topic {
        std::string name;
        std::vector<PartitionId> partitions;

        using Self = Topic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const Topic&) const = default;
    };

    struct Transaction {
        std::string transactional_id;
        ProducerId producer_id{};
        int16_t producer_epoch = 0;
        bool verify_only = false;
        std::vector<Topic> topics;

        using Self = Transaction;
        static constexpr auto fields = Fields{
            field<&Self::transactional_id>,
            field<&Self::producer_id>,
            field<&Self::producer_epoch>,
            field<&Self::verify_only>,
            field<&Self::topics>};
        bool operator==(const Transaction&) const = default;
    };

    std::vector<Transaction> transactions;
    std::string v3_and_below_transactional_id;
    ProducerId v3_and_below_producer_id{};
    int16_t v3_and_below_producer_epoch = 0;
    std::vector<Topic> v3_and_below_topics;

    using Self = AddPartitionsToTxnRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactions, since(4)>,
        field<&Self::v3_and_below_transactional_id, until(3)>,
        field<&Self::v3_and_below_producer_id, until(3)>,
        field<&Self::v3_and_below_producer_epoch, until(3)>,
        field<&Self::v3_and_below_topics, until(3)>};
    bool operator==(const AddPartitionsToTxnRequest&) const = default;
};

struct AddPartitionsToTxnResponse {
    static constexpr Api api = AddPartitionsToTxnRequest::api;

    struct PartitionResult {
        PartitionId partition_index{};
        ErrorCode partition_error_code = ErrorCode::none;

        using Self = PartitionResult;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::partition_error_code>};
        bool operator==(const PartitionResult&) const = default;
    };

    struct TopicResult {
        std::string name;
        std::vector<PartitionResult> results_by_partition;

        using Self = TopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::results_by_partition>};
        bool operator==(const TopicResult&) const = default;
    };

    struct TransactionResult {
        std::string transactional_id;
        std::vector<TopicResult> topic_results;

        using Self = TransactionResult;
        static constexpr auto fields = Fields{
            field<&Self::transactional_id>,
            field<&Self::topic_results>};
        bool operator==(const TransactionResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<TransactionResult> results_by_transaction;
    std::vector<TopicResult> results_by_topic_v3_and_below;

    using Self = AddPartitionsToTxnResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code, ignorable(since(4))>,
        field<&Self::results_by_transaction, since(4)>,
        field<&Self::results_by_topic_v3_and_below, until(3)>};
    bool operator==(const AddPartitionsToTxnResponse&) const = default;
};

}  // namespace stoker::protocol
