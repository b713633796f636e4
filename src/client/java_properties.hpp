// A client's properties under Java's names as a configuration of librdkafka: what is in a
// --command-config file works for programs on either library.
#pragma once

#include <map>
#include <string>

#include "client/config.hpp"

namespace stoker::client {

/// security.protocol and ssl.* are translated: PEM files and texts, PKCS12 key stores. Names that
/// both libraries have go through as they are; those that only Java knows are left out. The error
/// is a sentence that names the property.
Outcome<Config> from_java(const std::map<std::string, std::string>& properties);

}  // namespace stoker::client
