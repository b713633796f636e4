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

struct PartitionVerification::Asking {
    Broker& broker;
    TransactionClaim claim;
    std::vector<Verification> answers;
    std::vector<storage::TopicPartition> partitions;
    std::vector<size_t> places;
    Done done;
    int64_t give_up_ms = 0;
};

PartitionVerification::PartitionVerification(Broker& broker, TransactionClaim claim,
                                             const std::vector<ClaimedPartition>& partitions)
    : broker_(broker), claim_(std::move(claim)), answers_(partitions.size()) {
    // What adds partitions is more than a check.
    const bool skipped =
        !claim_.adds && !broker.configs().boolean("transaction.partition.verification.enable");
    for (size_t i = 0; i < partitions.size(); ++i) {
        Verification& answer = answers_[i];
        if (skipped) {
            answer.guard = storage::VerificationGuard::not_needed;
            continue;
        }
        Partition& partition = *partitions[i].partition;
        const auto log = partition.log();
        if (!log) {
            answer.error = log.error();
            continue;
        }
        answer.guard = (*log)->begin_verification({.producer = claim_.producer,
                                                   .epoch = claim_.epoch,
                                                   .sequence = partitions[i].base_sequence,
                                                   .bumps_epoch = claim_.adds});
        if (answer.guard == storage::VerificationGuard::none) continue;
        asked_.push_back({partition.topic(), partition.id()});
        places_.push_back(i);
    }
}

void PartitionVerification::ask(Done done) && {
    const int64_t patience_ms =
        std::min(broker_.configs().int32("add.partitions.to.txn.retry.backoff.max.ms"),
                 broker_.configs().int32("request.timeout.ms"));
    auto asking = std::make_shared<Asking>(
        Asking{broker_, std::move(claim_), std::move(answers_), std::move(asked_),
               std::move(places_), std::move(done),
               broker_.clock().monotonic_ms() + patience_ms});
    ask(std::move(asking));
}

void PartitionVerification::ask(std::shared_ptr<Asking> asking) {
    const TransactionClaim& claim = asking->claim;
    asking->broker.ask_transaction_coordinator()(
        claim.transactional_id, claim.producer, claim.epoch, asking->partitions, claim.adds,
        [asking](const std::vector<ErrorCode>& codes) { settle(asking, codes); });
}

void PartitionVerification::settle(const std::shared_ptr<Asking>& asking,
                                   const std::vector<ErrorCode>& codes) {
    STOKER_CHECK(codes.size() == asking->places.size(), "one answer for each partition");
    Broker& broker = asking->broker;
    const bool concurrent =
        std::ranges::find(codes, ErrorCode::concurrent_transactions) != codes.end();
    const int64_t now_ms = broker.clock().monotonic_ms();
    if (concurrent && asking->claim.patient && now_ms < asking->give_up_ms) {
        const int64_t at_ms =
            now_ms + broker.configs().int32("add.partitions.to.txn.retry.backoff.ms");
        (void)broker.timers().schedule(at_ms, [asking] { ask(asking); });
        return;
    }
    for (size_t i = 0; i < codes.size(); ++i) {
        asking->answers[asking->places[i]].error = told(codes[i], asking->claim);
    }
    asking->done(std::move(asking->answers));
}

}  // namespace stoker::broker
