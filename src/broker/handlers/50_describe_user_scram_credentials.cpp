// DescribeUserScramCredentials (50), version 0.
//
// Behaviour: mechanisms and iterations of the users that are asked for, or of all (KIP-554); never
// the credentials. Users of the configuration are not among them, as upstream lists none of files.
#include <map>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/repeats.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using Response = protocol::DescribeUserScramCredentialsResponse;

void describe_user_scram_credentials(Broker& broker, const Request& request,
                                     protocol::DescribeUserScramCredentialsRequest asked,
                                     Reply<Response> reply) {
    if (!Access(broker, request).allows(Right::describe_scram_users))
        return std::move(reply)(denied<Response>(Right::describe_scram_users));
    Response response{.error_message = std::nullopt};
    auto known = broker.metadata().scram_users();
    auto add = [&](const std::string& user, Turn turn) {
        Response::DescribeUserScramCredentialsResult result{.user = user,
                                                            .error_message = std::nullopt};
        auto found = known.find(user);
        if (turn == Turn::repeated) {
            result.error_code = ErrorCode::duplicate_resource;
            result.error_message =
                "Cannot describe SCRAM credentials for the same user twice in a single request: " +
                user;
        } else if (found == known.end()) {
            result.error_code = ErrorCode::resource_not_found;
            result.error_message =
                "Attempt to describe a user credential that does not exist: " + user;
        } else {
            for (const auto& [mechanism, iterations] : found->second)
                result.credential_infos.push_back(
                    {.mechanism = int8_t(mechanism), .iterations = iterations});
        }
        response.results.push_back(std::move(result));
    };
    if (!asked.users || asked.users->empty()) {
        for (const auto& [user, credentials] : known) add(user, Turn::only);
        return std::move(reply)(response);
    }
    Repeats<std::string> users;
    for (const auto& user : *asked.users) users.count(user.name);
    for (const auto& user : *asked.users)
        if (Turn turn = users.take(user.name); turn != Turn::answered) add(user.name, turn);
    std::move(reply)(response);
}

}  // namespace stoker::broker
