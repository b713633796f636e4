// How a client proves who it is and hides what it says. PLAINTEXT is all there is so far; what
// security.protocol asks for is judged here, before the first connection.
#pragma once

#include "kafka/failure.hpp"

namespace stoker::kafka {

class ClientProperties;

enum class SecurityProtocol { plaintext };

/// Fails with one sentence for SSL and SASL, and as Java's ConfigException for an unknown word.
Outcome<SecurityProtocol> read_security(const ClientProperties& properties);

}  // namespace stoker::kafka
