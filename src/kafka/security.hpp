// How a client proves who it is and hides what it says: what security.protocol, sasl.mechanism and
// sasl.jaas.config ask for, read before the first connection.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kafka/failure.hpp"
#include "security/sasl.hpp"
#include "security/security_protocol.hpp"
#include "security/tls_context.hpp"

namespace stoker::kafka {

class ClientProperties;

using security::SecurityProtocol;

/// Immutable; shared by all connections of a client.
struct ClientSecurity {
    SecurityProtocol protocol = SecurityProtocol::plaintext;
    std::string mechanism;  // "SCRAM-SHA-256"
    /// For SSL and SASL_SSL; null otherwise.
    std::shared_ptr<const security::TlsContext> tls{};
    /// The client's side of one exchange. Reads what may change meanwhile, such as a token's file.
    std::function<Outcome<std::unique_ptr<security::SaslClient>>()> sasl;

    bool uses_sasl() const { return security::uses_sasl(protocol); }
};

/// Fails with one sentence for what is not served, and as Java's ConfigException for what is wrong.
/// No failure repeats what sasl.jaas.config holds.
Outcome<std::shared_ptr<const ClientSecurity>> read_security(const ClientProperties& properties);

/// Trying again with the same credentials would not help, and may lock an account.
bool is_authentication_failure(const Failure& failure);

}  // namespace stoker::kafka
