#include "broker/group/consumer/consumer_records.hpp"

#include <algorithm>
#include <utility>

namespace stoker::broker {

using protocol::ConsumerGroupCurrentMemberAssignmentKey;
using protocol::ConsumerGroupCurrentMemberAssignmentValue;
using protocol::ConsumerGroupMemberMetadataKey;
using protocol::ConsumerGroupMemberMetadataValue;
using protocol::ConsumerGroupMetadataKey;
using protocol::ConsumerGroupMetadataValue;
using protocol::ConsumerGroupPartitionMetadataKey;
using protocol::ConsumerGroupRegularExpressionKey;
using protocol::ConsumerGroupRegularExpressionValue;
using protocol::ConsumerGroupTargetAssignmentMemberKey;
using protocol::ConsumerGroupTargetAssignmentMemberValue;
using protocol::ConsumerGroupTargetAssignmentMetadataKey;
using protocol::ConsumerGroupTargetAssignmentMetadataValue;

namespace {

/// The only version of all these values.
constexpr int16_t value_version = 0;

template <class Key, class Value>
OffsetsRecord record(const Key& key, const Value& value) {
    return {.key = protocol::encode_key(key),
            .value = protocol::encode_value(value, value_version)};
}

template <class Key>
OffsetsRecord tombstone(const Key& key) {
    return {.key = protocol::encode_key(key), .value = std::nullopt};
}

using StoredPartitions = std::vector<ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions>;

StoredPartitions stored(const EpochAssignment& assignment) {
    StoredPartitions topics;
    for (const auto& [topic, partitions] : assignment) {
        auto& each = topics.emplace_back();
        each.topic_id = topic;
        each.assignment_epochs.emplace();
        for (const auto& [partition, epoch] : partitions) {
            each.partitions.push_back(partition);
            each.assignment_epochs->push_back(epoch);
        }
    }
    return topics;
}

/// Brokers before 4.3 stored no epochs: the member's own counts.
EpochAssignment loaded(const StoredPartitions& topics, int32_t member_epoch) {
    const int32_t default_epoch = std::max(member_epoch, 0);
    EpochAssignment assignment;
    for (const auto& topic : topics) {
        const auto& epochs = topic.assignment_epochs;
        const bool has_epochs = epochs && epochs->size() == topic.partitions.size();
        for (size_t i = 0; i < topic.partitions.size(); ++i) {
            assignment[topic.topic_id].emplace(topic.partitions[i],
                                               has_epochs ? (*epochs)[i] : default_epoch);
        }
    }
    return assignment;
}

MemberState member_state(int8_t value) {
    switch (value) {
        case 0: return MemberState::stable;
        case 1: return MemberState::unrevoked_partitions;
        case 2: return MemberState::unreleased_partitions;
        default: return MemberState::unknown;
    }
}

}  // namespace

OffsetsRecord epoch_record(const std::string& group, int32_t epoch, int64_t metadata_hash) {
    return record(ConsumerGroupMetadataKey{.group_id = group},
                  ConsumerGroupMetadataValue{.epoch = epoch, .metadata_hash = metadata_hash});
}

OffsetsRecord epoch_tombstone(const std::string& group) {
    return tombstone(ConsumerGroupMetadataKey{.group_id = group});
}

OffsetsRecord partition_metadata_tombstone(const std::string& group) {
    return tombstone(ConsumerGroupPartitionMetadataKey{.group_id = group});
}

OffsetsRecord member_record(const std::string& group, const std::string& member,
                            const MemberMetadata& metadata) {
    ConsumerGroupMemberMetadataValue value;
    value.instance_id = metadata.instance_id;
    value.rack_id = metadata.rack_id;
    value.client_id = metadata.client_id;
    value.client_host = metadata.client_host;
    value.subscribed_topic_names.assign(metadata.topics.begin(), metadata.topics.end());
    value.subscribed_topic_regex = metadata.regex;
    value.rebalance_timeout_ms = metadata.rebalance_timeout_ms;
    value.server_assignor = metadata.assignor;
    value.classic_member_metadata.reset();
    if (metadata.classic) {
        ConsumerGroupMemberMetadataValue::ClassicMemberMetadata classic;
        classic.session_timeout_ms = metadata.classic->session_timeout_ms;
        for (const auto& protocol : metadata.classic->protocols) {
            classic.supported_protocols.push_back({protocol.name, protocol.metadata});
        }
        value.classic_member_metadata = std::move(classic);
    }
    return record(ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = member}, value);
}

OffsetsRecord member_tombstone(const std::string& group, const std::string& member) {
    return tombstone(ConsumerGroupMemberMetadataKey{.group_id = group, .member_id = member});
}

OffsetsRecord assignment_epoch_record(const std::string& group, int32_t epoch,
                                      int64_t timestamp_ms) {
    return record(ConsumerGroupTargetAssignmentMetadataKey{.group_id = group},
                  ConsumerGroupTargetAssignmentMetadataValue{
                      .assignment_epoch = epoch, .assignment_timestamp = timestamp_ms});
}

OffsetsRecord assignment_epoch_tombstone(const std::string& group) {
    return tombstone(ConsumerGroupTargetAssignmentMetadataKey{.group_id = group});
}

OffsetsRecord target_record(const std::string& group, const std::string& member,
                            const Assignment& target) {
    ConsumerGroupTargetAssignmentMemberValue value;
    for (const auto& [topic, partitions] : target) {
        value.topic_partitions.push_back(
            {.topic_id = topic, .partitions = {partitions.begin(), partitions.end()}});
    }
    return record(ConsumerGroupTargetAssignmentMemberKey{.group_id = group, .member_id = member},
                  value);
}

