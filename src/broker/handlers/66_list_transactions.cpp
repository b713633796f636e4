// ListTransactions (66), versions 0 to 2.
//
// Behaviour: the transactional ids that pass all filters; states that are none are told (KIP-664),
// and so is a pattern that is no regular expression (KIP-1152).
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

void list_transactions(Broker& broker, const Request& request,
                       protocol::ListTransactionsRequest asked,
                       Reply<protocol::ListTransactionsResponse> reply) {
    const Access access(broker, request);
    auto response = broker.transactions().list(asked);
    std::erase_if(response.transaction_states, [&](const auto& state) {
        return !access.allows(Right::list_transaction, state.transactional_id);
    });
    std::move(reply)(response);
}

}  // namespace stoker::broker
