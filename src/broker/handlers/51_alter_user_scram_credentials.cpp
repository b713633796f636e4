// AlterUserScramCredentials (51), version 0.
//
// Behaviour: users are made, changed and removed in the metadata log, one batch a request; a user
// that is named twice is refused (KIP-554). Connections stay as they are.
// Left out: a salt that is empty or longer than any client's is UNACCEPTABLE_CREDENTIAL here.
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

void alter_user_scram_credentials(Broker& broker, const Request&,
                                  protocol::AlterUserScramCredentialsRequest asked,
                                  Reply<protocol::AlterUserScramCredentialsResponse> reply) {
    std::move(reply)({.results = broker.metadata().alter_scram_users(asked)});
}

}  // namespace stoker::broker
