// ListTransactions (66), versions 0 to 2.
//
// Behaviour: the transactional ids that pass all filters; states that are none are told (KIP-664),
// and so is a pattern that is no regular expression (KIP-1152).
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

void list_transactions(Broker& broker, const Request&, protocol::ListTransactionsRequest asked,
                       Reply<protocol::ListTransactionsResponse> reply) {
    std::move(reply)(broker.transactions().list(asked));
}

}  // namespace stoker::broker
