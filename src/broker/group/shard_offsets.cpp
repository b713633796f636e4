// Committed offsets: commit, fetch, delete, expire.
#include <limits>
#include <set>

#include "broker/group/group_shard.hpp"
#include "broker/group/java_string.hpp"

namespace stoker::broker {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

/// Since this version a commit to a group that is not there says so; before it, clients only knew
/// ILLEGAL_GENERATION.
constexpr int16_t first_version_with_group_id_not_found = 9;
constexpr Offset no_offset{-1};

/// The moment from which the retention of a group's offsets counts.
enum class RetainedSince {
    last_commit,      // each offset's own
    empty_state,      // when the group became empty
    never_expires,
};

RetainedSince retained_since(const ClassicGroup& classic) {
    if (!classic.protocol_type()) return RetainedSince::last_commit;
    if (classic.is(ClassicState::empty)) {
        // Old records do not say when.
        return classic.state_changed_ms() ? RetainedSince::empty_state : RetainedSince::last_commit;
    }
    const bool knows_subscriptions = classic.is_consumer_group() && classic.subscribed_topics();
    return knows_subscriptions && classic.is(ClassicState::stable) ? RetainedSince::last_commit
                                                                   : RetainedSince::never_expires;
}

/// -1 without a retention of its own. One that reaches beyond the end of time never expires.
int64_t expiry_ms(int64_t retention_ms, int64_t now_ms) {
    if (retention_ms == -1) return -1;
    constexpr int64_t end = std::numeric_limits<int64_t>::max();
    return retention_ms > end - now_ms ? end : now_ms + retention_ms;
}

bool has_expired(const CommittedOffset& offset, int64_t since_ms, int64_t retention_ms,
                 int64_t now_ms) {
    if (offset.expire_timestamp != -1) return now_ms >= offset.expire_timestamp;
    return now_ms - since_ms >= retention_ms;
}

}  // namespace

