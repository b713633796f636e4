#include "security/certificate_authority.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/check.hpp"

namespace stoker::security {
namespace {

constexpr int version_3 = 2;
constexpr size_t serial_size = 16;

void add_name(X509_NAME* name, const char* type, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    STOKER_CHECK(X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, bytes, int(value.size()), -1,
                                            0) == 1,
                 "a name is made of text");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    STOKER_CHECK(extension != nullptr, "an extension is well formed");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

std::string alternative_names(const CertificateWish& wish) {
    std::string names;
    const auto add = [&](const char* kind, const std::string& value) {
        if (!names.empty()) names += ',';
        names += kind + value;
    };
    for (const std::string& name : wish.dns_names) add("DNS:", name);
    for (const std::string& address : wish.addresses) add("IP:", address);
    return names;
}

Identity unsigned_identity(const CertificateWish& wish) {
    Identity made{.key = Owned<EVP_PKEY>(EVP_EC_gen("P-256")),
                  .certificate = Owned<X509>(X509_new())};
    STOKER_CHECK(made.key && made.certificate, "OpenSSL makes keys");
    X509* certificate = made.certificate.get();
    X509_set_version(certificate, version_3);
    std::array<unsigned char, serial_size> serial{};
    STOKER_CHECK(RAND_bytes(serial.data(), int(serial.size())) == 1, "there is randomness");
    serial[0] &= 0x7f;
    BIGNUM* number = BN_bin2bn(serial.data(), int(serial.size()), nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    ASN1_TIME_set(X509_getm_notBefore(certificate), wish.valid_from_s);
    ASN1_TIME_set(X509_getm_notAfter(certificate), wish.valid_until_s);
    X509_NAME* name = X509_get_subject_name(certificate);
    for (const std::string& unit : wish.organizational_units) add_name(name, "OU", unit);
    add_name(name, "CN", wish.common_name);
    X509_set_pubkey(certificate, made.key.get());
    return made;
}

void sign(X509* certificate, EVP_PKEY* key) {
    STOKER_CHECK(X509_sign(certificate, key, EVP_sha256()) != 0, "OpenSSL signs");
}

template <class Write>
std::string pem(Write write) {
    const Owned<BIO> out(BIO_new(BIO_s_mem()));
    STOKER_CHECK(out && write(out.get()) == 1, "PEM is written to memory");
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<size_t>(size));
}

}  // namespace

std::string Identity::key_pem() const {
    return pem([&](BIO* out) {
        return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string Identity::certificate_pem() const {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

Identity make_authority(const CertificateWish& wish) {
    start_openssl();
    Identity made = unsigned_identity(wish);
    X509* certificate = made.certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
    sign(certificate, made.key.get());
    return made;
}

Identity issue(const Identity& authority, const CertificateWish& wish) {
    Identity made = unsigned_identity(wish);
    X509* certificate = made.certificate.get();
    X509* issuer = authority.certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    const std::string names = alternative_names(wish);
    if (!names.empty()) add_extension(certificate, issuer, NID_subject_alt_name, names);
    sign(certificate, authority.key.get());
    return made;
}

}  // namespace stoker::security
