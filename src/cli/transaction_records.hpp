// Keys and values of __transaction_state, in Apache Kafka's schemas: read here only, to be printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace stoker::cli {

struct TransactionLogKey {
    static constexpr protocol::Api api{.key = 0, .name = "TransactionLogKey", .versions = {0, 0}};

    std::string transactional_id;

    using Self = TransactionLogKey;
    static constexpr auto fields = protocol::Fields{protocol::field<&Self::transactional_id>};
    bool operator==(const TransactionLogKey&) const = default;
};

struct TransactionLogValue {
    static constexpr protocol::Api api{
        .key = 0, .name = "TransactionLogValue", .versions = {0, 1}, .flexible = 1};

    struct PartitionsSchema {
        std::string topic;
        std::vector<int32_t> partition_ids;

        using Self = PartitionsSchema;
        static constexpr auto fields =
            protocol::Fields{protocol::field<&Self::topic>, protocol::field<&Self::partition_ids>};
        bool operator==(const PartitionsSchema&) const = default;
    };

    int64_t producer_id = 0;
    int64_t previous_producer_id = -1;
    int64_t next_producer_id = -1;
    int16_t producer_epoch = 0;
    int16_t next_producer_epoch = -1;
    int32_t transaction_timeout_ms = 0;
    int8_t transaction_status = 0;
    std::optional<std::vector<PartitionsSchema>> transaction_partitions;
    int64_t transaction_last_update_timestamp_ms = 0;
    int64_t transaction_start_timestamp_ms = 0;
    int16_t client_transaction_version = 0;

    using Self = TransactionLogValue;
    static constexpr auto fields = protocol::Fields{
        protocol::field<&Self::producer_id>,
        protocol::field<&Self::previous_producer_id, protocol::tagged(0, protocol::since(1))>,
        protocol::field<&Self::next_producer_id, protocol::tagged(1, protocol::since(1))>,
        protocol::field<&Self::producer_epoch>,
        protocol::field<&Self::next_producer_epoch, protocol::tagged(3, protocol::since(1))>,
        protocol::field<&Self::transaction_timeout_ms>,
        protocol::field<&Self::transaction_status>,
        protocol::field<&Self::transaction_partitions>,
        protocol::field<&Self::transaction_last_update_timestamp_ms>,
        protocol::field<&Self::transaction_start_timestamp_ms>,
        protocol::field<&Self::client_transaction_version,
                        protocol::tagged(2, protocol::since(1))>};
    bool operator==(const TransactionLogValue&) const = default;
};

}  // namespace stoker::cli
