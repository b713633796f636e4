// How a client hides what it says and proves who it is: security.protocol, ssl.* and sasl.*, under
// Java's names. Judged before the first connection.
#pragma once

#include <memory>

#include "kafka/failure.hpp"
#include "security/security_protocol.hpp"
#include "security/tls_context.hpp"

namespace stoker::kafka {

class ClientProperties;

struct Security {
    security::SecurityProtocol protocol = security::SecurityProtocol::plaintext;
    /// For SSL and SASL_SSL; null otherwise.
    std::shared_ptr<const security::TlsContext> tls;
};

/// Fails as Java's ConfigException for an unknown word, and with one sentence for stores that do
/// not open.
Outcome<Security> read_security(const ClientProperties& properties);

}  // namespace stoker::kafka
