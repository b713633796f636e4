// Key and trust stores under Kafka's property names: PEM (a file, or the text itself) and PKCS12.
//
// JKS, Kafka's default type, is Java's own format. A store of that type that is PKCS12 inside, as
// keytool writes them since Java 9, is read as such, which Java does too; a real JKS is refused
// with the command that converts it. Errors are sentences that name the property; they never hold a
// password or key.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "security/openssl.hpp"

namespace stoker::security {

/// ssl.keystore.*; unset is what has not been given.
struct KeyStoreSettings {
    std::string type = "JKS";
    std::optional<std::string> location;
    std::optional<std::string> password;
    std::optional<std::string> key_password;       // ssl.key.password
    std::optional<std::string> certificate_chain;  // PEM text
    std::optional<std::string> key;                // PEM text
    bool given() const { return location || certificate_chain || key; }
};

/// ssl.truststore.*
struct TrustStoreSettings {
    std::string type = "JKS";
    std::optional<std::string> location;
    std::optional<std::string> password;
    std::optional<std::string> certificates;  // PEM text
    bool given() const { return location || certificates; }
};

struct KeyStore {
    Owned<EVP_PKEY> key;
    std::vector<Owned<X509>> chain;  // the key's own certificate first; never empty
};

std::expected<KeyStore, std::string> load_key_store(const KeyStoreSettings& settings);
/// Not empty.
std::expected<std::vector<Owned<X509>>, std::string> load_trust_store(
    const TrustStoreSettings& settings);

}  // namespace stoker::security
