// What the connections of one listener, or of one client, are encrypted with: key, certificates,
// protocols, ciphers, whom they trust. Made from Kafka's ssl.* settings, constant afterwards; a
// reload makes another one, and sessions keep theirs.
#pragma once

#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "security/key_store.hpp"
#include "security/openssl.hpp"
#include "security/principal_mapper.hpp"

namespace stoker::security {

inline constexpr std::string_view anonymous = "User:ANONYMOUS";

enum class ClientAuth { none, requested, required };

/// Under Kafka's names and with its defaults.
struct TlsSettings {
    TlsSettings() = default;

    KeyStoreSettings key_store;
    TrustStoreSettings trust_store;
    std::vector<std::string> enabled_protocols{"TLSv1.2", "TLSv1.3"};
    std::string protocol = "TLSv1.3";
    std::vector<std::string> cipher_suites;  // as Java spells them; empty: OpenSSL's own choice
    ClientAuth client_auth = ClientAuth::none;               // servers
    std::string principal_mapping_rules = "DEFAULT";         // servers
    std::string endpoint_identification_algorithm = "https";  // clients; empty: any host will do
    bool checks_certificates = true;                          // clients; false: anybody will do
};

/// "none", "requested", "required".
ClientAuth parse_client_auth(std::string_view text);

/// Whom a certificate names, as text: "CN=broker,O=Example"; "DNS:localhost".
struct CertificateNames {
    std::string subject;
    std::set<std::string> alternatives;
};

/// Any thread.
class TlsContext {
public:
    /// The error is a sentence that names the property and what to set instead.
    static std::expected<std::shared_ptr<const TlsContext>, std::string> for_server(
        const TlsSettings& settings);
    /// Without a trust store the machine's own certificate authorities are trusted.
    static std::expected<std::shared_ptr<const TlsContext>, std::string> for_client(
        const TlsSettings& settings);

    /// A connection that has not begun.
    Owned<SSL> accept() const;
    /// Checks the certificate against `host`, a name or an address, unless that is switched off.
    Owned<SSL> connect(const std::string& host) const;

    /// "User:…" of the client's certificate, User:ANONYMOUS without one. The error is a clause.
    std::expected<std::string, std::string> principal_of(const SSL* connection) const;

    /// Sentences for the log: a certificate that has expired.
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// Whose certificate it is, until when: for the log. Empty without a key store.
    const std::string& certificate() const { return certificate_; }
    /// Whom the own certificate names. Empty without a key store.
    const CertificateNames& names() const { return names_; }

private:
    TlsContext(Owned<SSL_CTX> context, PrincipalMapper mapper)
        : context_(std::move(context)), mapper_(std::move(mapper)) {}
    static std::expected<std::shared_ptr<TlsContext>, std::string> create(
        const TlsSettings& settings, const SSL_METHOD* method);
    std::expected<void, std::string> use_key_store(const KeyStoreSettings& settings);
    std::expected<std::vector<Owned<X509>>, std::string> use_trust_store(
        const TrustStoreSettings& settings);

    Owned<SSL_CTX> context_;
    PrincipalMapper mapper_;
    bool checks_host_ = true;
    std::vector<std::string> warnings_;
    std::string certificate_;
    CertificateNames names_;
};

/// The context that new connections get; replaced while the others go on. Any thread.
class TlsSlot {
public:
    explicit TlsSlot(std::shared_ptr<const TlsContext> context) { put(std::move(context)); }
    std::shared_ptr<const TlsContext> get() const { return *context_.lock(); }
    void put(std::shared_ptr<const TlsContext> context) { *context_.lock() = std::move(context); }

private:
    mutable Guarded<std::shared_ptr<const TlsContext>> context_;
};

/// Why a handshake or a record failed, as a clause about the peer; empties OpenSSL's queue.
std::string tls_failure(const SSL* connection);

}  // namespace stoker::security
