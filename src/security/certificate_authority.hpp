// Certificates that we make ourselves: `stoker tls init`, and tests.
//
// Keys are ECDSA over P-256. Every client that speaks TLS 1.2 takes them (Java since 7, OpenSSL
// since 1.0.1, Go, Node, rustls), a signature costs the server a twentieth of RSA-2048's, and
// making three keys takes a millisecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "security/openssl.hpp"

namespace stoker::security {

/// A key and its certificate, signed by itself or by an authority.
struct Identity {
    Owned<EVP_PKEY> key;
    Owned<X509> certificate;

    std::string key_pem() const;  // PKCS #8, which Java reads
    std::string certificate_pem() const;
};

struct CertificateWish {
    CertificateWish() = default;

    std::string common_name;
    std::vector<std::string> organizational_units;
    /// Names and addresses that clients may know the server under.
    std::vector<std::string> dns_names;
    std::vector<std::string> addresses;
    int64_t valid_from_s = 0;  // since the epoch
    int64_t valid_until_s = 0;
};

Identity make_authority(const CertificateWish& wish);
/// Good for servers and clients alike.
Identity issue(const Identity& authority, const CertificateWish& wish);

}  // namespace stoker::security
