// DescribeTransactions (65), version 0.
//
// Behaviour: the state of each transactional id; while a transaction ends, the partitions that do
// not know it yet (KIP-664). Topics that the sender may not describe are left out.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

void describe_transactions(Broker& broker, const Request& request,
                           protocol::DescribeTransactionsRequest asked,
                           Reply<protocol::DescribeTransactionsResponse> reply) {
    protocol::DescribeTransactionsResponse response;
    const Access access(broker, request);
    for (const std::string& id : asked.transactional_ids) {
        if (!access.allows(Right::describe_transaction, id)) {
            response.transaction_states.push_back(
                {.error_code = ErrorCode::transactional_id_authorization_failed,
                 .transactional_id = id});
            continue;
        }
        auto& state = response.transaction_states.emplace_back(broker.transactions().describe(id));
        std::erase_if(state.topics, [&](const auto& topic) {
            return !access.allows(Right::describe_transaction_topic, topic.topic);
        });
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