ErrorCode GroupShard::check_commit(const GroupCall<OffsetCommitRequest>& call,
                                   const OffsetCommitResponse& response) const {
    const OffsetCommitRequest& request = call.request;
    const int32_t generation = request.generation_id_or_member_epoch;
    const Group* group = find(request.group_id);
    if (group == nullptr) {
        if (generation < 0) return may_create();
        return call.version >= first_version_with_group_id_not_found
                   ? ErrorCode::group_id_not_found
                   : ErrorCode::illegal_generation;
    }
    if (group->consumer) return check_consumer_commit(*group->consumer, call, response);
    const ClassicGroup& classic = group->classic;
    // Outside any generation: an administrator, or a consumer that assigns its partitions itself.
    if (generation < 0 && classic.is(ClassicState::empty)) return ErrorCode::none;
    if (generation < 0 && request.member_id.empty() && !request.group_instance_id) {
        return ErrorCode::unknown_member_id;
    }
    const auto error = classic.check_member(request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    if (generation != classic.generation()) return ErrorCode::illegal_generation;
    return classic.is(ClassicState::completing_rebalance) ? ErrorCode::rebalance_in_progress
                                                          : ErrorCode::none;
}

ErrorCode GroupShard::may_create() const {
    return groups_.size() < context_.groups_max ? ErrorCode::none : ErrorCode::policy_violation;
}

ErrorCode GroupShard::commit(const GroupCall<OffsetCommitRequest>& call,
                             const OffsetsProducer& producer, OffsetCommitResponse& response) {
    const OffsetCommitRequest& request = call.request;
    const bool transactional = producer.id != ProducerId::none;
    const auto error = transactional ? check_transactional_commit(call, response)
                                     : check_commit(call, response);
    if (error != ErrorCode::none) return error;
    if (Group* group = find(request.group_id); group != nullptr && !transactional) {
        // A commit is a sign of life.
        ClassicMember* member = group->classic.member(request.member_id);
        if (member != nullptr) renew_session(*group, *member);
    }
    const int64_t now_ms = context_.clock.wall_ms();
    const auto size_max = static_cast<size_t>(context_.config.offset_metadata_size_max);
    std::vector<OffsetsRecord> records;
    for (size_t t = 0; t < request.topics.size(); ++t) {
        const auto& topic = request.topics[t];
        for (size_t p = 0; p < topic.partitions.size(); ++p) {
            const auto& partition = topic.partitions[p];
            ErrorCode& verdict = response.topics[t].partitions[p].error_code;
            if (verdict != ErrorCode::none) continue;
            const std::string metadata = partition.committed_metadata.value_or("");
            if (java_length(metadata) > size_max) {
                verdict = ErrorCode::offset_metadata_too_large;
                continue;
            }
            records.push_back(offset_record(
                {.group = request.group_id,
                 .topic = topic.name,
                 .partition = partition.partition_index},
                {.offset = partition.committed_offset,
                 .leader_epoch = partition.committed_leader_epoch,
                 .metadata = metadata,
                 .commit_timestamp = now_ms,
                 .expire_timestamp = expiry_ms(request.retention_time_ms, now_ms),
                 .topic_id = topic.topic_id}));
        }
    }
    return records.empty() ? ErrorCode::none : write(request.group_id, records, producer);
}

OffsetFetchResponse::OffsetFetchResponseGroup GroupShard::fetch(
    const OffsetFetchRequest::OffsetFetchRequestGroup& request, bool require_stable) const {
    OffsetFetchResponse::OffsetFetchResponseGroup answer{.group_id = request.group_id};
    const Group* group = find(request.group_id);
    if (group != nullptr && group->consumer) {
        answer.error_code = check_consumer_fetch(*group->consumer, request);
        if (answer.error_code != ErrorCode::none) return answer;
    }
    const auto answer_for = [&](const std::string& topic, PartitionId partition,
                                const CommittedOffset* offset)
        -> OffsetFetchResponse::OffsetFetchResponsePartitions {
        if (require_stable && group != nullptr && group->pending.contain(topic, partition)) {
            return {.partition_index = partition,
                    .committed_offset = no_offset,
                    .metadata = "",
                    .error_code = ErrorCode::unstable_offset_commit};
        }
        if (offset == nullptr) {
            return {.partition_index = partition, .committed_offset = no_offset, .metadata = ""};
        }
        return {.partition_index = partition,
                .committed_offset = offset->offset,
                .committed_leader_epoch = offset->leader_epoch,
                .metadata = offset->metadata};
    };
    if (!request.topics) {
        if (group == nullptr) return answer;
        for (const auto& [topic, partitions] : group->offsets.topics()) {
            auto& answered = answer.topics.emplace_back();
            answered.name = topic;
            for (const auto& [partition, offset] : partitions) {
                answered.topic_id = offset.topic_id;
                answered.partitions.push_back(answer_for(topic, partition, &offset));
            }
        }
        return answer;
    }
    for (const auto& topic : *request.topics) {
        auto& answered = answer.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const PartitionId partition : topic.partition_indexes) {
            const CommittedOffset* offset =
                group ? group->offsets.find(topic.name, partition) : nullptr;
            const bool is_theirs = offset && same_topic(offset->topic_id, topic.topic_id);
            answered.partitions.push_back(
                answer_for(topic.name, partition, is_theirs ? offset : nullptr));
        }
    }
    return answer;
}

