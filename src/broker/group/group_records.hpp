// The records of __consumer_offsets that groups and committed offsets consist of, in Apache Kafka's
// schemas and versions, so that either broker can take up the other's log. Those of groups of the
// consumer protocol are made in consumer/consumer_records.hpp.
//
// A key names a part of a group or one committed offset; a record without a value is a tombstone.
// Which partition a group lives in follows from its name alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "protocol/messages/records_consumer_groups.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::broker {

/// One record as it is appended; no value: a tombstone.
struct OffsetsRecord {
    Bytes key;
    std::optional<Bytes> value;
};

/// The version of GroupMetadataValue that 4.3 writes; those before it are read.
inline constexpr int16_t group_value_version = 3;
/// OffsetCommitValue: 1 is the only version that carries an expiry of its own.
inline constexpr int16_t expiring_offset_value_version = 1;
inline constexpr int16_t offset_value_version = 4;

OffsetsRecord group_record(std::string_view group, const protocol::GroupMetadataValue& value);
OffsetsRecord group_tombstone(std::string_view group);

struct OffsetName {
    std::string_view group;
    std::string_view topic;
    PartitionId partition{};
};
OffsetsRecord offset_record(const OffsetName& name, const protocol::OffsetCommitValue& value);
OffsetsRecord offset_tombstone(const OffsetName& name);

/// A key of a type that this broker does not know (newer kinds of groups): the record stays in the
/// log and is skipped.
struct UnknownKey {
    int16_t type = 0;
};
using OffsetsKey =
    std::variant<protocol::OffsetCommitKey, protocol::GroupMetadataKey,
                 protocol::ConsumerGroupMetadataKey, protocol::ConsumerGroupPartitionMetadataKey,
                 protocol::ConsumerGroupMemberMetadataKey,
                 protocol::ConsumerGroupTargetAssignmentMetadataKey,
                 protocol::ConsumerGroupTargetAssignmentMemberKey,
                 protocol::ConsumerGroupCurrentMemberAssignmentKey,
                 protocol::ConsumerGroupRegularExpressionKey, UnknownKey>;
/// The group that a record is about; nothing for a key that is unknown.
std::optional<std::string_view> group_of(const OffsetsKey& key);

/// CORRUPT_MESSAGE when the bytes are no such thing, UNSUPPORTED_VERSION for a value of a version
/// that came after 4.3.
Result<OffsetsKey> read_offsets_key(ByteView key);
Result<protocol::GroupMetadataValue> read_group_value(ByteView value);
Result<protocol::OffsetCommitValue> read_offset_value(ByteView value);

/// The same of any other value.
template <class Value>
Result<Value> read_stored_value(ByteView bytes) {
    try {
        const auto stored = protocol::read_value(bytes);
        if (!Value::api.versions.contain(stored.version)) {
            return fail(ErrorCode::unsupported_version);
        }
        return protocol::decode<Value>(stored.body, stored.version);
    } catch (const protocol::MalformedMessage&) {
        return fail(ErrorCode::corrupt_message);
    }
}

/// Where Apache Kafka keeps a group: |hashCode(name)| modulo the number of partitions.
PartitionId offsets_partition_of(std::string_view group, int32_t partitions);

}  // namespace stoker::broker
