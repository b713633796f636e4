// For tests: an authority and certificates of it, and a folder that goes away.
#pragma once

#include <string>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "security/certificate_authority.hpp"
#include "security/tls_context.hpp"

namespace stoker::security::testing {

inline constexpr int64_t hour_s = 3600;

inline CertificateWish wish(const std::string& common_name) {
    CertificateWish made;
    made.common_name = common_name;
    made.dns_names = {"localhost"};
    made.addresses = {"127.0.0.1"};
    made.valid_from_s = SystemClock().wall_ms() / 1000 - hour_s;
    made.valid_until_s = made.valid_from_s + 1000 * hour_s;
    return made;
}

inline CertificateWish expired(const std::string& common_name) {
    CertificateWish made = wish(common_name);
    made.valid_from_s -= 10 * hour_s;
    made.valid_until_s = made.valid_from_s + hour_s;
    return made;
}

inline std::string pem(const Identity& identity) {
    return identity.certificate_pem() + identity.key_pem();
}

inline KeyStoreSettings key_store(const Identity& identity) {
    KeyStoreSettings settings;
    settings.type = "PEM";
    settings.certificate_chain = identity.certificate_pem();
    settings.key = identity.key_pem();
    return settings;
}

inline TrustStoreSettings trust_store(const Identity& authority) {
    TrustStoreSettings settings;
    settings.type = "PEM";
    settings.certificates = authority.certificate_pem();
    return settings;
}

}  // namespace stoker::security::testing
