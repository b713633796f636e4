// SCRAM, the server's side. A user that there is not is asked for a proof as well, with a salt that
// stays the same, so that neither the answers nor their time tell who there is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "security/sasl.hpp"
#include "security/scram.hpp"

namespace stoker::security {

/// What the credential of a user looks like from outside.
struct ScramShape {
    size_t salt_size = 20;
    int32_t iterations = scram_iterations_min;
};

struct ScramLookup {
    std::optional<ScramCredential> credential;
    /// What a user's looks like who is not there: as that of some user who is.
    ScramShape usual;
};
using ScramUsers = std::function<ScramLookup(const std::string& user)>;

std::unique_ptr<SaslServer> scram_server(ScramMechanism mechanism, ScramUsers users);

}  // namespace stoker::security
