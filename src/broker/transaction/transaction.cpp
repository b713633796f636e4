#include "broker/transaction/transaction.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace stoker::broker {

using enum TransactionState;

namespace {

/// Every step remembers whose the one before it was.
Transaction next_step(const Transaction& now, int64_t now_ms) {
    Transaction next = now;
    next.previous_producer_id = now.producer.id;
    next.last_update_ms = now_ms;
    return next;
}

/// Whether a producer that names itself may go on under this transactional id. One that has spent
/// its epochs may have got a new id and not have heard of it.
bool may_continue(const Transaction& now, const ProducerIdentity& expected) {
    if (now.producer.epoch == no_epoch || expected.id == now.producer.id) return true;
    return expected.id == now.previous_producer_id && expected.epoch >= last_client_epoch;
}

Result<Transaction> with_next_epoch(const Transaction& now, const Initialisation& how) {
    Transaction next = next_step(now, how.now_ms);
    auto bumped = int16_t(now.producer.epoch + 1);
    if (!how.expected) {
        next.producer.epoch = bumped;
        next.last_epoch = no_epoch;
    } else if (now.producer.epoch == no_epoch || how.expected->epoch == now.producer.epoch) {
        next.producer.epoch = bumped;
        next.last_epoch = now.producer.epoch;
    } else if (how.expected->epoch != now.last_epoch) {
        return fail(ErrorCode::producer_fenced);
    }  // else it asks again, and the answer is the same
    return next;
}

/// Apache Kafka's table for transactions version 2: an epoch behind the present one is that of the
/// transaction which ended last.
struct Retry {
    bool over_ids = false;  // and the producer has a new id since
    bool any = false;
};
Retry retry_of(const Transaction& now, const ProducerIdentity& producer) {
    bool over_ids = now.previous_producer_id == producer.id &&
                    producer.epoch == last_client_epoch && now.producer.epoch == 0;
    return {.over_ids = over_ids,
            .any = over_ids || int32_t(now.producer.epoch) == int32_t(producer.epoch) + 1};
}

std::expected<Transaction, NeedsProducerId> prepared(const Transaction& now,
                                                     TransactionState state, const Ending& how) {
    Transaction next = next_step(now, how.now_ms);
    next.state = state;
    next.client_version = how.client_version;
    next.next_producer_id = ProducerId::none;
    if (how.client_version < epoch_bump_version) return next;
    if (now.epochs_exhausted()) {
        if (!how.new_id) return std::unexpected(NeedsProducerId{});
        next.next_producer_id = *how.new_id;
    }
    if (now.producer.epoch < epoch_max) ++next.producer.epoch;
    next.last_epoch = now.producer.epoch;
    // A transaction without partitions never began.
    if (now.state != ongoing) next.start_ms = how.now_ms;
    return next;
}

using EndResult = Result<std::optional<Transaction>>;

WithNewId<std::optional<Transaction>> prepare(const Transaction& now, TransactionState state,
                                              const Ending& how) {
    auto next = prepared(now, state, how);
    if (!next) return std::unexpected(next.error());
    return EndResult(std::optional(std::move(*next)));
}

/// Before transactions version 2: whoever ends a transaction has its epoch.
WithNewId<std::optional<Transaction>> ending_v1(const Transaction& now, const Ending& how) {
    if (how.producer.id != now.producer.id)
        return EndResult(fail(ErrorCode::invalid_producer_id_mapping));
    if (how.producer.epoch != now.producer.epoch)
        return EndResult(fail(ErrorCode::producer_fenced));
    if (is_ending(now.state)) return EndResult(fail(ErrorCode::concurrent_transactions));
    if (now.state == ongoing) return prepare(now, how.commit ? prepare_commit : prepare_abort, how);
    if (now.state == (how.commit ? complete_commit : complete_abort))
        return EndResult(std::nullopt);
    return EndResult(fail(ErrorCode::invalid_txn_state));
}

}  // namespace

