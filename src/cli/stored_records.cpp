#include "cli/stored_records.hpp"

#include <cctype>
#include <tuple>
#include <utility>

#include "cli/message_json.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/records_consumer_groups.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_control.hpp"
#include "protocol/messages/records_metadata.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/record_frame.hpp"
#include "record/builder.hpp"

namespace stoker::cli {

namespace p = protocol;

namespace {

template <class... T>
struct TypeList {};

template <class Key, class Value>
struct Pair {
    using key = Key;
    using value = Value;
};

using GroupRecords = TypeList<
    Pair<p::OffsetCommitKey, p::OffsetCommitValue>,
    Pair<p::GroupMetadataKey, p::GroupMetadataValue>,
    Pair<p::ConsumerGroupMetadataKey, p::ConsumerGroupMetadataValue>,
    Pair<p::ConsumerGroupPartitionMetadataKey, p::ConsumerGroupPartitionMetadataValue>,
    Pair<p::ConsumerGroupMemberMetadataKey, p::ConsumerGroupMemberMetadataValue>,
    Pair<p::ConsumerGroupTargetAssignmentMetadataKey,
         p::ConsumerGroupTargetAssignmentMetadataValue>,
    Pair<p::ConsumerGroupTargetAssignmentMemberKey, p::ConsumerGroupTargetAssignmentMemberValue>,
    Pair<p::ConsumerGroupCurrentMemberAssignmentKey, p::ConsumerGroupCurrentMemberAssignmentValue>,
    Pair<p::ConsumerGroupRegularExpressionKey, p::ConsumerGroupRegularExpressionValue>>;

using TransactionRecords = TypeList<Pair<p::TransactionLogKey, p::TransactionLogValue>>;

using MetadataRecords =
    TypeList<p::RegisterBrokerRecord, p::TopicRecord, p::PartitionRecord, p::ConfigRecord,
             p::PartitionChangeRecord, p::RemoveTopicRecord, p::FeatureLevelRecord,
             p::ProducerIdsRecord, p::BrokerRegistrationChangeRecord, p::NoOpRecord,
             p::BeginTransactionRecord, p::EndTransactionRecord, p::AbortTransactionRecord,
             p::RegisterControllerRecord>;

/// Offsets of very old brokers, with the schema of type 1.
constexpr int16_t old_offset_type = 0;

/// "RegisterBrokerRecord" -> "REGISTER_BROKER_RECORD".
std::string constant_case(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isupper(byte) != 0 && !text.empty()) text += '_';
        text += static_cast<char>(std::toupper(byte));
    }
    return text;
}

/// A member's subscription and assignment are messages of their own in a consumer group.
std::optional<std::string> decode_member_data(std::string_view name, const Bytes& bytes) {
    try {
        const p::StoredMessage stored = p::read_value(bytes);
        if (name == "subscription") {
            return to_json(p::read_subscription(bytes), stored.version);
        }
        if (name == "assignment") return to_json(p::read_assignment(bytes), stored.version);
    } catch (const p::MalformedMessage&) {
        return std::nullopt;
    }
    return std::nullopt;
}

template <p::Message T>
std::string value_json(const T& value, int16_t version, MemberData member_data) {
    if constexpr (std::same_as<T, p::GroupMetadataValue>) {
        const bool decoded =
            member_data == MemberData::decoded && value.protocol_type == "consumer";
        return JsonWriter(version, decoded ? decode_member_data : nullptr).write(value);
    }
    return to_json(value, version);
}

/// The record is one of P when its type is P's.
template <class P>
bool read_as(CoordinatorRecord& record, int16_t type, ByteView key, std::optional<ByteView> value,
             MemberData member_data) {
    using Key = typename P::key;
    using Value = typename P::value;
    if (type != Key::api.key) return false;
    record.key_json = to_json(p::decode<Key>(key, 0), 0);
    if (!value) return true;
    const p::StoredMessage stored = p::read_value(*value);
    if (!Value::api.versions.contain(stored.version)) {
        throw p::MalformedMessage("version " + std::to_string(stored.version) + " of " +
                                  std::string(Value::api.name) + " is not known");
    }
    record.version = stored.version;
    record.value_json =
        value_json(p::decode<Value>(stored.body, stored.version), stored.version, member_data);
    return true;
}

/// `type` is that of the schema, which need not be that of the key.
template <class... P>
std::optional<CoordinatorRecord> read_record(TypeList<P...>, const p::StoredMessage& key,
                                             int16_t type, std::optional<ByteView> value,
                                             MemberData member_data = MemberData::base64) {
    CoordinatorRecord record{.type = key.type, .key_json = {}};
    if (!(read_as<P>(record, type, key.body, value, member_data) || ...)) return std::nullopt;
    return record;
}

std::string skipped(int64_t offset, const std::string& why) {
    return "Error at offset " + std::to_string(offset) + ", skipping. " + why;
}

