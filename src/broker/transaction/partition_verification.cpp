#include "broker/transaction/partition_verification.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "broker/broker.hpp"
#include "broker/partition.hpp"

namespace stoker::broker {

namespace {

/// What a producer is told of what the coordinator says.
ErrorCode told(ErrorCode error, const TransactionClaim& claim) {
    if (error == ErrorCode::producer_fenced) return ErrorCode::invalid_producer_epoch;
    if (error == ErrorCode::transaction_abortable && !claim.knows_abortable) {
        return ErrorCode::invalid_txn_state;
    }
    return error;
}

}  // namespace

/// A verification whose answer has to wait.
struct PartitionVerification::Asking {
    PartitionVerification work;
    Done done;
    int64_t give_up_ms = 0;
};

PartitionVerification::PartitionVerification(Broker& broker, TransactionClaim claim,
                                             std::vector<ClaimedPartition> partitions)
    : broker_(broker), claim_(std::move(claim)), partitions_(std::move(partitions)) {
    begin();
}

void PartitionVerification::begin() {
    // What adds partitions is more than a check.
    const bool skipped =
        !claim_.adds && !broker_.configs().boolean("transaction.partition.verification.enable");
    answers_.assign(partitions_.size(), {});
    asked_.clear();
    places_.clear();
    for (size_t i = 0; i < partitions_.size(); ++i) {
        Verification& answer = answers_[i];
        if (skipped) {
            answer.guard = storage::VerificationGuard::not_needed;
            continue;
        }
        Partition& partition = *partitions_[i].partition;
        const auto log = partition.log();
        const auto guard =
            log ? (*log)->begin_verification({.producer = claim_.producer,
                                              .epoch = claim_.epoch,
                                              .sequence = partitions_[i].base_sequence,
                                              .bumps_epoch = claim_.adds})
                : fail(log.error());
        if (!guard) {
            answer.error = guard.error();
            continue;
        }
        answer.guard = *guard;
        if (answer.guard == storage::VerificationGuard::none) continue;
        asked_.push_back({partition.topic(), partition.id()});
        places_.push_back(i);
    }
}

void PartitionVerification::ask(Done done) && {
    const int64_t patience_ms =
        std::min(broker_.configs().int32("add.partitions.to.txn.retry.backoff.max.ms"),
                 broker_.configs().int32("request.timeout.ms"));
    const int64_t give_up_ms = broker_.clock().monotonic_ms() + patience_ms;
    ask(std::make_shared<Asking>(Asking{std::move(*this), std::move(done), give_up_ms}));
}

void PartitionVerification::ask(const std::shared_ptr<Asking>& asking) {
    PartitionVerification& work = asking->work;
    if (work.settled()) return asking->done(std::move(work.answers_));
    const TransactionClaim& claim = work.claim_;
    work.broker_.ask_transaction_coordinator()(
        claim.transactional_id, claim.producer, claim.epoch, work.asked_, claim.adds,
        [asking](const std::vector<ErrorCode>& codes) { settle(asking, codes); });
}

void PartitionVerification::settle(const std::shared_ptr<Asking>& asking,
                                   const std::vector<ErrorCode>& codes) {
    PartitionVerification& work = asking->work;
    STOKER_CHECK(codes.size() == work.places_.size(), "one answer for each partition");
    Broker& broker = work.broker_;
    const bool concurrent =
        std::ranges::find(codes, ErrorCode::concurrent_transactions) != codes.end();
    const int64_t now_ms = broker.clock().monotonic_ms();
    if (concurrent && work.claim_.patient && now_ms < asking->give_up_ms) {
        const int64_t at_ms =
            now_ms + broker.configs().int32("add.partitions.to.txn.retry.backoff.ms");
        (void)broker.timers().schedule(at_ms, [asking] {
            asking->work.begin();
            ask(asking);
        });
        return;
    }
    for (size_t i = 0; i < codes.size(); ++i) {
        work.answers_[work.places_[i]].error = told(codes[i], work.claim_);
    }
    asking->done(std::move(work.answers_));
}

}  // namespace stoker::broker
