// DescribeTransactions (65), version 0.
//
// Behaviour: there is no transaction coordinator yet, so no transactional id is known (KIP-664).
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void describe_transactions(Broker& broker, const Request& request, protocol::DescribeTransactionsRequest asked,
                           Reply<protocol::DescribeTransactionsResponse> reply) {
    protocol::DescribeTransactionsResponse response;
    const Access access(broker, request);
    for (const auto& id : asked.transactional_ids)
        response.transaction_states.push_back(
            {.error_code = !access.allows(Right::describe_transaction, id)
                               ? ErrorCode::transactional_id_authorization_failed
                           : id.empty() ? ErrorCode::invalid_request
                                      : ErrorCode::transactional_id_not_found,
             .transactional_id = id});
    std::move(reply)(response);
}

}  // namespace stoker::broker
