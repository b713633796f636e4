#include "client/java_properties.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "security/jaas.hpp"

namespace stoker::client {
namespace {

using Properties = std::map<std::string, std::string>;

/// The same name and meaning on both sides.
constexpr auto common = std::to_array<std::string_view>({
    "acks", "auto.commit.interval.ms", "auto.offset.reset", "batch.size", "bootstrap.servers",
    "check.crcs", "client.id", "client.rack",
    "compression.type", "connections.max.idle.ms", "enable.auto.commit", "enable.idempotence",
    "fetch.max.bytes", "fetch.min.bytes", "group.id", "group.instance.id", "heartbeat.interval.ms",
    "isolation.level", "linger.ms", "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes", "max.poll.interval.ms", "metadata.max.age.ms",
    "reconnect.backoff.max.ms", "reconnect.backoff.ms", "request.timeout.ms", "retries",
    "retry.backoff.ms", "sasl.mechanism", "security.protocol", "session.timeout.ms",
    "transaction.timeout.ms", "transactional.id",
});

std::optional<std::string> get(const Properties& properties, const std::string& name) {
    const auto found = properties.find(name);
    return found == properties.end() ? std::nullopt : std::optional(found->second);
}

std::string type_of(const Properties& properties, const std::string& name) {
    std::string type = get(properties, name).value_or("JKS");
    std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::toupper(c); });
    return type;
}

std::unexpected<Error> wrong(std::string text) {
    return std::unexpected(Error{RD_KAFKA_RESP_ERR__INVALID_ARG, std::move(text)});
}

std::optional<Error> take_trust_store(const Properties& properties, Config& config) {
    const auto location = get(properties, "ssl.truststore.location");
    const auto text = get(properties, "ssl.truststore.certificates");
    if (!location && !text) return std::nullopt;
    if (type_of(properties, "ssl.truststore.type") != "PEM")
        return wrong("ssl.truststore.type: librdkafka trusts what is in PEM files only. Write " +
                     location.value_or("the store") +
                     " as one (`openssl pkcs12 -in STORE -nokeys -out ca.pem`), and set the type "
                     "to PEM.")
            .error();
    if (location) config.emplace_back("ssl.ca.location", *location);
    else config.emplace_back("ssl.ca.pem", *text);
    return std::nullopt;
}

/// The user and the password of sasl.jaas.config; librdkafka has properties of their own for them.
std::optional<Error> take_login(const Properties& properties, Config& config) {
    const auto jaas = get(properties, "sasl.jaas.config");
    if (!jaas) return std::nullopt;
    const auto entry = security::parse_jaas(*jaas);
    if (!entry) return wrong("sasl.jaas.config: " + entry.error()).error();
    if (entry->module == security::LoginModule::oauthbearer)
        return wrong("sasl.jaas.config: give PlainLoginModule or ScramLoginModule").error();
    config.emplace_back("sasl.username", entry->option("username").value_or(""));
    config.emplace_back("sasl.password", entry->option("password").value_or(""));
    return std::nullopt;
}

void take_key_store(const Properties& properties, Config& config) {
    const auto add = [&](const char* from, const char* to) {
        if (auto value = get(properties, from)) config.emplace_back(to, *value);
    };
    if (type_of(properties, "ssl.keystore.type") == "PEM") {
        add("ssl.keystore.location", "ssl.certificate.location");
        add("ssl.keystore.location", "ssl.key.location");
        add("ssl.keystore.certificate.chain", "ssl.certificate.pem");
        add("ssl.keystore.key", "ssl.key.pem");
        add("ssl.key.password", "ssl.key.password");
    } else {
        add("ssl.keystore.location", "ssl.keystore.location");
        add("ssl.keystore.password", "ssl.keystore.password");
    }
}

std::string in_kib(const std::string& bytes) {
    int64_t count = 0;
    const char* end = bytes.data() + bytes.size();
    if (std::from_chars(bytes.data(), end, count).ptr != end) return bytes;
    return std::to_string(std::max<int64_t>(count / 1024, 1));
}

}  // namespace

Config::value_type to_librdkafka(const std::string& name, const std::string& value) {
    if (name == "buffer.memory") return {"queue.buffering.max.kbytes", in_kib(value)};
    if (name == "max.request.size") return {"message.max.bytes", value};
    if (name == "fetch.max.wait.ms") return {"fetch.wait.max.ms", value};
    return {name, value};
}

Outcome<Config> from_java(const Properties& properties) {
    Config config;
    for (const auto& [name, value] : properties) {
        auto translated = to_librdkafka(name, value);
        if (translated.first != name || std::ranges::find(common, name) != common.end())
            config.push_back(std::move(translated));
    }
    std::string protocol = get(properties, "security.protocol").value_or("PLAINTEXT");
    std::ranges::transform(protocol, protocol.begin(),
                           [](unsigned char c) { return std::toupper(c); });
    if (protocol.starts_with("SASL_"))
        if (auto error = take_login(properties, config)) return std::unexpected(*error);
    if (!protocol.ends_with("SSL")) return config;
    if (auto error = take_trust_store(properties, config)) return std::unexpected(*error);
    take_key_store(properties, config);
    const bool checks_host =
        !get(properties, "ssl.endpoint.identification.algorithm").value_or("https").empty();
    config.emplace_back("ssl.endpoint.identification.algorithm", checks_host ? "https" : "none");
    return config;
}

}  // namespace stoker::client
