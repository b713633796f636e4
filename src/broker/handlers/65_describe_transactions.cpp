// DescribeTransactions (65), version 0.
//
// Behaviour: the state of each transactional id; while a transaction ends, the partitions that do
// not know it yet (KIP-664).
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

void describe_transactions(Broker& broker, const Request&,
                           protocol::DescribeTransactionsRequest asked,
                           Reply<protocol::DescribeTransactionsResponse> reply) {
    protocol::DescribeTransactionsResponse response;
    for (const std::string& id : asked.transactional_ids)
        response.transaction_states.push_back(broker.transactions().describe(id));
    std::move(reply)(response);
}

}  // namespace stoker::broker
