#include "broker/group/group_records.hpp"

#include <limits>

#include "broker/group/java_string.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::broker {

namespace {

protocol::OffsetCommitKey key_of(const OffsetName& name) {
    return {.group = std::string(name.group),
            .topic = std::string(name.topic),
            .partition = name.partition};
}

template <class Key>
OffsetsKey decoded(const protocol::StoredMessage& stored) {
    return protocol::decode<Key>(stored.body, 0);
}

}  // namespace

OffsetsRecord group_record(std::string_view group, const protocol::GroupMetadataValue& value) {
    return {.key = protocol::encode_key(protocol::GroupMetadataKey{.group = std::string(group)}),
            .value = protocol::encode_value(value, group_value_version)};
}

OffsetsRecord group_tombstone(std::string_view group) {
    return {.key = protocol::encode_key(protocol::GroupMetadataKey{.group = std::string(group)}),
            .value = std::nullopt};
}

OffsetsRecord offset_record(const OffsetName& name, const protocol::OffsetCommitValue& value) {
    const bool expires = value.expire_timestamp != -1;
    const auto version = expires ? expiring_offset_value_version : offset_value_version;
    return {.key = protocol::encode_key(key_of(name)),
            .value = protocol::encode_value(value, version)};
}

OffsetsRecord offset_tombstone(const OffsetName& name) {
    return {.key = protocol::encode_key(key_of(name)), .value = std::nullopt};
}

Result<OffsetsKey> read_offsets_key(ByteView key) {
    try {
        const auto stored = protocol::read_key(key);
        switch (stored.type) {
            case 0:
            case protocol::OffsetCommitKey::api.key:
                return decoded<protocol::OffsetCommitKey>(stored);
            case protocol::GroupMetadataKey::api.key:
                return decoded<protocol::GroupMetadataKey>(stored);
            case protocol::ConsumerGroupMetadataKey::api.key:
                return decoded<protocol::ConsumerGroupMetadataKey>(stored);
            case protocol::ConsumerGroupPartitionMetadataKey::api.key:
                return decoded<protocol::ConsumerGroupPartitionMetadataKey>(stored);
            case protocol::ConsumerGroupMemberMetadataKey::api.key:
                return decoded<protocol::ConsumerGroupMemberMetadataKey>(stored);
            case protocol::ConsumerGroupTargetAssignmentMetadataKey::api.key:
                return decoded<protocol::ConsumerGroupTargetAssignmentMetadataKey>(stored);
            case protocol::ConsumerGroupTargetAssignmentMemberKey::api.key:
                return decoded<protocol::ConsumerGroupTargetAssignmentMemberKey>(stored);
            case protocol::ConsumerGroupCurrentMemberAssignmentKey::api.key:
                return decoded<protocol::ConsumerGroupCurrentMemberAssignmentKey>(stored);
            case protocol::ConsumerGroupRegularExpressionKey::api.key:
                return decoded<protocol::ConsumerGroupRegularExpressionKey>(stored);
            default: return UnknownKey{stored.type};
        }
    } catch (const protocol::MalformedMessage&) {
        return fail(ErrorCode::corrupt_message);
    }
}

std::optional<std::string_view> group_of(const OffsetsKey& key) {
    return std::visit(
        [](const auto& each) -> std::optional<std::string_view> {
            if constexpr (requires { each.group; }) return each.group;
            else if constexpr (requires { each.group_id; }) return each.group_id;
            else return std::nullopt;
        },
        key);
}

Result<protocol::GroupMetadataValue> read_group_value(ByteView value) {
    return read_stored_value<protocol::GroupMetadataValue>(value);
}

Result<protocol::OffsetCommitValue> read_offset_value(ByteView value) {
    return read_stored_value<protocol::OffsetCommitValue>(value);
}

PartitionId offsets_partition_of(std::string_view group, int32_t partitions) {
    const int32_t hash = java_hash(group);
    // Kafka's Utils.abs: the one number without a positive counterpart becomes 0.
    const int32_t positive =
        hash == std::numeric_limits<int32_t>::min() ? 0 : hash < 0 ? -hash : hash;
    return PartitionId{positive % partitions};
}

}  // namespace stoker::broker
