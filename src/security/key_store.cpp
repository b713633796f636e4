#include "security/key_store.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace stoker::security {
namespace {

template <class... Args>
std::unexpected<std::string> wrong(fmt::format_string<Args...> text, Args&&... args) {
    ERR_clear_error();
    return std::unexpected(fmt::format(text, std::forward<Args>(args)...));
}

constexpr size_t store_size_max = 16 << 20;

/// The properties that a store is about, for the sentences.
struct Names {
    std::string_view location;
    std::string_view password;
    std::string_view type;
};
constexpr Names key_names{"ssl.keystore.location", "ssl.keystore.password", "ssl.keystore.type"};
constexpr Names trust_names{"ssl.truststore.location", "ssl.truststore.password",
                            "ssl.truststore.type"};

std::expected<std::string, std::string> read_store(const Names& names, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return wrong("{}: {} cannot be read: {}.", names.location, path, std::strerror(errno));
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (!file.good() && !file.eof())
        return wrong("{}: {} cannot be read.", names.location, path);
    if (content.size() > store_size_max)
        return wrong("{}: {} is too large for a key store.", names.location, path);
    return content;
}

/// OpenSSL would ask at the terminal for a password that it is not given.
int give_password(char* into, int size, int, void* password) {
    const auto* text = static_cast<const std::string*>(password);
    if (text == nullptr || text->size() > size_t(size)) return -1;
    std::memcpy(into, text->data(), text->size());
    return int(text->size());
}

std::vector<Owned<X509>> certificates_in(std::string_view pem) {
    std::vector<Owned<X509>> found;
    const auto input = reading(pem);
    while (X509* certificate = PEM_read_bio_X509(input.get(), nullptr, give_password, nullptr))
        found.emplace_back(certificate);
    ERR_clear_error();
    return found;
}

std::expected<Owned<EVP_PKEY>, std::string> key_in(std::string_view pem,
                                                   const std::optional<std::string>& password,
                                                   std::string_view where) {
    const bool encrypted = pem.contains("ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,");
    if (!pem.contains("PRIVATE KEY-----"))
        return wrong("{}: there is no private key (-----BEGIN PRIVATE KEY-----).", where);
    if (encrypted && !password)
        return wrong("{}: the private key is encrypted; set ssl.key.password.", where);
    const auto input = reading(pem);
    auto* secret = password ? const_cast<std::string*>(&*password) : nullptr;
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(input.get(), nullptr, give_password, secret));
    if (key) return key;
    const std::string why = openssl_error();
    if (encrypted)
        return wrong("{}: the private key cannot be decrypted ({}); is ssl.key.password right?",
                     where, why);
    return wrong("{}: the private key cannot be read ({}).", where, why);
}

/// Puts the certificate of the key first; false when there is none.
bool own_first(KeyStore& store) {
    const auto own = std::ranges::find_if(store.chain, [&](const auto& certificate) {
        return X509_check_private_key(certificate.get(), store.key.get()) == 1;
    });
    ERR_clear_error();
    if (own == store.chain.end()) return false;
    std::rotate(store.chain.begin(), own, own + 1);
    return true;
}

std::expected<KeyStore, std::string> pem_key_store(const KeyStoreSettings& settings) {
    if (settings.password)
        return wrong(
            "ssl.keystore.password: a PEM key store has none; the password of an encrypted key is "
            "ssl.key.password.");
    if (settings.location && (settings.key || settings.certificate_chain))
        return wrong(
            "ssl.keystore.location: there are ssl.keystore.key or ssl.keystore.certificate.chain "
            "too; keep the file or the text.");
    if (!settings.location && (!settings.key || !settings.certificate_chain))
        return wrong("ssl.keystore.key and ssl.keystore.certificate.chain go together.");
    std::string chain = settings.certificate_chain.value_or("");
    std::string key = settings.key.value_or("");
    std::string where = "ssl.keystore.key";
    std::string where_chain = "ssl.keystore.certificate.chain";
    if (settings.location) {
        auto content = read_store(key_names, *settings.location);
        if (!content) return std::unexpected(content.error());
        chain = key = *content;
        where = where_chain = fmt::format("{}: {}", key_names.location, *settings.location);
    }
    auto read = key_in(key, settings.key_password, where);
    if (!read) return std::unexpected(read.error());
    KeyStore store{.key = std::move(*read), .chain = certificates_in(chain)};
    if (store.chain.empty())
        return wrong("{}: there is no certificate (-----BEGIN CERTIFICATE-----).", where_chain);
    if (!own_first(store))
        return wrong("{}: the private key belongs to none of the certificates.", where);
    return store;
}

struct Pkcs12 {
    Owned<EVP_PKEY> key;
    std::vector<Owned<X509>> certificates;
};

