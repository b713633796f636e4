// The offsets of a group as part of a producer's transaction (KIP-98, KIP-447). The coordinator of
// the group keeps them until the transaction is over; whoever takes the partitions over waits for
// that. Errors mean what they mean to Java's TransactionManager.
#include <algorithm>
#include <array>

#include "kafka/producer.hpp"
#include "protocol/messages/28_txn_offset_commit.hpp"

namespace stoker::kafka {
namespace {

using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

/// The version after it makes the offsets part of the transaction by itself (KIP-890).
constexpr int16_t last_without_offsets_added = 4;
/// Generation and member travel since then (KIP-447).
constexpr int16_t first_with_group = 3;

/// The group has other members or none, or this one may not commit: the transaction is over, and
/// the producer is as good as before.
bool leaves_a_producer(const Failure& why) {
    constexpr std::array abortable{
        ErrorCode::transaction_abortable,       ErrorCode::unknown_producer_id,
        ErrorCode::invalid_producer_id_mapping, ErrorCode::group_authorization_failed,
        ErrorCode::fenced_instance_id,          ErrorCode::unknown_member_id,
        ErrorCode::illegal_generation};
    return std::ranges::find(abortable, why.code) != abortable.end();
}

Failure not_authorized(const std::string& group_id) {
    return failure_of(ErrorCode::group_authorization_failed,
                      "Not authorized to access group: " + group_id);
}

Failure refusal(ErrorCode code, const std::string& group_id) {
    switch (code) {
        case ErrorCode::unknown_member_id:
        case ErrorCode::illegal_generation:
            return {.code = code,
                    .exception = "org.apache.kafka.clients.consumer.CommitFailedException",
                    .message = "Transaction offset Commit failed due to consumer group metadata "
                               "mismatch: " +
                               std::string(default_message(code))};
        case ErrorCode::group_authorization_failed: return not_authorized(group_id);
        // An epoch that is over means the same as being fenced.
        case ErrorCode::invalid_producer_epoch: return failure_of(ErrorCode::producer_fenced);
        case ErrorCode::producer_fenced:
        case ErrorCode::fenced_instance_id:
        case ErrorCode::transaction_abortable:
        case ErrorCode::transactional_id_authorization_failed:
        case ErrorCode::unsupported_for_message_format: return failure_of(code);
        default:
            return kafka_exception("Unexpected error in TxnOffsetCommitResponse: " +
                                   std::string(default_message(code)));
    }
}

/// Another broker may be the coordinator by now.
bool may_have_moved(ErrorCode code) {
    return code == ErrorCode::coordinator_not_available || code == ErrorCode::not_coordinator ||
           code == ErrorCode::request_timed_out;
}

std::vector<TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic> by_topic(
    const std::map<TopicPartition, OffsetAndEpoch>& offsets) {
    std::vector<TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic> topics;
    for (const auto& [where, at] : offsets) {
        if (topics.empty() || topics.back().name != where.topic) {
            topics.push_back({.name = where.topic});
        }
        topics.back().partitions.push_back({.partition_index = PartitionId{where.partition},
                                            .committed_offset = at.offset,
                                            .committed_leader_epoch = at.epoch});
    }
    return topics;
}

Outcome<TxnOffsetCommitResponse> ask(Connection& coordinator,
                                     const TxnOffsetCommitRequest& request, Deadline deadline,
                                     int16_t version_max) {
    const auto version = coordinator.version_of(TxnOffsetCommitRequest::api, version_max);
    const bool names_a_member = request.generation_id >= 0 || !request.member_id.empty() ||
                                request.group_instance_id.has_value();
    if (version && *version < first_with_group && names_a_member) {
        return failed(failure_of(ErrorCode::unsupported_version,
                                 "Broker doesn't support group metadata commit API on version " +
                                     std::to_string(*version) +
                                     ", minimum supported request version is 3 which requires "
                                     "brokers to be on version 2.5 or above."));
    }
    return coordinator.call<TxnOffsetCommitResponse>(request, deadline,
                                                     {.version_max = version_max});
}

/// The first that asking again does not mend, else the first that is not fine.
ErrorCode worst_of(const TxnOffsetCommitResponse& answer) {
    ErrorCode worst = ErrorCode::none;
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            const ErrorCode code = partition.error_code;
            if (code == ErrorCode::none) continue;
            if (!is_retriable(code)) return code;
            if (worst == ErrorCode::none) worst = code;
        }
    }
    return worst;
}

}  // namespace

Outcome<void> Producer::send_offsets_to_transaction(
    const std::map<TopicPartition, OffsetAndEpoch>& offsets, const ConsumerGroupMetadata& group) {
    if (group.generation > 0 && group.member_id.empty()) {
        return failed({.exception = "java.lang.IllegalArgumentException",
                       .message = "Passed in group metadata " + to_string(group) +
                                  " has generationId > 0 but the member.id is unknown"});
    }
    if (!transaction_) return go_on_to(ProducerTransaction::State::in_transaction);
    if (offsets.empty()) return {};
    if (auto allowed = transaction_->take_in_offsets(identity_); !allowed) return allowed;
    // The coordinators may be at the other end of connections on which answers are expected.
    flush();
    if (transaction_->has_error()) return failed(transaction_->error());
    Outcome<void> sent;
    if (!transaction_->is_version_2) {
        sent = insist(
            "AddOffsetsToTxn",
            [&](Deadline deadline) { return ask_to_add_offsets(group.group_id, deadline); },
            &leaves_a_producer);
    }
    if (sent) {
        transaction_->is_started = true;
        sent = insist(
            "TxnOffsetCommit",
            [&](Deadline deadline) { return ask_to_commit_offsets(offsets, group, deadline); },
            &leaves_a_producer);
    }
    // Without an answer nobody knows what would be committed.
    if (!sent && !transaction_->has_error()) transaction_->must_abort(sent.error());
    return sent;
}

Outcome<bool> Producer::ask_to_commit_offsets(
    const std::map<TopicPartition, OffsetAndEpoch>& offsets, const ConsumerGroupMetadata& group,
    Deadline deadline) {
    TxnOffsetCommitRequest request{.transactional_id = transaction_->id(),
                                   .group_id = group.group_id,
                                   .producer_id = identity_.id,
                                   .producer_epoch = identity_.epoch,
                                   .generation_id = group.generation,
                                   .member_id = group.member_id,
                                   .group_instance_id = group.instance_id,
                                   .topics = by_topic(offsets)};
    const auto node = cluster_->coordinator(CoordinatorType::group, group.group_id, deadline);
    if (!node) {
        const bool refused = node.error().code == ErrorCode::group_authorization_failed;
        return failed(refused ? not_authorized(group.group_id) : node.error());
    }
    const Outcome<Connection*> to = cluster_->try_node(*node, deadline);
    if (!to) {
        cluster_->forget_coordinator(CoordinatorType::group, group.group_id);
        return failed(to.error());
    }
    const auto answer =
        ask(**to, request, deadline.within(settings_.common.request_timeout_ms),
            transaction_->is_version_2 ? INT16_MAX : last_without_offsets_added);
    const ErrorCode code = answer ? worst_of(*answer) : answer.error().code;
    if (!answer || may_have_moved(code)) {
        cluster_->forget_coordinator(CoordinatorType::group, group.group_id);
    }
    if (!answer) return failed(answer.error());
    if (code == ErrorCode::none) return true;
    if (is_retriable(code)) return false;
    return failed(refusal(code, group.group_id));
}

}  // namespace stoker::kafka
