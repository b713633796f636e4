// The records of __consumer_offsets and __transaction_state as JSON, one object after the other
// with nothing in between, as upstream's CoordinatorRecordMessageFormatter writes them.
#include "cli/jackson_text.hpp"
#include "cli/message_formatter.hpp"
#include "protocol/codec.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::cli {
namespace {

using kafka::ConsumerRecord;
using kafka::KafkaException;
using protocol::GroupMetadataKey;
using protocol::GroupMetadataValue;
using protocol::OffsetCommitKey;
using protocol::OffsetCommitValue;
using protocol::StoredMessage;
using protocol::TransactionLogKey;
using protocol::TransactionLogValue;

/// The body in the version that stands before it.
template <class T>
T body_of(const StoredMessage& stored) {
    if (!T::api.versions.contain(stored.version)) {
        throw protocol::MalformedMessage("Can't read version " + std::to_string(stored.version) +
                                         " of " + std::string(T::api.name));
    }
    return protocol::decode<T>(stored.body, stored.version);
}

std::string offset_key(const StoredMessage& stored) {
    const auto key = protocol::decode<OffsetCommitKey>(stored.body, 0);
    return JsonObject()
        .text("group", key.group)
        .text("topic", key.topic)
        .number("partition", raw(key.partition))
        .str();
}

std::string offset_value(const StoredMessage& stored) {
    const auto value = body_of<OffsetCommitValue>(stored);
    JsonObject json;
    json.number("offset", raw(value.offset));
    if (stored.version >= 3) json.number("leaderEpoch", raw(value.leader_epoch));
    json.text("metadata", value.metadata).number("commitTimestamp", value.commit_timestamp);
    if (stored.version == 1) json.number("expireTimestamp", value.expire_timestamp);
    if (stored.version >= 4 && !value.topic_id.is_zero()) {
        json.text("topicId", to_string(value.topic_id));
    }
    return json.str();
}

std::string group_key(const StoredMessage& stored) {
    return JsonObject().text("group", protocol::decode<GroupMetadataKey>(stored.body, 0).group)
        .str();
}

std::string group_value(const StoredMessage& stored) {
    const auto value = body_of<GroupMetadataValue>(stored);
    JsonArray members;
    for (const auto& member : value.members) {
        JsonObject json;
        json.text("memberId", member.member_id);
        if (stored.version >= 3) json.text_or_null("groupInstanceId", member.group_instance_id);
        json.text("clientId", member.client_id).text("clientHost", member.client_host);
        if (stored.version >= 1) json.number("rebalanceTimeout", member.rebalance_timeout);
        json.number("sessionTimeout", member.session_timeout)
            .raw("subscription", json_base64(member.subscription))
            .raw("assignment", json_base64(member.assignment));
        members.add(json.str());
    }
    JsonObject json;
    json.text("protocolType", value.protocol_type)
        .number("generation", value.generation)
        .text_or_null("protocol", value.protocol)
        .text_or_null("leader", value.leader);
    if (stored.version >= 2) json.number("currentStateTimestamp", value.current_state_timestamp);
    return json.raw("members", members.str()).str();
}

std::string transaction_key(const StoredMessage& stored) {
    const auto key = protocol::decode<TransactionLogKey>(stored.body, 0);
    return JsonObject().text("transactionalId", key.transactional_id).str();
}

std::string transaction_value(const StoredMessage& stored) {
    const auto value = body_of<TransactionLogValue>(stored);
    JsonObject json;
    const auto unless_default = [&](std::string_view name, int64_t number, int64_t otherwise) {
        if (number != otherwise) json.number(name, number);
    };
    json.number("producerId", raw(value.producer_id));
    unless_default("previousProducerId", raw(value.previous_producer_id), -1);
    unless_default("nextProducerId", raw(value.next_producer_id), -1);
    json.number("producerEpoch", value.producer_epoch);
    unless_default("nextProducerEpoch", value.next_producer_epoch, -1);
    json.number("transactionTimeoutMs", value.transaction_timeout_ms)
        .number("transactionStatus", value.transaction_status);
    std::string partitions = "null";
    if (value.transaction_partitions) {
        JsonArray topics;
        for (const auto& topic : *value.transaction_partitions) {
            JsonArray ids;
            for (const PartitionId id : topic.partition_ids) ids.add(std::to_string(raw(id)));
            topics.add(
                JsonObject().text("topic", topic.topic).raw("partitionIds", ids.str()).str());
        }
        partitions = topics.str();
    }
    json.raw("transactionPartitions", partitions)
        .number("transactionLastUpdateTimestampMs", value.transaction_last_update_timestamp_ms)
        .number("transactionStartTimestampMs", value.transaction_start_timestamp_ms);
    unless_default("clientTransactionVersion", value.client_transaction_version, 0);
    return json.str();
}

class CoordinatorFormatter final : public MessageFormatter {
public:
    /// Which types of key are shown, and how.
    struct Kind {
        int16_t first_type = 0;
        int16_t last_type = 0;
        std::string (*key)(const StoredMessage&) = nullptr;
        std::string (*value)(const StoredMessage&) = nullptr;
    };
    explicit CoordinatorFormatter(const Kind& kind) : kind_(kind) {}

    void write(const ConsumerRecord& record, Writer& out) override {
        if (!record.view.key) return;
        try {
            const StoredMessage key = protocol::read_key(*record.view.key);
            if (key.type < kind_.first_type || key.type > kind_.last_type) return;
            JsonObject json;
            json.raw("key", JsonObject()
                                .number("type", key.type)
                                .raw("data", kind_.key(key))
                                .str());
            if (record.view.value) {
                const StoredMessage value = protocol::read_value(*record.view.value);
                json.raw("value", JsonObject()
                                      .number("version", value.version)
                                      .raw("data", kind_.value(value))
                                      .str());
            } else {
                json.raw("value", "null");
            }
            out.write(json.str());
        } catch (const protocol::MalformedMessage& error) {
            throw KafkaException({.exception = "java.lang.RuntimeException",
                                  .message = "Could not read record at offset " +
                                             std::to_string(raw(record.view.offset)) +
                                             " due to: " + error.what()});
        }
    }

private:
    Kind kind_;
};

}  // namespace

std::unique_ptr<MessageFormatter> make_coordinator_formatter(std::string_view class_name) {
    constexpr std::string_view package = "org.apache.kafka.tools.consumer.";
    if (!class_name.starts_with(package)) return nullptr;
    class_name.remove_prefix(package.size());
    // Type 0 was that of very old brokers, with the schema of type 1.
    if (class_name == "OffsetsMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(
            CoordinatorFormatter::Kind{0, 1, offset_key, offset_value});
    }
    if (class_name == "GroupMetadataMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(
            CoordinatorFormatter::Kind{2, 2, group_key, group_value});
    }
    if (class_name == "TransactionLogMessageFormatter") {
        return std::make_unique<CoordinatorFormatter>(
            CoordinatorFormatter::Kind{0, 0, transaction_key, transaction_value});
    }
    return nullptr;
}

}  // namespace stoker::cli
