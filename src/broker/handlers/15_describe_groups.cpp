// DescribeGroups (15), versions 0 to 6.
//
// Behaviour: state, protocol and members of groups.
// Version notes: authorized operations from 3; a group that is not there is Dead until 5,
// GROUP_ID_NOT_FOUND in 6.
#include "broker/authorized_operations.hpp"
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;

void describe_groups(Broker& broker, const Request& request, DescribeGroupsRequest asked,
                     Reply<DescribeGroupsResponse> reply) {
    bool with_operations = asked.include_authorized_operations;
    broker.groups().describe_groups(
        group_call(request, std::move(asked)),
        [with_operations, reply = std::move(reply)](DescribeGroupsResponse response) mutable {
            for (auto& group : response.groups)
                if (with_operations && group.error_code == ErrorCode::none)
                    group.authorized_operations = operations_on_group;
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
