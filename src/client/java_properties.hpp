// A client's properties under Java's names as a configuration of librdkafka: what is in a
// --command-config file works for programs on either library.
#pragma once

#include <map>
#include <string>

#include "client/config.hpp"

namespace stoker::client {

/// security.protocol, sasl.jaas.config and ssl.* are translated: PEM files and texts, PKCS12 key
/// stores, the login modules with a user and a password. Names that both libraries have go through
/// as they are; those that only Java knows are left out. The error is a sentence that names the
/// property, and no value of it.
Outcome<Config> from_java(const std::map<std::string, std::string>& properties);

/// The setting under librdkafka's name, where that is another than Java's and the meaning is the
/// same; otherwise as it is.
Config::value_type to_librdkafka(const std::string& name, const std::string& value);

}  // namespace stoker::client
