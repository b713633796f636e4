#include "load/consumer_settings.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "kafka/consumer_settings.hpp"

namespace stoker::load {
namespace {

constexpr auto settable = std::to_array<std::string_view>({
    "allow.auto.create.topics", "auto.commit.interval.ms", "auto.offset.reset", "check.crcs",
    "client.id", "client.rack", "default.api.timeout.ms", "enable.auto.commit",
    "exclude.internal.topics", "fetch.max.bytes", "fetch.max.wait.ms", "fetch.min.bytes",
    "group.id", "group.instance.id", "group.protocol", "group.remote.assignor",
    "heartbeat.interval.ms", "isolation.level", "max.partition.fetch.bytes",
    "max.poll.interval.ms", "metadata.max.age.ms", "partition.assignment.strategy",
    "receive.buffer.bytes", "reconnect.backoff.max.ms", "reconnect.backoff.ms",
    "request.timeout.ms", "retry.backoff.max.ms", "retry.backoff.ms", "send.buffer.bytes",
    "session.timeout.ms", "socket.connection.setup.timeout.ms",
});

struct OtherName {
    std::string_view librdkafka;
    std::string_view java;
};
constexpr auto other_names = std::to_array<OtherName>({
    {"fetch.message.max.bytes", "max.partition.fetch.bytes"},
    {"fetch.wait.max.ms", "fetch.max.wait.ms"},
    {"socket.receive.buffer.bytes", "receive.buffer.bytes"},
    {"socket.send.buffer.bytes", "send.buffer.bytes"},
    {"socket.timeout.ms", "request.timeout.ms"},
    {"topic.metadata.refresh.interval.ms", "metadata.max.age.ms"},
});

struct Assignor {
    std::string_view name;
    std::string_view java;
};
constexpr auto assignors = std::to_array<Assignor>({
    {"range", "org.apache.kafka.clients.consumer.RangeAssignor"},
    {"roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor"},
    {"cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"},
});

/// "roundrobin,range" as Java's classes.
std::string classes_of(std::string text) {
    std::string classes;
    kafka::ClientProperties list;
    list.set("names", std::move(text));
    for (const std::string& name : list.get_list("names")) {
        const auto found = std::ranges::find(assignors, name, &Assignor::name);
        if (!classes.empty()) classes += ",";
        classes += found == assignors.end() ? name : std::string(found->java);
    }
    return classes;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '\n') result += "\\n";
        else if (c == '\r') result += "\\r";
        else if (c == '"' || c == '\\') (result += '\\') += c;
        else result += c;
    }
    return result + "\"";
}

std::string jaas_of(const client::Security& security) {
    const bool plain = security.mechanism == "PLAIN";
    return std::string("org.apache.kafka.common.security.") +
           (plain ? "plain.PlainLoginModule" : "scram.ScramLoginModule") +
           " required username=" + quoted(security.username) +
           " password=" + quoted(security.password) + ";";
}

std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) throw std::runtime_error(path + " cannot be read");
    return text;
}

/// What the options say wins over the same in the properties' file.
void take_tls(const client::Security& security, kafka::ClientProperties& properties) {
    if (!security.ssl_ca_file.empty()) {
        properties.erase("ssl.truststore.certificates");
        properties.erase("ssl.truststore.password");
        properties.set("ssl.truststore.type", "PEM");
        properties.set("ssl.truststore.location", security.ssl_ca_file);
    }
    const std::string& key_file =
        security.ssl_key_file.empty() ? security.ssl_certificate_file : security.ssl_key_file;
    if (!security.ssl_certificate_file.empty()) {
        properties.erase("ssl.keystore.location");
        properties.erase("ssl.keystore.password");
        properties.set("ssl.keystore.type", "PEM");
        properties.set("ssl.keystore.certificate.chain",
                       text_of_file(security.ssl_certificate_file));
        properties.set("ssl.keystore.key", text_of_file(key_file));
    }
    if (!security.ssl_key_password.empty())
        properties.set("ssl.key.password", security.ssl_key_password);
    if (!security.verify_certificates)
        properties.set("enable.ssl.certificate.verification", "false");
}

}  // namespace

std::expected<client::Config::value_type, std::string> consumer_setting(const std::string& name,
                                                                        const std::string& value) {
    const auto other = std::ranges::find(other_names, name, &OtherName::librdkafka);
    client::Config::value_type setting{
        other == other_names.end() ? name : std::string(other->java), value};
    if (std::ranges::find(settable, setting.first) == settable.end())
        return std::unexpected("a consumer has no such setting");
    if (setting.first == "partition.assignment.strategy") setting.second = classes_of(value);
    kafka::ClientProperties alone;
    alone.set(setting.first, setting.second);
    if (auto read = kafka::read_consumer_settings(alone); !read)
        return std::unexpected(read.error().text());
    return setting;
}

kafka::ClientProperties consumer_properties(const ConsumerOptions& options) {
    kafka::ClientProperties properties({
        {"client.id", "consumer-bomber"},
        {"group.id", options.consumer_group},
        {"auto.offset.reset", options.auto_offset_reset},
        {"allow.auto.create.topics", "false"},
        {"enable.auto.commit", "true"},
        {"auto.commit.interval.ms", "1000"},
        {"session.timeout.ms", "30000"},
        {"heartbeat.interval.ms", "3000"},
        {"max.poll.interval.ms", "300000"},
        {"fetch.min.bytes", "1"},
        {"fetch.max.wait.ms", "500"},
        {"max.partition.fetch.bytes", "1048576"},
        {"check.crcs", "true"},
        {"partition.assignment.strategy", classes_of("roundrobin,range")},
        {"metadata.max.age.ms", "1300"},
    });
    for (const auto& [name, value] : options.config.consumer) properties.set(name, value);
    for (const auto& [name, value] : options.java_properties) properties.set(name, value);
    properties.set("bootstrap.servers", options.bootstrap_servers);
    properties.set("security.protocol", options.security.protocol);
    if (options.security.uses_sasl()) {
        properties.set("sasl.mechanism", options.security.mechanism);
        properties.set("sasl.jaas.config", jaas_of(options.security));
    }
    if (options.security.uses_tls()) take_tls(options.security, properties);
    return properties;
}

}  // namespace stoker::load