OffsetsRecord target_tombstone(const std::string& group, const std::string& member) {
    return tombstone(
        ConsumerGroupTargetAssignmentMemberKey{.group_id = group, .member_id = member});
}

OffsetsRecord current_record(const std::string& group, const std::string& member,
                             const CurrentAssignment& current) {
    ConsumerGroupCurrentMemberAssignmentValue value;
    value.member_epoch = current.epoch;
    value.previous_member_epoch = current.previous_epoch;
    value.state = static_cast<int8_t>(current.state);
    value.assigned_partitions = stored(current.assigned);
    value.partitions_pending_revocation = stored(current.revoking);
    return record(ConsumerGroupCurrentMemberAssignmentKey{.group_id = group, .member_id = member},
                  value);
}

OffsetsRecord current_tombstone(const std::string& group, const std::string& member) {
    return tombstone(
        ConsumerGroupCurrentMemberAssignmentKey{.group_id = group, .member_id = member});
}

OffsetsRecord regex_record(const std::string& group, const std::string& regex,
                           const ResolvedRegex& resolved) {
    ConsumerGroupRegularExpressionValue value;
    value.topics.assign(resolved.topics.begin(), resolved.topics.end());
    value.version = resolved.version;
    value.timestamp = resolved.timestamp_ms;
    return record(
        ConsumerGroupRegularExpressionKey{.group_id = group, .regular_expression = regex}, value);
}

OffsetsRecord regex_tombstone(const std::string& group, const std::string& regex) {
    return tombstone(
        ConsumerGroupRegularExpressionKey{.group_id = group, .regular_expression = regex});
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupMetadataKey&,
                       std::optional<ByteView> value) {
    if (!value) return ErrorCode::none;
    const auto read = read_stored_value<ConsumerGroupMetadataValue>(*value);
    if (!read) return read.error();
    group.epoch = read->epoch;
    group.metadata_hash = read->metadata_hash;
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupPartitionMetadataKey&,
                       std::optional<ByteView> value) {
    group.has_partition_metadata = value.has_value();
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupMemberMetadataKey& key,
                       std::optional<ByteView> value) {
    if (!value) {
        group.remove_member(key.member_id);
        return ErrorCode::none;
    }
    auto read = read_stored_value<ConsumerGroupMemberMetadataValue>(*value);
    if (!read) return read.error();
    MemberMetadata metadata{
        .instance_id = std::move(read->instance_id),
        .rack_id = std::move(read->rack_id),
        .client_id = std::move(read->client_id),
        .client_host = std::move(read->client_host),
        .topics = {read->subscribed_topic_names.begin(), read->subscribed_topic_names.end()},
        .regex = std::move(read->subscribed_topic_regex),
        .rebalance_timeout_ms = read->rebalance_timeout_ms,
        .assignor = std::move(read->server_assignor),
        .classic = std::nullopt};
    if (read->classic_member_metadata) {
        MemberMetadata::Classic classic;
        classic.session_timeout_ms = read->classic_member_metadata->session_timeout_ms;
        for (auto& protocol : read->classic_member_metadata->supported_protocols) {
            classic.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata)});
        }
        metadata.classic = std::move(classic);
    }
    group.put_member(key.member_id, std::move(metadata));
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupTargetAssignmentMetadataKey&,
                       std::optional<ByteView> value) {
    // As if nothing had ever been computed: whoever lives on gets a new target.
    if (!value) {
        group.assignment_epoch = -1;
        group.assignment_timestamp_ms = 0;
        return ErrorCode::none;
    }
    const auto read = read_stored_value<ConsumerGroupTargetAssignmentMetadataValue>(*value);
    if (!read) return read.error();
    group.assignment_epoch = read->assignment_epoch;
    group.assignment_timestamp_ms = read->assignment_timestamp;
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupTargetAssignmentMemberKey& key,
                       std::optional<ByteView> value) {
    if (!value) {
        group.remove_target(key.member_id);
        return ErrorCode::none;
    }
    const auto read = read_stored_value<ConsumerGroupTargetAssignmentMemberValue>(*value);
    if (!read) return read.error();
    Assignment target;
    for (const auto& topic : read->topic_partitions) {
        if (topic.partitions.empty()) continue;
        target[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
    }
    group.put_target(key.member_id, std::move(target));
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupCurrentMemberAssignmentKey& key,
                       std::optional<ByteView> value) {
    if (!value) {
        const ConsumerMember* member = group.member(key.member_id);
        if (member == nullptr) return ErrorCode::none;
        group.put_current(key.member_id, {.epoch = left_epoch,
                                          .previous_epoch = left_epoch,
                                          .state = member->current.state,
                                          .assigned = {},
                                          .revoking = {}});
        return ErrorCode::none;
    }
    const auto read = read_stored_value<ConsumerGroupCurrentMemberAssignmentValue>(*value);
    if (!read) return read.error();
    group.put_current(key.member_id,
                      {.epoch = read->member_epoch,
                       .previous_epoch = read->previous_member_epoch,
                       .state = member_state(read->state),
                       .assigned = loaded(read->assigned_partitions, read->member_epoch),
                       .revoking =
                           loaded(read->partitions_pending_revocation, read->member_epoch)});
    return ErrorCode::none;
}

ErrorCode apply_record(ConsumerGroup& group, const ConsumerGroupRegularExpressionKey& key,
                       std::optional<ByteView> value) {
    if (!value) {
        group.remove_regex(key.regular_expression);
        return ErrorCode::none;
    }
    const auto read = read_stored_value<ConsumerGroupRegularExpressionValue>(*value);
    if (!read) return read.error();
    group.put_regex(key.regular_expression, {.topics = {read->topics.begin(), read->topics.end()},
                                             .version = read->version,
                                             .timestamp_ms = read->timestamp});
    return ErrorCode::none;
}

}  // namespace stoker::broker
