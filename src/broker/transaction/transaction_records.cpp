#include "broker/transaction/transaction_records.hpp"

#include "broker/group/group_records.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::broker {

using protocol::TransactionLogKey;
using protocol::TransactionLogValue;

namespace {

using Topics = std::vector<TransactionLogValue::PartitionsSchema>;

Topics by_topic(const TransactionPartitions& partitions) {
    Topics topics;
    for (const auto& [topic, partition] : partitions) {
        if (topics.empty() || topics.back().topic != topic)
            topics.push_back({.topic = topic, .partition_ids = {}});
        topics.back().partition_ids.push_back(partition);
    }
    return topics;
}

}  // namespace

TransactionRecord transaction_record(const std::string& transactional_id, const Transaction& value,
                                     int16_t server_version) {
    TransactionLogValue stored{
        .producer_id = value.producer.id,
        .previous_producer_id = value.previous_producer_id,
        .next_producer_id = value.next_producer_id,
        .producer_epoch = value.producer.epoch,
        .transaction_timeout_ms = value.timeout_ms,
        .transaction_status = int8_t(value.state),
        .transaction_partitions = std::nullopt,
        .transaction_last_update_timestamp_ms = value.last_update_ms,
        .transaction_start_timestamp_ms = value.start_ms,
        .client_transaction_version = value.client_version};
    if (value.state != TransactionState::empty)
        stored.transaction_partitions = by_topic(value.partitions);
    int16_t version = server_version >= 1 ? 1 : 0;
    return {.key = protocol::encode_key(TransactionLogKey{.transactional_id = transactional_id}),
            .value = protocol::encode_value(stored, version)};
}

TransactionRecord transaction_tombstone(const std::string& transactional_id) {
    return {.key = protocol::encode_key(TransactionLogKey{.transactional_id = transactional_id}),
            .value = std::nullopt};
}

Result<std::optional<std::string>> read_transaction_key(ByteView key) {
    try {
        const auto stored = protocol::read_key(key);
        if (stored.type != TransactionLogKey::api.key) return std::nullopt;
        return protocol::decode<TransactionLogKey>(stored.body, 0).transactional_id;
    } catch (const protocol::MalformedMessage&) {
        return fail(ErrorCode::corrupt_message);
    }
}

Result<Transaction> read_transaction_value(ByteView value) {
    auto stored = read_stored_value<TransactionLogValue>(value);
    if (!stored) return fail(stored.error());
    if (stored->transaction_status < int8_t(TransactionState::empty) ||
        stored->transaction_status > int8_t(TransactionState::complete_abort))
        return fail(ErrorCode::corrupt_message);
    Transaction read{.producer = {stored->producer_id, stored->producer_epoch},
                     .previous_producer_id = stored->previous_producer_id,
                     .next_producer_id = stored->next_producer_id,
                     .timeout_ms = stored->transaction_timeout_ms,
                     .state = TransactionState(stored->transaction_status),
                     .partitions = {},
                     .start_ms = stored->transaction_start_timestamp_ms,
                     .last_update_ms = stored->transaction_last_update_timestamp_ms,
                     .client_version = stored->client_transaction_version};
    if (stored->transaction_partitions && read.state != TransactionState::empty)
        for (const auto& topic : *stored->transaction_partitions)
            for (PartitionId partition : topic.partition_ids)
                read.partitions.insert({topic.topic, partition});
    return read;
}

PartitionId transaction_partition_of(std::string_view transactional_id, int32_t partitions) {
    return offsets_partition_of(transactional_id, partitions);
}

}  // namespace stoker::broker
