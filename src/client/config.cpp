#include "client/config.hpp"

#include <array>

namespace stoker::client {

namespace {

bool is_secret(const std::string& property) {
    return property.find("password") != std::string::npos;
}

void add_given(Config& config, const char* property, const std::string& value) {
    if (!value.empty()) config.emplace_back(property, value);
}

}  // namespace

Config connection_config(const std::string& bootstrap_servers, const Security& security) {
    Config config{{"bootstrap.servers", bootstrap_servers},
                  {"security.protocol", security.protocol},
                  // A broker that was restarted is back in use within a second, not in ten.
                  {"reconnect.backoff.max.ms", "1000"}};
    if (security.uses_sasl()) {
        config.emplace_back("sasl.mechanism", security.mechanism);
        add_given(config, "sasl.username", security.username);
        add_given(config, "sasl.password", security.password);
    }
    if (security.uses_tls()) {
        add_given(config, "ssl.ca.location", security.ssl_ca_file);
        add_given(config, "ssl.certificate.location", security.ssl_certificate_file);
        add_given(config, "ssl.key.location", security.ssl_key_file);
        add_given(config, "ssl.key.password", security.ssl_key_password);
        const char* verify = security.verify_certificates ? "true" : "false";
        config.emplace_back("enable.ssl.certificate.verification", verify);
        // Off by default before librdkafka 2: a certificate of another host must not do.
        config.emplace_back("ssl.endpoint.identification.algorithm",
                            security.verify_certificates ? "https" : "none");
    }
    return config;
}

Outcome<rd_kafka_conf_t*> make_conf(const Config& config) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 512> text{};
    // As the clients of Java and Python have it. librdkafka writes a request to TLS in pieces, of
    // which Nagle's algorithm holds the last one back until the broker's acknowledgement comes:
    // 40 ms each time.
    rd_kafka_conf_set(conf, "socket.nagle.disable", "true", text.data(), text.size());
    for (const auto& [property, value] : config) {
        auto result =
            rd_kafka_conf_set(conf, property.c_str(), value.c_str(), text.data(), text.size());
        if (result == RD_KAFKA_CONF_OK) continue;
        rd_kafka_conf_destroy(conf);
        Error error{RD_KAFKA_RESP_ERR__INVALID_ARG, text.data()};
        if (is_secret(property)) error.text = "the value of " + property + " is not accepted";
        return std::unexpected(error);
    }
    return conf;
}

}  // namespace stoker::client
