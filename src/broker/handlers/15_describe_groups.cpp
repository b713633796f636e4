// DescribeGroups (15), versions 0 to 6.
//
// Behaviour: state, protocol and members of groups.
// Version notes: authorized operations from 3; a group that is not there is Dead until 5,
// GROUP_ID_NOT_FOUND in 6.
#include <iterator>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;

void describe_groups(Broker& broker, const Request& request, DescribeGroupsRequest asked,
                     Reply<DescribeGroupsResponse> reply) {
    bool with_operations = asked.include_authorized_operations;
    const Access access(broker, request);
    AllowedNames described = access.filter(Right::describe_group, asked.groups, std::identity{});
    DescribeGroupsResponse refused;
    std::erase_if(asked.groups, [&](const std::string& group) {
        if (described.contains(group)) return false;
        refused.groups.push_back(
            {.error_code = ErrorCode::group_authorization_failed, .group_id = group});
        return true;
    });
    broker.groups().describe_groups(
        group_call(request, std::move(asked)),
        [with_operations, access, refused = std::move(refused),
         reply = std::move(reply)](DescribeGroupsResponse response) mutable {
            for (auto& group : response.groups)
                if (with_operations && group.error_code == ErrorCode::none)
                    group.authorized_operations =
                        access.operations(AclResource::group, group.group_id);
            std::ranges::move(refused.groups, std::back_inserter(response.groups));
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
