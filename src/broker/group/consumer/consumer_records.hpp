// The records of groups of the consumer protocol: how one is made of a piece of the model, and what
// taking one in does to the model.
#pragma once

#include <optional>
#include <string>

#include "broker/group/consumer/consumer_group.hpp"
#include "broker/group/group_records.hpp"

namespace stoker::broker {

OffsetsRecord epoch_record(const std::string& group, int32_t epoch, int64_t metadata_hash);
OffsetsRecord epoch_tombstone(const std::string& group);
OffsetsRecord partition_metadata_tombstone(const std::string& group);
OffsetsRecord member_record(const std::string& group, const std::string& member,
                            const MemberMetadata& metadata);
OffsetsRecord member_tombstone(const std::string& group, const std::string& member);
OffsetsRecord assignment_epoch_record(const std::string& group, int32_t epoch,
                                      int64_t timestamp_ms);
OffsetsRecord assignment_epoch_tombstone(const std::string& group);
OffsetsRecord target_record(const std::string& group, const std::string& member,
                            const Assignment& target);
OffsetsRecord target_tombstone(const std::string& group, const std::string& member);
OffsetsRecord current_record(const std::string& group, const std::string& member,
                             const CurrentAssignment& current);
OffsetsRecord current_tombstone(const std::string& group, const std::string& member);
OffsetsRecord regex_record(const std::string& group, const std::string& regex,
                           const ResolvedRegex& resolved);
OffsetsRecord regex_tombstone(const std::string& group, const std::string& regex);

/// Takes a record in. CORRUPT_MESSAGE or UNSUPPORTED_VERSION: not taken in. Tombstones of what is
/// not there are none of these: compaction leaves them behind. The tombstone of the group itself is
/// the caller's.
ErrorCode apply_record(ConsumerGroup& group, const protocol::ConsumerGroupMetadataKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group,
                       const protocol::ConsumerGroupPartitionMetadataKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group, const protocol::ConsumerGroupMemberMetadataKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group,
                       const protocol::ConsumerGroupTargetAssignmentMetadataKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group,
                       const protocol::ConsumerGroupTargetAssignmentMemberKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group,
                       const protocol::ConsumerGroupCurrentMemberAssignmentKey& key,
                       std::optional<ByteView> value);
ErrorCode apply_record(ConsumerGroup& group,
                       const protocol::ConsumerGroupRegularExpressionKey& key,
                       std::optional<ByteView> value);

}  // namespace stoker::broker
