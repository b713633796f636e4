// OpenSSL's objects with owners, and its errors as clauses.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace stoker::security {

struct OpensslFree {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
    void operator()(ASN1_OCTET_STRING* bytes) const { ASN1_OCTET_STRING_free(bytes); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(PKCS12* store) const { PKCS12_free(store); }
    void operator()(SSL* connection) const { SSL_free(connection); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};
template <class T>
using Owned = std::unique_ptr<T, OpensslFree>;

/// Reads OpenSSL's tables once, without the machine's openssl.cnf, so that a broker does the same
/// everywhere. Before anything else of OpenSSL; a process without TLS never calls it.
void start_openssl();

/// What OpenSSL says about this thread's last failure, as a clause; its queue is empty afterwards.
std::string openssl_error();

/// A BIO that reads from `text`, which outlives it.
Owned<BIO> reading(std::string_view text);

}  // namespace stoker::security
