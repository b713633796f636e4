// The clients' side of each mechanism. The server is a stranger until it has shown that it knows
// the password (SCRAM): its numbers are bounded, its signature is checked.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "security/sasl.hpp"
#include "security/scram.hpp"

namespace stoker::security {

std::unique_ptr<SaslClient> plain_client(std::string user, std::string password);

/// `nonce` is for tests; empty: a random one.
std::unique_ptr<SaslClient> scram_client(ScramMechanism mechanism, std::string user,
                                         std::string password, std::string nonce = {});

/// `token` is the text of a JWT. Extensions are those of the JAAS entry ("extension_").
std::unique_ptr<SaslClient> oauthbearer_client(
    std::string token, std::vector<std::pair<std::string, std::string>> extensions);

}  // namespace stoker::security
