// SASL OAUTHBEARER (RFC 7628), the server's side: a signed token is the proof.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "security/jwt.hpp"
#include "security/sasl.hpp"

namespace stoker::security {

/// validate_jwt with everything but the token bound.
using TokenCheck = std::function<std::expected<Jwt, std::string>(std::string_view token)>;

std::unique_ptr<SaslServer> oauthbearer_server(TokenCheck check);

}  // namespace stoker::security
