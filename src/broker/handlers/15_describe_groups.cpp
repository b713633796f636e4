// DescribeGroups (15), versions 0 to 6.
//
// Behaviour: state, protocol and members of groups.
// Version notes: a group that is not there is Dead until 5, GROUP_ID_NOT_FOUND in 6.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void describe_groups(Broker& broker, const Request& request, protocol::DescribeGroupsRequest asked,
                     Reply<protocol::DescribeGroupsResponse> reply) {
    broker.groups().describe_groups(group_call(request, std::move(asked)), kept(std::move(reply)));
}

}  // namespace stoker::broker