template <class Read>
StoredText coordinator_record_text(int64_t offset, ByteView key, Read&& read) {
    try {
        const std::optional<CoordinatorRecord> record = read();
        if (!record) {
            return {.key = "Unknown record type " + std::to_string(p::read_key(key).type) +
                           " at offset " + std::to_string(offset) + ", skipping.",
                    .value = std::nullopt};
        }
        StoredText text{.key = "{\"type\":\"" + std::to_string(record->type) +
                               "\",\"data\":" + record->key_json + "}",
                        .value = "<DELETE>"};
        if (record->version) {
            text.value = "{\"version\":\"" + std::to_string(*record->version) +
                         "\",\"data\":" + record->value_json + "}";
        }
        return text;
    } catch (const p::MalformedMessage& why) {
        return {.key = skipped(offset, why.what()), .value = std::nullopt};
    }
}

template <class... T>
std::optional<std::string> metadata_json(TypeList<T...>, const p::StoredMessage& stored) {
    std::optional<std::string> text;
    const auto try_as = [&]<p::Message One>(std::type_identity<One>) {
        if (One::api.key != stored.type || !One::api.versions.contain(stored.version)) return;
        text = "{\"type\":\"" + constant_case(One::api.name) +
               "\",\"version\":" + std::to_string(stored.version) +
               ",\"data\":" + to_json(p::decode<One>(stored.body, stored.version), stored.version) +
               "}";
    };
    (try_as(std::type_identity<T>{}), ...);
    return text;
}

/// The version is the first field of these values; what a later version adds is ignored.
template <p::Message T>
std::string control_json(ByteView value) {
    const int16_t version = p::read_value(value).version;
    return to_json(p::decode<T>(value, version), version);
}

}  // namespace

std::string camel_case(std::string_view name) {
    std::string text;
    // Kafka's own spelling.
    if (name.starts_with("kraft")) {
        text = "kRaft";
        name.remove_prefix(5);
    }
    bool up = false;
    for (const char c : name) {
        if (c != '_') text += up ? static_cast<char>(std::toupper(c)) : c;
        up = c == '_';
    }
    return text;
}

std::optional<CoordinatorRecord> read_group_record(ByteView key, std::optional<ByteView> value,
                                                   MemberData member_data) {
    const p::StoredMessage stored = p::read_key(key);
    const int16_t type =
        stored.type == old_offset_type ? p::OffsetCommitKey::api.key : stored.type;
    return read_record(GroupRecords{}, stored, type, value, member_data);
}

std::optional<CoordinatorRecord> read_transaction_record(ByteView key,
                                                         std::optional<ByteView> value) {
    const p::StoredMessage stored = p::read_key(key);
    return read_record(TransactionRecords{}, stored, stored.type, value);
}

StoredText group_record_text(int64_t offset, ByteView key, std::optional<ByteView> value) {
    return coordinator_record_text(
        offset, key, [&] { return read_group_record(key, value, MemberData::decoded); });
}

StoredText transaction_record_text(int64_t offset, ByteView key, std::optional<ByteView> value) {
    return coordinator_record_text(offset, key,
                                   [&] { return read_transaction_record(key, value); });
}

StoredText metadata_record_text(int64_t offset, ByteView value) {
    const auto error = [&](const std::string& why) {
        return StoredText{.key = std::nullopt,
                          .value = "Error at " + std::to_string(offset) + ", skipping. " + why};
    };
    try {
        const p::StoredMessage stored = p::read_metadata_record(value);
        if (auto text = metadata_json(MetadataRecords{}, stored)) {
            return {.key = std::nullopt, .value = std::move(*text)};
        }
        return error("Unknown metadata id " + std::to_string(stored.type));
    } catch (const p::MalformedMessage& why) {
        return error(why.what());
    }
}

std::string control_record_text(ByteView key, ByteView value) {
    using record::ControlType;
    try {
        const auto type = record::control_type(key);
        if (!type) return " (malformed: a control record's key is too short)";
        switch (*type) {
            case ControlType::abort:
            case ControlType::commit: {
                const auto marker = p::decode_front<p::EndTxnMarker>(p::read_value(value).body, 0);
                return std::string(" endTxnMarker: ") +
                       (*type == ControlType::commit ? "COMMIT" : "ABORT") +
                       " coordinatorEpoch: " + std::to_string(marker.coordinator_epoch);
            }
            case ControlType::leader_change:
                return " LeaderChange: " + control_json<p::LeaderChangeMessage>(value);
            case ControlType::snapshot_header:
                return " SnapshotHeader " + control_json<p::SnapshotHeaderRecord>(value);
            case ControlType::snapshot_footer:
                return " SnapshotFooter " + control_json<p::SnapshotFooterRecord>(value);
            case ControlType::kraft_version:
                return " KRaftVersion " + control_json<p::KRaftVersionRecord>(value);
            case ControlType::kraft_voters:
                return " KRaftVoters " + control_json<p::VotersRecord>(value);
        }
        return " controlType: UNKNOWN(" + std::to_string(static_cast<int16_t>(*type)) + ")";
    } catch (const p::MalformedMessage& why) {
        return std::string(" (malformed: ") + why.what() + ")";
    }
}

}  // namespace stoker::cli