std::expected<Pkcs12, std::string> open_pkcs12(const Names& names, const std::string& path,
                                               const std::optional<std::string>& password) {
    auto content = read_store(names, path);
    if (!content) return std::unexpected(content.error());
    if (content->starts_with("\xfe\xed\xfe\xed"))
        return wrong(
            "{}: {} is a JKS store, which only Java reads. Convert it with `keytool "
            "-importkeystore -srckeystore {} -destkeystore {}.p12 -deststoretype PKCS12`, then set "
            "{} to the new file and {} to PKCS12.",
            names.location, path, path, path, names.location, names.type);
    if (content->contains("-----BEGIN "))
        return wrong("{}: {} is a PEM file; set {} to PEM.", names.location, path, names.type);
    const auto input = reading(*content);
    const Owned<PKCS12> store(d2i_PKCS12_bio(input.get(), nullptr));
    if (!store)
        return wrong("{}: {} is no PKCS12 store ({}).", names.location, path, openssl_error());
    const char* secret = password ? password->c_str() : nullptr;
    if (PKCS12_mac_present(store.get()) == 1 && PKCS12_verify_mac(store.get(), secret, -1) != 1)
        return wrong("{}: {} does not open; is {} right?", names.location, path, names.password);
    EVP_PKEY* key = nullptr;
    X509* own = nullptr;
    STACK_OF(X509)* others = nullptr;
    if (PKCS12_parse(store.get(), secret, &key, &own, &others) != 1)
        return wrong(
            "{}: {} cannot be read ({}). Old stores are encrypted with RC2 or DES; write it anew "
            "with `keytool -importkeystore -srckeystore {} -destkeystore new.p12 -deststoretype "
            "PKCS12` of Java 11 or later.",
            names.location, path, openssl_error(), path);
    Pkcs12 opened{.key = Owned<EVP_PKEY>(key), .certificates = {}};
    if (own != nullptr) opened.certificates.emplace_back(own);
    while (X509* other = others == nullptr ? nullptr : sk_X509_shift(others))
        opened.certificates.emplace_back(other);
    sk_X509_free(others);
    return opened;
}

/// "PEM" or "PKCS12"; JKS is looked at when it is opened.
std::expected<std::string, std::string> type_of(const Names& names, std::string type) {
    std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::toupper(c); });
    if (type == "PEM" || type == "PKCS12") return type;
    if (type == "JKS") return "PKCS12";
    return wrong("{}: there is no type '{}'; PEM and PKCS12 are read.", names.type, type);
}

}  // namespace

std::expected<KeyStore, std::string> load_key_store(const KeyStoreSettings& settings) {
    auto type = type_of(key_names, settings.type);
    if (!type) return std::unexpected(type.error());
    if (*type == "PEM") return pem_key_store(settings);
    if (settings.key || settings.certificate_chain)
        return wrong(
            "ssl.keystore.key and ssl.keystore.certificate.chain are PEM text; set "
            "ssl.keystore.type to PEM.");
    auto opened = open_pkcs12(key_names, *settings.location, settings.password);
    if (!opened) return std::unexpected(opened.error());
    KeyStore store{.key = std::move(opened->key), .chain = std::move(opened->certificates)};
    if (!store.key)
        return wrong("{}: {} holds no private key.", key_names.location, *settings.location);
    if (!own_first(store))
        return wrong("{}: {} holds no certificate of its private key.", key_names.location,
                     *settings.location);
    return store;
}

std::expected<std::vector<Owned<X509>>, std::string> load_trust_store(
    const TrustStoreSettings& settings) {
    auto type = type_of(trust_names, settings.type);
    if (!type) return std::unexpected(type.error());
    std::vector<Owned<X509>> trusted;
    std::string where = "ssl.truststore.certificates";
    if (settings.location) where = fmt::format("{}: {}", trust_names.location, *settings.location);
    if (*type == "PEM") {
        if (settings.password)
            return wrong("ssl.truststore.password: a PEM trust store has none.");
        if (settings.location && settings.certificates)
            return wrong(
                "ssl.truststore.location: there is ssl.truststore.certificates too; keep one.");
        std::string pem = settings.certificates.value_or("");
        if (settings.location) {
            auto content = read_store(trust_names, *settings.location);
            if (!content) return std::unexpected(content.error());
            pem = std::move(*content);
        }
        trusted = certificates_in(pem);
    } else if (settings.certificates) {
        return wrong("ssl.truststore.certificates is PEM text; set ssl.truststore.type to PEM.");
    } else {
        auto opened = open_pkcs12(trust_names, *settings.location, settings.password);
        if (!opened) return std::unexpected(opened.error());
        trusted = std::move(opened->certificates);
    }
    if (trusted.empty()) return wrong("{}: there is no certificate in it.", where);
    return trusted;
}

}  // namespace stoker::security
