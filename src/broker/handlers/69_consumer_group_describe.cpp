// ConsumerGroupDescribe (69), versions 0 and 1.
//
// Behaviour: state, epochs and members of groups of the consumer protocol (KIP-848).
#include "broker/authorized_operations.hpp"
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;

void consumer_group_describe(Broker& broker, const Request& request,
                             ConsumerGroupDescribeRequest asked,
                             Reply<ConsumerGroupDescribeResponse> reply) {
    bool with_operations = asked.include_authorized_operations;
    broker.groups().consumer_group_describe(
        group_call(request, std::move(asked)),
        [with_operations, reply = std::move(reply)](auto response) mutable {
            for (auto& group : response.groups)
                if (with_operations && group.error_code == ErrorCode::none)
                    group.authorized_operations = operations_on_group;
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