WithNewId<Transaction> initialised(const Transaction& now, const Initialisation& how) {
    using Answer = Result<Transaction>;
    if (is_ending(now.state)) return Answer(fail(ErrorCode::concurrent_transactions));
    if (how.expected && !may_continue(now, *how.expected))
        return Answer(fail(ErrorCode::producer_fenced));
    if (now.state == ongoing) {
        // A request that was late must not abort a transaction which began after it.
        bool late = how.expected && how.expected->epoch != now.producer.epoch;
        return Answer(fail(late ? ErrorCode::producer_fenced : ErrorCode::concurrent_transactions));
    }
    Transaction next;
    if (now.epochs_exhausted() && (!how.expected || how.expected->epoch == now.producer.epoch)) {
        if (!how.new_id) return std::unexpected(NeedsProducerId{});
        next = next_step(now, how.now_ms);
        next.producer = {*how.new_id, 0};
        next.last_epoch = how.expected ? now.producer.epoch : no_epoch;
    } else {
        if (now.epochs_exhausted() && how.expected->epoch != now.last_epoch)
            return Answer(fail(ErrorCode::producer_fenced));
        auto bumped = with_next_epoch(now, how);
        if (!bumped) return Answer(fail(bumped.error()));
        next = std::move(*bumped);
    }
    next.state = empty;
    next.timeout_ms = how.timeout_ms;
    next.partitions.clear();
    next.start_ms = -1;
    return Answer(std::move(next));
}

Result<Transaction> with_partitions(const Transaction& now, const ProducerIdentity& producer,
                                    const TransactionPartitions& added, int16_t client_version,
                                    int64_t now_ms) {
    if (is_ending(now.state)) return fail(ErrorCode::concurrent_transactions);
    if (producer.id != now.producer.id) return fail(ErrorCode::invalid_producer_id_mapping);
    if (producer.epoch != now.producer.epoch) return fail(ErrorCode::producer_fenced);
    if (now.state == ongoing && std::ranges::includes(now.partitions, added)) return now;
    Transaction next = next_step(now, now_ms);
    if (now.state != ongoing) next.start_ms = now_ms;
    next.state = ongoing;
    next.partitions.insert(added.begin(), added.end());
    next.client_version = client_version;
    return next;
}

WithNewId<std::optional<Transaction>> ending(const Transaction& now, const Ending& how) {
    if (how.client_version < epoch_bump_version) return ending_v1(now, how);
    // First, since the producer may know of a new id that is to come with the end.
    if (is_ending(now.state)) return EndResult(fail(ErrorCode::concurrent_transactions));
    Retry retry = retry_of(now, how.producer);
    if (how.producer.id != now.producer.id && !retry.over_ids)
        return EndResult(fail(ErrorCode::invalid_producer_id_mapping));
    bool present = how.producer.epoch == now.producer.epoch;
    bool has_ended = now.state == complete_commit || now.state == complete_abort;
    if (!present && !(has_ended && retry.any)) return EndResult(fail(ErrorCode::producer_fenced));
    if (now.state == ongoing) return prepare(now, how.commit ? prepare_commit : prepare_abort, how);
    if (has_ended && retry.any) {
        if (now.state == (how.commit ? complete_commit : complete_abort))
            return EndResult(std::nullopt);
        return EndResult(fail(ErrorCode::invalid_txn_state));
    }
    // Nothing is open: there is nothing to commit, and an abort still costs an epoch, since a batch
    // may be on its way that would have opened it.
    if (how.commit) return EndResult(fail(ErrorCode::invalid_txn_state));
    return prepare(now, prepare_abort, how);
}

std::expected<Transaction, NeedsProducerId> fenced(const Transaction& now, int16_t server_version,
                                                   std::optional<ProducerId> new_id,
                                                   int64_t now_ms) {
    STOKER_CHECK(now.state == ongoing, "only an open transaction is fenced");
    auto next = prepared(now, prepare_abort,
                         {.client_version = server_version, .new_id = new_id, .now_ms = now_ms});
    if (!next || server_version >= epoch_bump_version) return next;
    if (now.producer.epoch < epoch_max) ++next->producer.epoch;
    next->last_epoch = no_epoch;
    return next;
}

Transaction completed(const Transaction& now, int64_t now_ms) {
    STOKER_CHECK(is_ending(now.state), "a transaction is decided before it is complete");
    Transaction next = next_step(now, now_ms);
    next.state = now.state == prepare_commit ? complete_commit : complete_abort;
    next.partitions.clear();
    if (now.client_version >= epoch_bump_version && now.next_producer_id != ProducerId::none)
        next.producer = {now.next_producer_id, 0};
    next.next_producer_id = ProducerId::none;
    return next;
}

}  // namespace stoker::broker
