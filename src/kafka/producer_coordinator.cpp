// What a transactional producer asks its coordinator: who it is, which partitions and offsets are
// part of the transaction (where the broker does not see that by itself), and to end it. Nothing of
// the producer's is in flight meanwhile.
#include <algorithm>
#include <utility>

#include "kafka/producer.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/24_add_partitions_to_txn.hpp"
#include "protocol/messages/25_add_offsets_to_txn.hpp"
#include "protocol/messages/26_end_txn.hpp"

namespace stoker::kafka {
namespace {

using protocol::AddOffsetsToTxnRequest;
using protocol::AddOffsetsToTxnResponse;
using protocol::AddPartitionsToTxnRequest;
using protocol::AddPartitionsToTxnResponse;
using protocol::EndTxnRequest;
using protocol::EndTxnResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using State = ProducerTransaction::State;

constexpr std::string_view version_feature = "transaction.version";
constexpr int16_t epoch_bump_level = 2;
/// From the next version on a transaction is of version 2.
constexpr int16_t last_without_epoch_bump = 4;
/// The versions after it are for brokers.
constexpr int16_t last_add_of_clients = 3;

bool serves_version_2(const Connection& to) {
    const auto& features = to.peer().finalized_features;
    const auto found = std::ranges::find(features, version_feature,
                                         &protocol::ApiVersionsResponse::FinalizedFeatureKey::name);
    return found != features.end() && found->max_version_level >= epoch_bump_level;
}

/// An epoch that is over means the same as being fenced, to whom asks the coordinator.
Failure refusal(ErrorCode code) {
    if (code == ErrorCode::invalid_producer_epoch) return failure_of(ErrorCode::producer_fenced);
    return failure_of(code);
}

bool has_moved(ErrorCode code) {
    return code == ErrorCode::not_coordinator || code == ErrorCode::coordinator_not_available;
}

/// The first that is not fine; the whole request is asked for again, or fails, with it.
ErrorCode error_of(const AddPartitionsToTxnResponse& answer) {
    for (const auto& topic : answer.results_by_topic_v3_and_below) {
        for (const auto& partition : topic.results_by_partition) {
            if (partition.partition_error_code != ErrorCode::none)
                return partition.partition_error_code;
        }
    }
    return ErrorCode::none;
}

}  // namespace

/// What the next transaction of the same producer may do better.
bool Producer::is_abortable(const Failure& why) {
    return why.code == ErrorCode::transaction_abortable ||
           why.code == ErrorCode::unknown_producer_id ||
           why.code == ErrorCode::topic_authorization_failed;
}

Outcome<void> Producer::go_on_to(State next) {
    if (transaction_) return transaction_->go_on_to(next, identity_);
    return failed({.exception = "java.lang.IllegalStateException",
                   .message = "Cannot use transactional methods without enabling transactions by "
                              "setting the transactional.id configuration property"});
}

Outcome<void> Producer::init_transactions() {
    if (Outcome<void> allowed = go_on_to(State::initializing); !allowed) return allowed;
    Outcome<void> known = identify();
    if (known) transaction_->done();
    return known;
}

Outcome<void> Producer::begin_transaction() {
    return go_on_to(State::in_transaction);
}

Outcome<void> Producer::commit_transaction() {
    if (transaction_ && transaction_->state() == State::in_transaction) {
        flush();
        if (transaction_->has_error()) return failed(transaction_->error());
    }
    if (Outcome<void> allowed = go_on_to(State::committing); !allowed) return allowed;
    return end_transaction(true);
}

Outcome<void> Producer::abort_transaction() {
    if (Outcome<void> allowed = go_on_to(State::aborting); !allowed) return allowed;
    give_up_queued(given_up());
    flush();
    return end_transaction(false);
}

/// What becomes of records that are not sent any more.
Failure Producer::given_up() const {
    if (transaction_->has_error()) return transaction_->error();
    return client_failure("TransactionAbortedException",
                          "Failing batch since transaction was aborted");
}

Outcome<void> Producer::end_transaction(bool commit) {
    if (transaction_->is_started) {
        const auto ended =
            insist(commit ? "EndTxn(true)" : "EndTxn(false)",
                   [&](Deadline deadline) { return ask_to_end(commit, deadline); });
        if (!ended) return ended;
        transaction_->is_started = false;
    }
    // The numbers of what was lost are not known to the broker; a new epoch begins with new ones.
    if (transaction_->needs_epoch) {
        if (const auto known = identify(); !known) return known;
    }
    transaction_->done();
    return {};
}

Outcome<void> Producer::identify() {
    return insist("InitProducerId", [&](Deadline deadline) { return ask_to_identify(deadline); });
}

/// Asks until the answer is true. What fails for good is the end of the transaction, or of the
/// producer.
Outcome<void> Producer::insist(const std::string& what,
                               const std::function<Outcome<bool>(Deadline)>& ask,
                               IsAbortable may_abort) {
    const Deadline deadline = cluster_->deadline(settings_.max_block_ms);
    for (int attempts = 0;; ++attempts) {
        const Outcome<bool> answered = ask(deadline);
        if (answered && *answered) return {};
        if (!answered && !is_retriable(answered.error())) {
            if (may_abort(answered.error())) transaction_->must_abort(answered.error());
            else transaction_->failed_for_good(answered.error());
            return failed(answered.error());
        }
        if (deadline.passed()) break;
        wait_readable({}, wakeup_,
                      std::min(cluster_->retry_backoff_ms(attempts), deadline.left_ms()));
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
    }
    return failed(client_failure("TimeoutException",
                                 "Timeout expired after " + std::to_string(settings_.max_block_ms) +
                                     "ms while awaiting " + what));
}

template <class Response, class Message>
Outcome<Response> Producer::call_coordinator(const Message& request, Deadline deadline,
                                             int16_t version_max) {
    const std::string& id = transaction_->id();
    const auto node = cluster_->coordinator(CoordinatorType::transaction, id, deadline);
    if (!node) return failed(node.error());
    Outcome<Connection*> to = cluster_->try_node(*node, deadline);
    if (to) {
        if (transaction_->state() == State::initializing) {
            transaction_->is_version_2 = serves_version_2(**to);
        }
        auto answer = (*to)->call<Response>(
            request, deadline.within(settings_.common.request_timeout_ms),
            {.version_max = version_max});
        if (answer) return answer;
        to = failed(answer.error());
    }
    cluster_->forget_coordinator(CoordinatorType::transaction, id);
    return failed(to.error());
}

Outcome<bool> Producer::ask_to_identify(Deadline deadline) {
    auto answer = call_coordinator<InitProducerIdResponse>(
        InitProducerIdRequest{.transactional_id = transaction_->id(),
                              .transaction_timeout_ms = settings_.transaction_timeout_ms,
                              .producer_id = identity_.id,
                              .producer_epoch = identity_.epoch},
        deadline);
    if (!answer) return failed(answer.error());
    if (has_moved(answer->error_code)) {
        cluster_->forget_coordinator(CoordinatorType::transaction, transaction_->id());
    }
    if (answer->error_code != ErrorCode::none) {
        if (is_retriable(answer->error_code)) return false;
        return failed(refusal(answer->error_code));
    }
    take_identity({.id = answer->producer_id, .epoch = answer->producer_epoch});
    return true;
}

Outcome<bool> Producer::ask_to_end(bool commit, Deadline deadline) {
    auto answer = call_coordinator<EndTxnResponse>(
        EndTxnRequest{.transactional_id = transaction_->id(),
                      .producer_id = identity_.id,
                      .producer_epoch = identity_.epoch,
                      .committed = commit},
        deadline, transaction_->is_version_2 ? INT16_MAX : last_without_epoch_bump);
    if (!answer) return failed(answer.error());
    if (has_moved(answer->error_code)) {
        cluster_->forget_coordinator(CoordinatorType::transaction, transaction_->id());
    }
    if (answer->error_code != ErrorCode::none) {
        if (is_retriable(answer->error_code)) return false;
        return failed(refusal(answer->error_code));
    }
    if (answer->producer_id != ProducerId::none) {
        take_identity({.id = answer->producer_id, .epoch = answer->producer_epoch});
    }
    return true;
}

/// Whether all that is ready to be sent belongs to the transaction.
bool Producer::ensure_partitions() {
    if (transaction_->is_version_2) return true;
    std::vector<TopicPartition> wanted;
    for (const PartitionQueue* queue : ready_) {
        const TopicPartition one{queue->topic->name, queue->partition};
        if (!transaction_->added.contains(one)) wanted.push_back(one);
    }
    if (wanted.empty()) return true;
    if (in_flight()) return false;
    const auto added = insist("AddPartitionsToTxn", [&](Deadline deadline) {
        return ask_to_add(wanted, deadline);
    });
    if (!added) {
        transaction_->failed(added.error());
        give_up_queued(added.error());
        return false;
    }
    transaction_->added.insert(wanted.begin(), wanted.end());
    transaction_->is_started = true;
    return true;
}

Outcome<bool> Producer::ask_to_add(const std::vector<TopicPartition>& wanted, Deadline deadline) {
    AddPartitionsToTxnRequest request{
        .v3_and_below_transactional_id = transaction_->id(),
        .v3_and_below_producer_id = identity_.id,
        .v3_and_below_producer_epoch = identity_.epoch};
    for (const TopicPartition& one : wanted) {
        auto& topics = request.v3_and_below_topics;
        const bool is_new = topics.empty() || topics.back().name != one.topic;
        if (is_new) topics.push_back({.name = one.topic});
        topics.back().partitions.push_back(PartitionId{one.partition});
    }
    auto answer =
        call_coordinator<AddPartitionsToTxnResponse>(request, deadline, last_add_of_clients);
    if (!answer) return failed(answer.error());
    const ErrorCode code = error_of(*answer);
    if (has_moved(code)) {
        cluster_->forget_coordinator(CoordinatorType::transaction, transaction_->id());
    }
    if (code == ErrorCode::none) return true;
    if (is_retriable(code)) return false;
    return failed(refusal(code));
}

Outcome<bool> Producer::ask_to_add_offsets(const std::string& group_id, Deadline deadline) {
    auto answer = call_coordinator<AddOffsetsToTxnResponse>(
        AddOffsetsToTxnRequest{.transactional_id = transaction_->id(),
                               .producer_id = identity_.id,
                               .producer_epoch = identity_.epoch,
                               .group_id = group_id},
        deadline);
    if (!answer) return failed(answer.error());
    const ErrorCode code = answer->error_code;
    if (has_moved(code)) {
        cluster_->forget_coordinator(CoordinatorType::transaction, transaction_->id());
    }
    if (code == ErrorCode::none) return true;
    if (is_retriable(code)) return false;
    if (code == ErrorCode::group_authorization_failed) {
        return failed(failure_of(code, "Not authorized to access group: " + group_id));
    }
    return failed(refusal(code));
}

}  // namespace stoker::kafka
