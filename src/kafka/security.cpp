#include "kafka/security.hpp"

#include <utility>

#include "kafka/client_properties.hpp"
#include "kafka/client_sasl.hpp"

namespace stoker::kafka {

Outcome<std::shared_ptr<const ClientSecurity>> read_security(const ClientProperties& properties) {
    std::string asked = properties.get_or("security.protocol", "PLAINTEXT");
    auto protocol = security::parse_security_protocol(asked);
    if (!protocol) {
        return failed(config_failure(
            "Invalid value " + asked +
            " for configuration security.protocol: String must be one of (case insensitive): "
            "PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL"));
    }
    if (security::uses_tls(*protocol)) {
        return failed(config_failure("security.protocol=" +
                                     std::string(security::name(*protocol)) +
                                     " is not served yet: use a PLAINTEXT listener"));
    }
    auto read = std::make_shared<ClientSecurity>(ClientSecurity{.protocol = *protocol});
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
