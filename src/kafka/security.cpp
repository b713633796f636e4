#include "kafka/security.hpp"

#include <string>
#include <utility>

#include "kafka/client_properties.hpp"
#include "kafka/client_sasl.hpp"

namespace stoker::kafka {

namespace {

using security::TlsContext;
using security::TlsSettings;

/// Java has no such switch; the name is librdkafka's.
constexpr std::string_view check_property = "enable.ssl.certificate.verification";

Outcome<TlsSettings> tls_settings(const ClientProperties& properties) {
    TlsSettings settings;
    auto checks = properties.get_boolean(check_property, settings.checks_certificates);
    if (!checks) return failed(checks.error());
    settings.checks_certificates = *checks;
    settings.key_store.type = properties.get_or("ssl.keystore.type", "JKS");
    settings.key_store.location = properties.get("ssl.keystore.location");
    settings.key_store.password = properties.get("ssl.keystore.password");
    settings.key_store.key_password = properties.get("ssl.key.password");
    settings.key_store.certificate_chain = properties.get("ssl.keystore.certificate.chain");
    settings.key_store.key = properties.get("ssl.keystore.key");
    settings.trust_store.type = properties.get_or("ssl.truststore.type", "JKS");
    settings.trust_store.location = properties.get("ssl.truststore.location");
    settings.trust_store.password = properties.get("ssl.truststore.password");
    settings.trust_store.certificates = properties.get("ssl.truststore.certificates");
    if (properties.has("ssl.enabled.protocols"))
        settings.enabled_protocols = properties.get_list("ssl.enabled.protocols");
    settings.protocol = properties.get_or("ssl.protocol", settings.protocol);
    settings.cipher_suites = properties.get_list("ssl.cipher.suites");
    settings.endpoint_identification_algorithm = properties.get_or(
        "ssl.endpoint.identification.algorithm", settings.endpoint_identification_algorithm);
    return settings;
}

}  // namespace

Outcome<std::shared_ptr<const ClientSecurity>> read_security(const ClientProperties& properties) {
    const std::string asked = properties.get_or("security.protocol", "PLAINTEXT");
    const auto protocol = security::parse_security_protocol(asked);
    if (!protocol) {
        return failed(config_failure(
            "Invalid value " + asked +
            " for configuration security.protocol: String must be one of (case insensitive): "
            "PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL"));
    }
    auto read = std::make_shared<ClientSecurity>(ClientSecurity{.protocol = *protocol});
    if (security::uses_tls(*protocol)) {
        auto settings = tls_settings(properties);
        if (!settings) return failed(settings.error());
        auto context = TlsContext::for_client(*settings);
        if (!context) return failed(config_failure(context.error()));
        read->tls = std::move(*context);
    }
    if (security::uses_sasl(*protocol)) {
        if (auto fine = read_client_sasl(properties, *read); !fine) return failed(fine.error());
    }
    return std::shared_ptr<const ClientSecurity>(std::move(read));
}

bool is_authentication_failure(const Failure& failure) {
    return failure.code == ErrorCode::sasl_authentication_failed ||
           failure.code == ErrorCode::unsupported_sasl_mechanism ||
           failure.code == ErrorCode::illegal_sasl_state ||
           failure.is("SaslAuthenticationException") || failure.is("SslAuthenticationException");
}

}  // namespace stoker::kafka
