// DeleteGroups (42), versions 0 to 2.
//
// Behaviour: removes empty groups with their offsets.
#include <iterator>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void delete_groups(Broker& broker, const Request& request, protocol::DeleteGroupsRequest asked,
                   Reply<protocol::DeleteGroupsResponse> reply) {
    const Access access(broker, request);
    AllowedNames deletable =
        access.filter(Right::delete_group, asked.groups_names, std::identity{});
    protocol::DeleteGroupsResponse refused;
    std::erase_if(asked.groups_names, [&](const std::string& group) {
        if (deletable.contains(group)) return false;
        refused.results.push_back(
            {.group_id = group, .error_code = ErrorCode::group_authorization_failed});
        return true;
    });
    broker.groups().delete_groups(
        group_call(request, std::move(asked)),
        [refused = std::move(refused), reply = std::move(reply)](auto response) mutable {
            std::ranges::move(refused.results, std::back_inserter(response.results));
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
