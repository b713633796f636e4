// InitProducerId (22), versions 0 to 5.
//
// Behaviour: a new producer id with epoch 0 for an idempotent producer, never given before
// (KIP-98). A producer that names its old id (KIP-360, version 3) gets a new one too, as from
// Apache Kafka. Left out: transactional ids; they are refused, so that no producer believes in a
// transaction.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void init_producer_id(Broker& broker, const Request& request, protocol::InitProducerIdRequest asked,
                      Reply<protocol::InitProducerIdResponse> reply) {
    protocol::InitProducerIdResponse response;
    auto refused = [&](ErrorCode error) {
        response.error_code = error;
        response.producer_epoch = -1;
        std::move(reply)(response);
    };
    const Access access(broker, request);
    if (asked.transactional_id) {
        if (!access.allows(Right::init_producer_transactional_id, *asked.transactional_id))
            return refused(ErrorCode::transactional_id_authorization_failed);
    } else if (!access.allows(Right::init_producer_idempotent) &&
               !access.allows_any(Right::init_producer_any_topic)) {
        return refused(ErrorCode::cluster_authorization_failed);
    }
    if (asked.transactional_id)
        return refused(asked.transactional_id->empty() ? ErrorCode::invalid_request
                                                       : ErrorCode::unsupported_version);
    bool has_id = asked.producer_id != ProducerId::none;
    if (has_id != (asked.producer_epoch != -1)) return refused(ErrorCode::invalid_request);
    auto id = broker.producer_ids().next();
    if (!id) return refused(id.error());
    response.producer_id = *id;
    std::move(reply)(response);
}

}  // namespace stoker::broker
