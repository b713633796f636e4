// InitProducerId (22), versions 0 to 5.
//
// Behaviour: a new producer id with epoch 0 for an idempotent producer, never given before
// (KIP-98). A producer without a transactional id that names its old id (KIP-360, version 3) gets a
// new one too, as from Apache Kafka. With a transactional id: the same id and the next epoch, which
// fences whoever had it before and aborts what that one left open.
// Version notes: before 4, a fenced producer is told INVALID_PRODUCER_EPOCH.
// Left out: version 6 (two-phase commit, KIP-939), which upstream does not serve yet either.
#include <optional>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

namespace {

constexpr int16_t first_version_with_fenced = 4;

/// None: the sender may have a producer id.
ErrorCode check_rights(const Access& access, const std::optional<std::string>& transactional_id) {
    if (transactional_id)
        return access.allows(Right::init_producer_transactional_id, *transactional_id)
                   ? ErrorCode::none
                   : ErrorCode::transactional_id_authorization_failed;
    bool idempotent = access.allows(Right::init_producer_idempotent) ||
                      access.allows_any(Right::init_producer_any_topic);
    return idempotent ? ErrorCode::none : ErrorCode::cluster_authorization_failed;
}

}  // namespace

void init_producer_id(Broker& broker, const Request& request, protocol::InitProducerIdRequest asked,
                      Reply<protocol::InitProducerIdResponse> reply) {
    using Answer = TransactionCoordinator::ProducerAnswer;
    auto answer = [reply = std::move(reply)](Answer outcome) mutable {
        ErrorCode error = outcome.error;
        if (error == ErrorCode::producer_fenced && reply.version() < first_version_with_fenced)
            error = ErrorCode::invalid_producer_epoch;
        std::move(reply)({.error_code = error,
                          .producer_id = outcome.producer.id,
                          .producer_epoch = outcome.producer.epoch});
    };
    ErrorCode denied = check_rights(Access(broker, request), asked.transactional_id);
    if (denied != ErrorCode::none) return answer({.error = denied});
    bool has_id = asked.producer_id != ProducerId::none;
    if (has_id != (asked.producer_epoch != no_epoch))
        return answer({.error = ErrorCode::invalid_request});
    if (!asked.transactional_id) {
        auto id = broker.producer_ids().next();
        return answer(id ? Answer{.producer = {*id, 0}} : Answer{.error = id.error()});
    }
    std::optional<ProducerIdentity> expected;
    if (has_id) expected = {asked.producer_id, asked.producer_epoch};
    broker.transactions().init_producer({.transactional_id = *asked.transactional_id,
                                         .timeout_ms = asked.transaction_timeout_ms,
                                         .expected = expected},
                                        std::move(answer));
}

}  // namespace stoker::broker
