// EndTxn (26), versions 0 to 5.
//
// Behaviour: commits or aborts the producer's transaction (KIP-98). Answered when the decision is
// as durable as __transaction_state and its partitions have been told.
// Version notes: before 2, a fenced producer is told INVALID_PRODUCER_EPOCH. From 5 on
// (transactions version 2, KIP-890) every transaction has an epoch, the answer is the next one, and
// a request that comes again is recognised by its epoch.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

namespace {

constexpr int16_t first_version_with_fenced = 2;
constexpr int16_t first_version_with_epoch_bump = 5;

}  // namespace

void end_txn(Broker& broker, const Request& request, protocol::EndTxnRequest asked,
             Reply<protocol::EndTxnResponse> reply) {
    int16_t version = reply.version();
    auto answer = [reply = std::move(reply),
                   version](TransactionCoordinator::ProducerAnswer outcome) mutable {
        ErrorCode error = outcome.error;
        if (error == ErrorCode::producer_fenced && version < first_version_with_fenced)
            error = ErrorCode::invalid_producer_epoch;
        std::move(reply)({.error_code = error,
                          .producer_id = outcome.producer.id,
                          .producer_epoch = outcome.producer.epoch});
    };
    if (!Access(broker, request).allows(Right::end_transaction, asked.transactional_id))
        return answer({.error = ErrorCode::transactional_id_authorization_failed});
    broker.transactions().end(
        {.transactional_id = asked.transactional_id,
         .producer = {asked.producer_id, asked.producer_epoch},
         .session_id = request.peer.session_id},
        asked.committed, version >= first_version_with_epoch_bump ? epoch_bump_version : int16_t{0},
        std::move(answer));
}

}  // namespace stoker::broker
