// Key and value of __transaction_state, in Apache Kafka's schemas: one key for each transactional
// id. How they are framed is in record_frame.hpp; Api::key is the type that stands before a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct TransactionLogKey {
    static constexpr Api api{.key = 0, .name = "TransactionLogKey", .versions = {0, 0}};

    std::string transactional_id;

    using Self = TransactionLogKey;
    static constexpr auto fields = Fields{field<&Self::transactional_id>};
    bool operator==(const TransactionLogKey&) const = default;
};

struct TransactionLogValue {
    static constexpr Api api{
        .key = 0, .name = "TransactionLogValue", .versions = {0, 1}, .flexible = 1};

    struct PartitionsSchema {
        std::string topic;
        std::vector<PartitionId> partition_ids;

        using Self = PartitionsSchema;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partition_ids>};
        bool operator==(const PartitionsSchema&) const = default;
    };

    ProducerId producer_id{};
    ProducerId previous_producer_id = ProducerId::none;
    ProducerId next_producer_id = ProducerId::none;  // when the epochs of the present one are spent
    int16_t producer_epoch = 0;
    int16_t next_producer_epoch = -1;
    int32_t transaction_timeout_ms = 0;
    int8_t transaction_status = 0;
    std::optional<std::vector<PartitionsSchema>> transaction_partitions{std::in_place};
    int64_t transaction_last_update_timestamp_ms = 0;
    int64_t transaction_start_timestamp_ms = 0;
    int16_t client_transaction_version = 0;

    using Self = TransactionLogValue;
    static constexpr auto fields = Fields{
        field<&Self::producer_id>,
        field<&Self::previous_producer_id, tagged(0, ignorable(since(1)))>,
        field<&Self::next_producer_id, tagged(1, ignorable(since(1)))>,
        field<&Self::producer_epoch>,
        field<&Self::next_producer_epoch, tagged(3, ignorable(since(1)))>,
        field<&Self::transaction_timeout_ms>,
        field<&Self::transaction_status>,
        field<&Self::transaction_partitions>,
        field<&Self::transaction_last_update_timestamp_ms>,
        field<&Self::transaction_start_timestamp_ms>,
        field<&Self::client_transaction_version, tagged(2, ignorable(since(1)))>};
    bool operator==(const TransactionLogValue&) const = default;
};

}  // namespace stoker::protocol