ErrorCode GroupShard::delete_offsets(const OffsetDeleteRequest& request,
                                     OffsetDeleteResponse& response) {
    const Group* group = find(request.group_id);
    if (group == nullptr) return ErrorCode::group_id_not_found;
    const ClassicGroup& classic = group->classic;
    if (!group->consumer && !classic.is(ClassicState::empty) && !classic.is_consumer_group()) {
        return ErrorCode::non_empty_group;
    }
    std::vector<OffsetsRecord> tombstones;
    for (size_t t = 0; t < request.topics.size(); ++t) {
        const auto& topic = request.topics[t];
        const bool is_subscribed = group->is_subscribed_to(topic.name);
        for (size_t p = 0; p < topic.partitions.size(); ++p) {
            const PartitionId partition = topic.partitions[p].partition_index;
            ErrorCode& error = response.topics[t].partitions[p].error_code;
            if (error != ErrorCode::none) continue;
            if (is_subscribed) {
                error = ErrorCode::group_subscribed_to_topic;
            } else if (group->offsets.find(topic.name, partition) != nullptr ||
                       group->pending.contain(topic.name, partition)) {
                tombstones.push_back(offset_tombstone(
                    {.group = request.group_id, .topic = topic.name, .partition = partition}));
            }
        }
    }
    return write_tombstones(request.group_id, tombstones);
}

void GroupShard::on_topic_deleted(std::string_view topic, const Uuid& id) {
    std::vector<std::pair<std::string, std::vector<OffsetsRecord>>> by_group;
    for (const auto& [group_id, group] : groups_) {
        std::set<PartitionId> gone;
        const auto note = [&](const CommittedOffsets& offsets) {
            const auto partitions = offsets.topics().find(topic);
            if (partitions == offsets.topics().end()) return;
            for (const auto& [partition, offset] : partitions->second) {
                if (same_topic(offset.topic_id, id)) gone.insert(partition);
            }
        };
        note(group.offsets);
        for (const auto& [producer, offsets] : group.pending.producers()) note(offsets);
        if (gone.empty()) continue;
        auto& tombstones = by_group.emplace_back(group_id, 0).second;
        for (const PartitionId partition : gone) {
            tombstones.push_back(
                offset_tombstone({.group = group_id, .topic = topic, .partition = partition}));
        }
    }
    for (const auto& [group_id, tombstones] : by_group) {
        // When they cannot be written, the offsets stay until they expire; the topic's id keeps
        // them from being taken for those of a new topic of the same name.
        (void)write_tombstones(group_id, tombstones);
    }
}

bool GroupShard::expired_offsets(const Group& group, int64_t now_ms,
                                 std::vector<OffsetsRecord>& tombstones) const {
    const RetainedSince since =
        group.consumer ? RetainedSince::last_commit : retained_since(group.classic);
    bool all_are_gone = true;
    for (const auto& [topic, partitions] : group.offsets.topics()) {
        const bool stays =
            since == RetainedSince::never_expires || group.is_subscribed_to(topic);
        for (const auto& [partition, offset] : partitions) {
            const int64_t since_ms = since == RetainedSince::empty_state
                                         ? group.classic.state_changed_ms().value_or(0)
                                         : offset.commit_timestamp;
            // What a transaction may be about to replace is not removed before.
            if (stays || group.pending.contain(topic, partition) ||
                !has_expired(offset, since_ms, context_.config.offsets_retention_ms, now_ms)) {
                all_are_gone = false;
                continue;
            }
            tombstones.push_back(
                offset_tombstone({.group = group.id, .topic = topic, .partition = partition}));
        }
    }
    return all_are_gone && group.pending.empty();
}

void GroupShard::expire_offsets() {
    const int64_t now_ms = context_.clock.wall_ms();
    std::vector<std::pair<std::string, std::vector<OffsetsRecord>>> by_group;
    for (const auto& [id, group] : groups_) {
        std::vector<OffsetsRecord> tombstones;
        const bool all_are_gone = expired_offsets(group, now_ms, tombstones);
        // A group without members and offsets has nothing left to remember; unless somebody was
        // just told to come back as its member.
        const bool is_done =
            all_are_gone && group.exists && group.classic.pending.empty() && group.is_empty();
        if (is_done) append_tombstones(group, tombstones);
        if (!tombstones.empty()) by_group.emplace_back(id, std::move(tombstones));
    }
    for (const auto& [id, tombstones] : by_group) {
        const auto error = write_tombstones(id, tombstones);
        if (error != ErrorCode::none) return;  // the next check tries again
    }
}

}  // namespace stoker::broker
