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
std::optional<std::string> member_data(std::string_view name, const Bytes& bytes) {
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
std::string value_json(const T& value, int16_t version) {
    if constexpr (std::same_as<T, p::GroupMetadataValue>) {
        const bool consumer = value.protocol_type == "consumer";
        return JsonWriter(version, consumer ? member_data : nullptr).write(value);
    }
    return to_json(value, version);
}

template <class P>
bool read_as(CoordinatorRecord& record, ByteView key_body, std::optional<ByteView> value) {
    using Key = typename P::key;
    using Value = typename P::value;
    if (record.type != Key::api.key) return false;
    record.key_json = to_json(p::decode<Key>(key_body, 0), 0);
    if (!value) return true;
    const p::StoredMessage stored = p::read_value(*value);
    if (!Value::api.versions.contain(stored.version)) {
        throw p::MalformedMessage("version " + std::to_string(stored.version) + " of " +
                                  std::string(Value::api.name) + " is not known");
    }
    record.version = stored.version;
    record.value_json = value_json(p::decode<Value>(stored.body, stored.version), stored.version);
    return true;
}

template <class... P>
std::optional<CoordinatorRecord> read_record(TypeList<P...>, ByteView key,
                                             std::optional<ByteView> value) {
    const p::StoredMessage stored = p::read_key(key);
    CoordinatorRecord record{.type = stored.type};
    if (record.type == old_offset_type) record.type = p::OffsetCommitKey::api.key;
    const bool found = (read_as<P>(record, stored.body, value) || ...);
    record.type = stored.type;
    if (!found) return std::nullopt;
    return record;
}

std::string skipped(int64_t offset, const std::string& why) {
    return "Error at offset " + std::to_string(offset) + ", skipping. " + why;
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

std::string base64(ByteView bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) {
            group = group << 8 | (i + k < bytes.size() ? uint32_t(bytes[i + k]) : 0);
        }
        for (size_t k = 0; k < 4; ++k) {
            const bool there = i + k <= bytes.size();
            text += there ? digits[group >> (18 - 6 * k) & 63] : '=';
        }
    }
    return text;
}

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

std::optional<CoordinatorRecord> read_group_record(ByteView key, std::optional<ByteView> value) {
    return read_record(GroupRecords{}, key, value);
}

StoredText group_record_text(int64_t offset, ByteView key, std::optional<ByteView> value) {
    try {
        const auto record = read_group_record(key, value);
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
