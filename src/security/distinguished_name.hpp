// A certificate's name as Java's X500Principal.getName() writes it: RFC 2253, the last RDN first.
// Principals are made of it, so ACLs and super.users that were written for Apache Kafka still fit.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace stoker::security {

/// "CN=Duke,OU=Java,O=Oracle,C=US". Attributes that RFC 2253 has no keyword for are written as
/// their OID and "#" with the hexadecimal DER of the value.
std::string distinguished_name(const X509_NAME* name);

}  // namespace stoker::security
