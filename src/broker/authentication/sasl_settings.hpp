// What the configuration says of SASL: which mechanisms a listener has, and what each needs. Under
// Kafka's names, for one listener and mechanism, for a listener, or for the broker:
//
//     listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=…ScramLoginModule required;
//     listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-256
//     sasl.oauthbearer.jwks.endpoint.url=file:///etc/kafka/keys.json
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "broker/config/config_store.hpp"
#include "broker/config/listeners.hpp"
#include "security/jaas.hpp"
#include "security/jwt.hpp"

namespace stoker::broker {

enum class Mechanism : uint8_t { plain, scram_sha_256, scram_sha_512, oauthbearer };

struct MechanismSettings {
    Mechanism mechanism = Mechanism::plain;
    std::string name;  // "SCRAM-SHA-256"
    security::JaasEntry jaas;
    int64_t reauthentication_ms_max = 0;  // connections.max.reauth.ms; 0: never
    // OAUTHBEARER's alone.
    security::JwtRules jwt;
    std::string jwks_path;
    int64_t jwks_refresh_ms = 0;
};

struct SaslListener {
    std::string name;
    SecurityProtocol protocol = SecurityProtocol::sasl_plaintext;
    std::vector<MechanismSettings> mechanisms;  // at least one
    int32_t token_size_max = 0;                 // sasl.server.max.receive.size

    const MechanismSettings* find(std::string_view mechanism) const;
};

/// One for each listener with SASL. The error is a sentence that says what to set.
std::expected<std::vector<SaslListener>, std::string> read_sasl(const ConfigStore& configs,
                                                                const Listeners& listeners);

/// Why passwords or tokens would travel readable; nothing when they do not.
std::optional<std::string> sends_secrets_readable(const std::vector<SaslListener>& listeners);

}  // namespace stoker::broker
