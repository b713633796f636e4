// The coordinator's side of transactions: offsets that a producer commits with its records
// (KIP-98, KIP-447), and what becomes of them when its transaction ends.
#include "broker/group/group_coordinator.hpp"

#include <utility>

namespace stoker::broker {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

namespace {

/// The OffsetCommit that names topics and may be a member's of either protocol.
constexpr int16_t equal_commit_version = 9;

OffsetCommitRequest as_commit(TxnOffsetCommitRequest&& asked) {
    OffsetCommitRequest request;
    request.group_id = std::move(asked.group_id);
    request.generation_id_or_member_epoch = asked.generation_id;
    request.member_id = std::move(asked.member_id);
    request.group_instance_id = std::move(asked.group_instance_id);
    for (auto& topic : asked.topics) {
        auto& wanted = request.topics.emplace_back();
        wanted.name = std::move(topic.name);
        for (auto& partition : topic.partitions) {
            wanted.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .committed_offset = partition.committed_offset,
                 .committed_leader_epoch = partition.committed_leader_epoch,
                 .committed_metadata = std::move(partition.committed_metadata)});
        }
    }
    return request;
}

TxnOffsetCommitResponse as_answer(OffsetCommitResponse&& committed) {
    TxnOffsetCommitResponse response;
    for (auto& topic : committed.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = std::move(topic.name);
        for (const auto& partition : topic.partitions) {
            answered.partitions.push_back({.partition_index = partition.partition_index,
                                           .error_code = partition.error_code});
        }
    }
    return response;
}

}  // namespace

void GroupCoordinator::commit_in_transaction(GroupCall<TxnOffsetCommitRequest> call,
                                             storage::VerificationGuard verification,
                                             GroupReply<TxnOffsetCommitResponse> reply) {
    const OffsetsProducer producer{.id = call.request.producer_id,
                                   .epoch = call.request.producer_epoch,
                                   .verification = verification};
    GroupReply<OffsetCommitResponse> answer =
        [reply = std::move(reply)](OffsetCommitResponse committed) mutable {
            reply(as_answer(std::move(committed)));
        };
    GroupCall<OffsetCommitRequest> commit{.request = as_commit(std::move(call.request)),
                                          .version = equal_commit_version,
                                          .client = std::move(call.client)};
    commit_offsets(std::move(commit), producer, std::move(answer));
}

Result<Offset> GroupCoordinator::end_transaction(PartitionId partition, ProducerId producer,
                                                 bool committed,
                                                 const std::function<Result<Offset>()>& append) {
    auto shard = shard_of(partition).lock();
    auto written = append();
    if (written) shard->end_transaction(partition, producer, committed);
    return written;
}

void GroupCoordinator::apply_end(PartitionId partition, ProducerId producer, bool committed) {
    shard_of(partition).lock()->end_transaction(partition, producer, committed);
}

}  // namespace stoker::broker
