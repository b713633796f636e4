#include "security/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "security/distinguished_name.hpp"

namespace stoker::security {
namespace {

constexpr std::string_view session_context = "stoker";
constexpr int verify_depth_max = 10;

template <class... Args>
std::unexpected<std::string> wrong(fmt::format_string<Args...> text, Args&&... args) {
    ERR_clear_error();
    return std::unexpected(fmt::format(text, std::forward<Args>(args)...));
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ":"));
}

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

/// Which versions and suites there are.
std::expected<void, std::string> set_versions(SSL_CTX* context, const TlsSettings& settings) {
    for (const std::string& protocol : settings.enabled_protocols)
        if (protocol != "TLSv1.2" && protocol != "TLSv1.3")
            return wrong(
                "ssl.enabled.protocols: {} is not served; TLSv1.2 and TLSv1.3 are, older ones are "
                "broken.",
                protocol);
    if (settings.enabled_protocols.empty())
        return wrong("ssl.enabled.protocols: there is none; TLSv1.2 and TLSv1.3 are known.");
    for (const std::string_view old : {"SSL", "SSLv2", "SSLv3", "TLSv1", "TLSv1.1"})
        if (settings.protocol == old)
            return wrong("ssl.protocol: {} is broken; set TLSv1.3 or TLSv1.2.", old);
    if (settings.protocol != "TLS" && settings.protocol != "TLSv1.2" &&
        settings.protocol != "TLSv1.3")
        return wrong("ssl.protocol: there is no '{}'; set TLSv1.3 or TLSv1.2.", settings.protocol);

    bool with_12 = has(settings.enabled_protocols, "TLSv1.2");
    bool with_13 = has(settings.enabled_protocols, "TLSv1.3");
    std::vector<std::string> suites_12, suites_13;
    for (const std::string& suite : settings.cipher_suites) {
        const std::string name = OPENSSL_cipher_name(suite.c_str());
        if (name == "(NONE)")
            return wrong(
                "ssl.cipher.suites: there is no suite {}. Names are Java's, such as "
                "TLS_AES_256_GCM_SHA384 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.",
                suite);
        (name.starts_with("TLS_") ? suites_13 : suites_12).push_back(name);
    }
    if (!settings.cipher_suites.empty()) {
        with_12 = with_12 && !suites_12.empty();
        with_13 = with_13 && !suites_13.empty();
        if (!with_12 && !with_13)
            return wrong("ssl.cipher.suites: none of the suites is of an enabled protocol ({}).",
                         fmt::join(settings.enabled_protocols, ", "));
        if (with_12 && SSL_CTX_set_cipher_list(context, joined(suites_12).c_str()) != 1)
            return wrong(
                "ssl.cipher.suites: none of the TLSv1.2 suites is safe enough to be used.");
        if (with_13 && SSL_CTX_set_ciphersuites(context, joined(suites_13).c_str()) != 1)
            return wrong("ssl.cipher.suites: {}.", openssl_error());
    }
    SSL_CTX_set_min_proto_version(context, with_12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(context, with_13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    return {};
}

void set_modes(SSL_CTX* context) {
    // No renegotiation and no compression: both let a peer make the other side work.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // An idle session keeps no record buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Sessions are resumed from tickets that the client keeps; the server remembers nothing.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    const auto* id = reinterpret_cast<const unsigned char*>(session_context.data());
    SSL_CTX_set_session_id_context(context, id, unsigned(session_context.size()));
    SSL_CTX_set_verify_depth(context, verify_depth_max);
    // As in Java, what is in the trust store is trusted, a certificate authority or not.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
}

std::string day(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::set<std::string> alternative_names(const X509* certificate) {
    std::set<std::string> names;
    auto* list = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
        const Owned<BIO> text(BIO_new(BIO_s_mem()));
        char* bytes = nullptr;
        GENERAL_NAME_print(text.get(), sk_GENERAL_NAME_value(list, i));
        const long size = BIO_get_mem_data(text.get(), &bytes);
        names.emplace(bytes, size_t(size));
    }
    GENERAL_NAMES_free(list);
    ERR_clear_error();
    return names;
}

std::string alert_clause(int reason) {
    return fmt::format("it refused the connection with the TLS alert \"{}\"",
                       SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET));
}

}  // namespace

ClientAuth parse_client_auth(std::string_view text) {
    if (text == "required") return ClientAuth::required;
    return text == "requested" ? ClientAuth::requested : ClientAuth::none;
}

std::expected<std::shared_ptr<TlsContext>, std::string> TlsContext::create(
    const TlsSettings& settings, const SSL_METHOD* method) {
    start_openssl();
    Owned<SSL_CTX> context(SSL_CTX_new(method));
    STOKER_CHECK(context != nullptr, "OpenSSL makes a context");
    set_modes(context.get());
    if (auto fine = set_versions(context.get(), settings); !fine)
        return std::unexpected(fine.error());
    auto mapper = PrincipalMapper::parse(settings.principal_mapping_rules);
    if (!mapper) return std::unexpected(mapper.error());
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(context), std::move(*mapper)));
}

