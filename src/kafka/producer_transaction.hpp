// Where a transactional producer stands (KIP-98): which calls are in order, and why not. States,
// transitions and texts are those of Java's TransactionManager; the requests are the Producer's.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "kafka/failure.hpp"
#include "kafka/producer_batch.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

class ProducerTransaction {
public:
    enum class State : uint8_t {
        uninitialized,
        initializing,
        ready,
        in_transaction,
        committing,
        aborting,
        /// Something was not stored: all that is left to do is to abort.
        abortable_error,
        /// Nothing is left to do with this producer.
        fatal_error,
    };

    explicit ProducerTransaction(std::string id) : id_(std::move(id)) {}

    const std::string& id() const { return id_; }
    State state() const { return state_; }
    bool has_error() const {
        return state_ == State::abortable_error || state_ == State::fatal_error;
    }
    /// Nothing that is not on its way yet will be.
    bool takes_nothing() const { return has_error() || state_ == State::aborting; }
    /// What led to the error state.
    const Failure& error() const { return *error_; }

    /// Fails as Java throws: from a state that the new one does not follow on, or after an error.
    /// Aborting is what an abortable error leaves; what the coordinator did not answer in time is
    /// asked again.
    Outcome<void> go_on_to(State next, const ProducerIdentity& self);
    /// The request of the state was answered well.
    void done();
    /// A record of this partition may be sent. Where the broker takes partitions in by itself
    /// (KIP-890), it is part of the transaction from now on.
    Outcome<void> take_in(std::string_view topic, int32_t partition, const ProducerIdentity& self);
    /// Whether offsets of a group may be sent.
    Outcome<void> take_in_offsets(const ProducerIdentity& self) const;
    /// A record was not stored: whether the next transaction will do better depends on why.
    void failed(const Failure& why);
    /// Nothing of this transaction will be committed, whatever is the reason.
    void must_abort(const Failure& why);
    /// The coordinator will never do what it was asked.
    void failed_for_good(const Failure& why);

    /// Transactions of version 2 (KIP-890): the broker adds partitions itself, and each transaction
    /// has an epoch of its own.
    bool is_version_2 = false;
    /// Of the open transaction, as far as the coordinator knows.
    std::set<TopicPartition> added{};
    /// Whether the coordinator has anything to end.
    bool is_started = false;
    /// Numbers were lost, or a request of which nobody knows whether it was heard: aborting is not
    /// over until there is a new epoch.
    bool needs_epoch = false;

private:
    Outcome<void> refuse_after_error(const ProducerIdentity& self) const;

    std::string id_;
    State state_ = State::uninitialized;
    std::optional<Failure> error_{};
};

/// Java's name of it.
std::string_view name(ProducerTransaction::State state);

}  // namespace stoker::kafka
