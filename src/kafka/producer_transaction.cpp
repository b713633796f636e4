#include "kafka/producer_transaction.hpp"

#include <algorithm>
#include <array>

namespace stoker::kafka {
namespace {

using State = ProducerTransaction::State;

std::string text_of(const std::string& id, const ProducerIdentity& self) {
    return "Producer with transactionalId '" + id +
           "' and (producerId=" + std::to_string(raw(self.id)) +
           ", epoch=" + std::to_string(self.epoch) + ")";
}

Failure illegal_state(std::string message) {
    return {.exception = "java.lang.IllegalStateException", .message = std::move(message)};
}

bool may_follow(State before, State next) {
    const bool waits = next == State::initializing || next == State::committing ||
                       next == State::aborting;
    if (waits && before == next) return true;
    switch (next) {
        case State::initializing: return before == State::uninitialized;
        case State::in_transaction: return before == State::ready;
        case State::committing: return before == State::in_transaction;
        case State::aborting:
            return before == State::in_transaction || before == State::abortable_error;
        default: return false;
    }
}

/// The producer has lost its id to another one, or must not have it.
bool is_fatal(const Failure& why) {
    constexpr std::array fatal{ErrorCode::cluster_authorization_failed,
                               ErrorCode::transactional_id_authorization_failed,
                               ErrorCode::producer_fenced,
                               ErrorCode::unsupported_version,
                               ErrorCode::invalid_producer_id_mapping};
    return std::ranges::find(fatal, why.code) != fatal.end();
}

}  // namespace

std::string_view name(State state) {
    switch (state) {
        case State::uninitialized: return "UNINITIALIZED";
        case State::initializing: return "INITIALIZING";
        case State::ready: return "READY";
        case State::in_transaction: return "IN_TRANSACTION";
        case State::committing: return "COMMITTING_TRANSACTION";
        case State::aborting: return "ABORTING_TRANSACTION";
        case State::abortable_error: return "ABORTABLE_ERROR";
        case State::fatal_error: return "FATAL_ERROR";
    }
    return "";
}

Outcome<void> ProducerTransaction::refuse_after_error(const ProducerIdentity& self) const {
    if (error_->code == ErrorCode::producer_fenced) {
        return kafka::failed(
            failure_of(error_->code, text_of(id_, self) + " has been fenced by another producer "
                                                          "with the same transactionalId"));
    }
    if (error_->code == ErrorCode::invalid_producer_epoch) {
        return kafka::failed(failure_of(
            error_->code, text_of(id_, self) + " attempted to produce with an old epoch"));
    }
    return kafka::failed(kafka_exception(
        "Cannot execute transactional method because we are in an error state", *error_));
}

Outcome<void> ProducerTransaction::go_on_to(State next, const ProducerIdentity& self) {
    const bool mends = next == State::aborting && state_ == State::abortable_error;
    if (has_error() && !mends) return refuse_after_error(self);
    if (!may_follow(state_, next)) {
        return kafka::failed(illegal_state("TransactionalId " + id_ +
                                           ": Invalid transition attempted from state " +
                                           std::string(name(state_)) + " to state " +
                                           std::string(name(next))));
    }
    state_ = next;
    if (mends) needs_epoch = !is_version_2;
    if (next == State::in_transaction) {
        added.clear();
        is_started = false;
    }
    return {};
}

void ProducerTransaction::done() {
    state_ = State::ready;
    error_.reset();
    added.clear();
    is_started = false;
    needs_epoch = false;
}

Outcome<void> ProducerTransaction::take_in(std::string_view topic, int32_t partition,
                                           const ProducerIdentity& self) {
    if (state_ == State::in_transaction) {
        if (is_version_2) is_started = true;
        return {};
    }
    if (has_error()) return refuse_after_error(self);
    const bool begins = state_ == State::uninitialized || state_ == State::initializing;
    return kafka::failed(illegal_state(
        "Cannot add partition " + to_string(TopicPartition{std::string(topic), partition}) +
        " to transaction " +
        (begins ? "before completing a call to initTransactions"
                : "while in state  " + std::string(name(state_)))));
}

Outcome<void> ProducerTransaction::take_in_offsets(const ProducerIdentity& self) const {
    if (has_error()) return refuse_after_error(self);
    if (state_ == State::in_transaction) return {};
    return kafka::failed(
        illegal_state("Cannot send offsets if a transaction is not in progress (currentState= " +
                      std::string(name(state_)) + ")"));
}

void ProducerTransaction::failed(const Failure& why) {
    if (is_fatal(why)) failed_for_good(why);
    else must_abort(why);
}

void ProducerTransaction::must_abort(const Failure& why) {
    // What fails while all is taken back changes nothing.
    if (has_error() || state_ == State::aborting) return;
    state_ = State::abortable_error;
    error_ = why;
}

void ProducerTransaction::failed_for_good(const Failure& why) {
    if (state_ == State::fatal_error) return;
    state_ = State::fatal_error;
    error_ = why;
}

}  // namespace stoker::kafka