std::expected<void, std::string> TlsContext::use_key_store(const KeyStoreSettings& settings) {
    auto store = load_key_store(settings);
    if (!store) return std::unexpected(store.error());
    X509* own = store->chain.front().get();
    if (SSL_CTX_use_certificate(context_.get(), own) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), store->key.get()) != 1)
        return wrong("ssl.keystore.location: its certificate cannot be used ({}).",
                     openssl_error());
    for (size_t i = 1; i < store->chain.size(); ++i)
        SSL_CTX_add1_chain_cert(context_.get(), store->chain[i].get());
    const std::string subject = distinguished_name(X509_get_subject_name(own));
    const std::string until = day(X509_get0_notAfter(own));
    certificate_ = fmt::format("{} until {}", subject, until);
    names_ = {.subject = subject, .alternatives = alternative_names(own)};
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0)
        warnings_.push_back(fmt::format(
            "The certificate {} expired on {}: clients will refuse it.", subject, until));
    return {};
}

std::expected<std::vector<Owned<X509>>, std::string> TlsContext::use_trust_store(
    const TrustStoreSettings& settings) {
    auto trusted = load_trust_store(settings);
    if (!trusted) return trusted;
    X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
    for (const auto& certificate : *trusted) X509_STORE_add_cert(store, certificate.get());
    ERR_clear_error();  // one that is there twice
    return trusted;
}

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::for_server(
    const TlsSettings& settings) {
    auto made = create(settings, TLS_server_method());
    if (!made) return std::unexpected(made.error());
    if (!settings.key_store.given())
        return wrong(
            "ssl.keystore.location: there is none. `stoker tls init DIR` makes a certificate; then "
            "set it to DIR/server.pem and ssl.keystore.type to PEM.");
    if (auto used = (*made)->use_key_store(settings.key_store); !used)
        return std::unexpected(used.error());
    SSL_CTX* context = (*made)->context_.get();
    if (settings.client_auth == ClientAuth::none) return std::move(*made);
    if (!settings.trust_store.given())
        return wrong(
            "ssl.truststore.location: ssl.client.auth asks clients for certificates, and there is "
            "nothing to check them with. Set it to the certificates that are trusted (ca.pem of "
            "`stoker tls init DIR`, with ssl.truststore.type=PEM).");
    auto trusted = (*made)->use_trust_store(settings.trust_store);
    if (!trusted) return std::unexpected(trusted.error());
    for (const auto& certificate : *trusted) SSL_CTX_add_client_CA(context, certificate.get());
    const bool required = settings.client_auth == ClientAuth::required;
    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    return std::move(*made);
}

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::for_client(
    const TlsSettings& settings) {
    auto made = create(settings, TLS_client_method());
    if (!made) return std::unexpected(made.error());
    (*made)->checks_host_ =
        settings.checks_certificates && !settings.endpoint_identification_algorithm.empty();
    SSL_CTX* context = (*made)->context_.get();
    if (settings.trust_store.given()) {
        if (auto used = (*made)->use_trust_store(settings.trust_store); !used)
            return std::unexpected(used.error());
    } else {
        SSL_CTX_set_default_verify_paths(context);
    }
    if (settings.key_store.given())
        if (auto used = (*made)->use_key_store(settings.key_store); !used)
            return std::unexpected(used.error());
    SSL_CTX_set_verify(context, settings.checks_certificates ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       nullptr);
    return std::move(*made);
}

Owned<SSL> TlsContext::accept() const {
    Owned<SSL> connection(SSL_new(context_.get()));
    if (connection) SSL_set_accept_state(connection.get());
    return connection;
}

Owned<SSL> TlsContext::connect(const std::string& host) const {
    Owned<SSL> connection(SSL_new(context_.get()));
    if (!connection) return connection;
    SSL_set_connect_state(connection.get());
    X509_VERIFY_PARAM* rules = SSL_get0_param(connection.get());
    const Owned<ASN1_OCTET_STRING> address(a2i_IPADDRESS(host.c_str()));
    ERR_clear_error();
    if (!address) SSL_set_tlsext_host_name(connection.get(), host.c_str());
    if (!checks_host_) return connection;
    if (address) X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str());
    else X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size());
    return connection;
}

std::expected<std::string, std::string> TlsContext::principal_of(const SSL* connection) const {
    const X509* certificate = SSL_get0_peer_certificate(connection);
    if (certificate == nullptr) return std::string(anonymous);
    auto name = mapper_.name_of(distinguished_name(X509_get_subject_name(certificate)));
    if (!name) return name;
    return "User:" + *name;
}

std::string tls_failure(const SSL* connection) {
    const unsigned long error = ERR_peek_error();
    const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
        ERR_clear_error();
        return alert_clause(reason);
    }
    switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED: {
            ERR_clear_error();
            const long why = SSL_get_verify_result(connection);
            return fmt::format("its certificate is not accepted: {}",
                               X509_verify_cert_error_string(why));
        }
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            ERR_clear_error();
            return "it sent no certificate, which ssl.client.auth=required asks for";
        case SSL_R_UNSUPPORTED_PROTOCOL:
            ERR_clear_error();
            return "it knows no TLS version that is enabled here (ssl.enabled.protocols)";
        case SSL_R_NO_SHARED_CIPHER:
            ERR_clear_error();
            return "it shares no cipher suite with this listener (ssl.cipher.suites, and the kind "
                   "of key in the key store)";
        default: return "its TLS is wrong: " + openssl_error();
    }
}

}  // namespace stoker::security
