// AddOffsetsToTxn (25), versions 0 to 4.
//
// Behaviour: the partition of __consumer_offsets in which the group lives becomes part of the
// producer's transaction (KIP-98).
// Version notes: before 2, a fenced producer is told INVALID_PRODUCER_EPOCH.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

namespace {

constexpr int16_t first_version_with_fenced = 2;

}  // namespace

void add_offsets_to_txn(Broker& broker, const Request& request,
                        protocol::AddOffsetsToTxnRequest asked,
                        Reply<protocol::AddOffsetsToTxnResponse> reply) {
    auto answer = [reply = std::move(reply)](ErrorCode error) mutable {
        if (error == ErrorCode::producer_fenced && reply.version() < first_version_with_fenced)
            error = ErrorCode::invalid_producer_epoch;
        std::move(reply)({.error_code = error});
    };
    const Access access(broker, request);
    if (!access.allows(Right::add_offsets_transactional_id, asked.transactional_id))
        return answer(ErrorCode::transactional_id_authorization_failed);
    if (!access.allows(Right::add_offsets_group, asked.group_id))
        return answer(ErrorCode::group_authorization_failed);
    TransactionPartitions partitions{
        {std::string(group_metadata_topic), broker.groups().partition_of(asked.group_id)}};
    // Clients of transactions version 2 do not ask.
    broker.transactions().add_partitions({.transactional_id = asked.transactional_id,
                                          .producer = {asked.producer_id, asked.producer_epoch},
                                          .session_id = request.peer.session_id},
                                         std::move(partitions), 0, std::move(answer));
}

}  // namespace stoker::broker
