// What a listener speaks, under Kafka's four names.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stoker::security {

enum class SecurityProtocol : uint8_t { plaintext, ssl, sasl_plaintext, sasl_ssl };

constexpr bool uses_tls(SecurityProtocol protocol) {
    return protocol == SecurityProtocol::ssl || protocol == SecurityProtocol::sasl_ssl;
}
constexpr bool uses_sasl(SecurityProtocol protocol) {
    return protocol == SecurityProtocol::sasl_plaintext || protocol == SecurityProtocol::sasl_ssl;
}

/// "PLAINTEXT", "SSL", "SASL_PLAINTEXT" or "SASL_SSL".
std::string_view name(SecurityProtocol protocol);
/// In any case; nothing for another word.
std::optional<SecurityProtocol> parse_security_protocol(std::string_view text);

}  // namespace stoker::security
