// A librdkafka configuration as plain pairs of text, and the part of it that every program shares:
// where the cluster is and how to prove who we are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/error.hpp"

namespace stoker::client {

/// Property and value, in librdkafka's names. Later entries win.
using Config = std::vector<std::pair<std::string, std::string>>;

/// Empty text means "not given".
struct Security {
    std::string protocol = "PLAINTEXT";  ///< PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
    std::string mechanism = "PLAIN";     ///< PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
    std::string username;
    std::string password;
    std::string ssl_ca_file;
    std::string ssl_certificate_file;
    std::string ssl_key_file;
    std::string ssl_key_password;
    bool verify_certificates = true;

    bool uses_sasl() const { return protocol.starts_with("SASL_"); }
    bool uses_tls() const { return protocol.ends_with("SSL"); }
};

/// The properties that say where and who; nothing of SASL or TLS unless the protocol has it.
Config connection_config(const std::string& bootstrap_servers, const Security& security);

/// A configuration object of librdkafka, which the caller owns (rd_kafka_new takes it over).
/// Nagle's algorithm is off, unless `config` has socket.nagle.disable.
/// A property that librdkafka refuses is an error whose text names it, never its value if secret.
Outcome<rd_kafka_conf_t*> make_conf(const Config& config);

}  // namespace stoker::client
