// Committed offsets as records say them: outright, or when a producer's transaction is committed.
#include "broker/group/group_shard.hpp"

namespace stoker::broker {

ErrorCode GroupShard::apply_offset(const protocol::OffsetCommitKey& key,
                                   std::optional<ByteView> value, const RecordOrigin& origin) {
    if (!value) {
        if (const auto found = groups_.find(key.group); found != groups_.end()) {
            found->second.offsets.remove(key.topic, key.partition);
            found->second.pending.remove(key.topic, key.partition);
            drop_if_empty(key.group);
        }
        return ErrorCode::none;
    }
    auto parsed = read_offset_value(*value);
    if (!parsed) return parsed.error();
    CommittedOffset offset{*std::move(parsed), origin.offset};
    Group& group = create(key.group);
    // Offsets of no group: a simple consumer, which becomes an empty group without protocol type.
    group.exists = true;
    if (origin.producer == ProducerId::none) {
        group.offsets.put(key.topic, key.partition, std::move(offset));
        return ErrorCode::none;
    }
    group.pending.put(origin.producer, key.topic, key.partition, std::move(offset));
    open_transactions_[{partition_of(key.group), origin.producer}].insert(key.group);
    return ErrorCode::none;
}

void GroupShard::end_transaction(PartitionId partition, ProducerId producer, bool committed) {
    const auto open = open_transactions_.extract({partition, producer});
    if (!open) return;
    for (const std::string& id : open.mapped()) {
        const auto found = groups_.find(id);
        if (found == groups_.end()) continue;
        Group& group = found->second;
        const CommittedOffsets pending = group.pending.take(producer);
        for (const auto& [topic, partitions] : pending.topics()) {
            for (const auto& [index, offset] : partitions) {
                if (!committed) continue;
                // A commit that was written later, though in no transaction, stays.
                const CommittedOffset* other = group.offsets.find(topic, index);
                if (other != nullptr && other->record_offset > offset.record_offset) continue;
                group.exists = true;
                group.offsets.put(topic, index, offset);
            }
        }
        drop_if_empty(id);
    }
}

ErrorCode GroupShard::check_transactional_commit(
    const GroupCall<protocol::OffsetCommitRequest>& call,
    const protocol::OffsetCommitResponse& response) const {
    const protocol::OffsetCommitRequest& request = call.request;
    const int32_t generation = request.generation_id_or_member_epoch;
    const Group* group = find(request.group_id);
    if (group == nullptr) {
        return generation < 0 ? may_create() : ErrorCode::illegal_generation;
    }
    if (group->consumer) {
        const auto error = check_consumer_commit(*group->consumer, call, response);
        // The only error of the kind that such a producer knows.
        return error == ErrorCode::stale_member_epoch ? ErrorCode::illegal_generation : error;
    }
    const ClassicGroup& classic = group->classic;
    if (generation < 0 && classic.is(ClassicState::empty)) return ErrorCode::none;
    // Producers before KIP-447 do not say of which member the offsets are.
    const bool says_who = !request.member_id.empty() || request.group_instance_id;
    if (generation < 0 && !says_who) return ErrorCode::none;
    const auto error = classic.check_member(request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    return generation == classic.generation() ? ErrorCode::none : ErrorCode::illegal_generation;
}

}  // namespace stoker::broker
