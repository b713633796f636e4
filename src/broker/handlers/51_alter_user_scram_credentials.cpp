// AlterUserScramCredentials (51), version 0.
//
// Behaviour: users are made, changed and removed in the metadata log, one batch a request; a user
// that is named twice is refused (KIP-554). Connections stay as they are.
// Left out: a salt that is empty or longer than any client's is UNACCEPTABLE_CREDENTIAL here.
#include <set>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

namespace {

/// Each user once.
protocol::AlterUserScramCredentialsResponse refused(
    const protocol::AlterUserScramCredentialsRequest& asked) {
    std::set<std::string> users;
    for (const auto& deletion : asked.deletions) users.insert(deletion.name);
    for (const auto& upsertion : asked.upsertions) users.insert(upsertion.name);
    ErrorCode error = row_of(Right::alter_scram_users).error;
    protocol::AlterUserScramCredentialsResponse response;
    for (const std::string& user : users)
        response.results.push_back({.user = user,
                                    .error_code = error,
                                    .error_message = authorization_message(error)});
    return response;
}

}  // namespace

void alter_user_scram_credentials(Broker& broker, const Request& request,
                                  protocol::AlterUserScramCredentialsRequest asked,
                                  Reply<protocol::AlterUserScramCredentialsResponse> reply) {
    if (!Access(broker, request).allows(Right::alter_scram_users))
        return std::move(reply)(refused(asked));
    std::move(reply)({.results = broker.metadata().alter_scram_users(asked)});
}

}  // namespace stoker::broker
