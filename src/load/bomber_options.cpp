#include "load/bomber_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "base/random.hpp"
#include "client/java_properties.hpp"
#include "load/message_generator.hpp"
#include "storage/properties_file.hpp"

namespace stoker::load {

namespace {

constexpr int64_t topics_max = 1'000;
constexpr int64_t threads_max = 256;
constexpr int64_t rate_max = 10'000'000;
constexpr double minutes_max = 60.0 * 24 * 365;
constexpr int64_t delay_ms_max = 60'000;
constexpr int64_t retries_max = 1'000'000;
constexpr int64_t request_max_default = 1'048'576;
/// What a request needs beside the one message: the batch, the key, headers.
constexpr int64_t request_overhead_max = 24'576;
constexpr double message_kb_max = 1'000'000;
constexpr size_t topic_name_max = 249;
constexpr int32_t partition_max = 9'999;
constexpr size_t properties_file_max = 1 << 20;

void declare_connection(LayeredOptions& options) {
    options.declare({"--bootstrap-servers,--bootstrap-server", "KAFKA_BOOTSTRAP_SERVERS",
                     "Kafka servers, separated by commas", ""});
    options.declare({"--username", "KAFKA_USERNAME", "SASL user name", ""});
    options.declare({"--password", "KAFKA_PASSWORD", "SASL password", ""});
    options.declare({"--security-protocol", "KAFKA_SECURITY_PROTOCOL",
                     "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", "SASL_SSL"});
    options.declare({"--sasl-mechanism", "KAFKA_SASL_MECHANISM",
                     "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", "PLAIN"});
    options.declare({"--ssl-cafile", "KAFKA_SSL_CAFILE", "Certificates to trust, PEM", ""});
    options.declare({"--ssl-certfile", "KAFKA_SSL_CERTFILE", "Our certificate, PEM", ""});
    options.declare({"--ssl-keyfile", "KAFKA_SSL_KEYFILE", "Our private key, PEM", ""});
    options.declare({"--ssl-password", "KAFKA_SSL_PASSWORD", "Password of the private key", ""});
    options.declare({.flags = "--ssl-insecure",
                     .help = "Do not check the servers' certificates",
                     .takes_value = false});
    options.declare({"--command-config", "",
                     "A client's properties file, under Java's names; the command line wins over "
                     "it, and it over variables",
                     ""});
    options.declare({"--max-retries", "",
                     "How often to try to reach the servers; 0: without end. A refused password "
                     "ends at once",
                     "5"});
}

void declare_common(LayeredOptions& options) {
    declare_connection(options);
    options.declare({"--config", "",
                     "YAML: templates and ranges of messages, thresholds, settings of the client "
                     "(docs/bombers.md)",
                     ""});
    options.declare({"--topic-prefix", "KAFKA_TOPIC_PREFIX",
                     "Topics are PREFIX.generated-data-NN.json", "test-prometheus"});
    options.declare({"--num-topics", "KAFKA_NUM_TOPICS", "Number of topics", "10"});
    options.declare({"--partitions", "",
                     "Only these partitions of each topic, like 0,2,5-7 (without it: by key; as "
                     "the group deals them out)",
                     ""});
    options.declare({"--duration-minutes", "KAFKA_DURATION_MINUTES",
                     "How long to run, in minutes; fractions are fine", "60"});
    options.declare({"--duration-seconds", "", "How long to run, in seconds", ""});
    options.declare({"--seed", "", "Number from which everything random follows", ""});
    options.declare({.flags = "--verify",
                     .help = "Account for every message: the producer numbers them in a header, "
                             "the consumer looks for gaps and duplicates",
                     .takes_value = false});
    options.declare({.flags = "--json",
                     .help = "End with one line of JSON: the final figures",
                     .takes_value = false});
    options.declare({"--progress", "", "With \"json\": one line of JSON a second, no reports", ""});
    options.declare({"--metrics-port", "",
                     "Serve Prometheus the clients' figures at http://127.0.0.1:PORT/metrics; 0: "
                     "any port",
                     ""});
    options.declare({.flags = "--verbose",
                     .variable = "KAFKA_VERBOSE",
                     .help = "Say more",
                     .takes_value = false});
}

std::string text_of_file(const std::string& path, size_t size_max, const char* option) {
    std::ifstream file(path, std::ios::binary);
    std::string text(size_max + 1, '\0');
    file.read(text.data(), std::streamsize(text.size()));
    text.resize(size_t(file.gcount()));
    if (text.size() > size_max)
        throw UsageError(fmt::format("{}: {} has more than {} bytes", option, path, size_max));
    return text;
}

/// Takes a property out of `config`; the last one of its name counts.
std::string take(client::Config& config, const std::string& name) {
    std::string value;
    for (auto& [key, text] : config)
        if (key == name) value = text;
    std::erase_if(config, [&](auto& entry) { return entry.first == name; });
    return value;
}

/// The file's properties where the command line says nothing else; what is left is for the client.
void take_command_config(const LayeredOptions& options, BomberOptions& result) {
    const std::string path = options.readable_file("--command-config");
    if (path.empty()) return;
    auto parsed =
        storage::parse_properties(text_of_file(path, properties_file_max, "--command-config"));
    if (!parsed) throw UsageError(fmt::format("{}: {}", path, parsed.error()));
    std::map<std::string, std::string> properties;
    for (auto& [name, value] : parsed->entries()) properties[name] = value;
    auto config = client::from_java(properties);
    if (!config) throw UsageError(fmt::format("{}: {}", path, config.error().text));
    client::Security& security = result.security;
    const auto replace = [&](const char* flag, const char* name, std::string& value) {
        std::string given = take(*config, name);
        if (!given.empty() && !options.given_on_command_line(flag)) value = given;
    };
    replace("--bootstrap-servers", "bootstrap.servers", result.bootstrap_servers);
    replace("--security-protocol", "security.protocol", security.protocol);
    replace("--sasl-mechanism", "sasl.mechanism", security.mechanism);
    replace("--username", "sasl.username", security.username);
    replace("--password", "sasl.password", security.password);
    replace("--ssl-cafile", "ssl.ca.location", security.ssl_ca_file);
    replace("--ssl-certfile", "ssl.certificate.location", security.ssl_certificate_file);
    replace("--ssl-keyfile", "ssl.key.location", security.ssl_key_file);
    replace("--ssl-password", "ssl.key.password", security.ssl_key_password);
    std::ranges::transform(security.protocol, security.protocol.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    result.command_config = std::move(*config);
    result.java_properties = std::move(properties);
}

/// The credentials that are missing are named with all three places where they may be.
void check_credentials(const client::Security& security) {
    if (!security.uses_sasl()) return;
    std::vector<std::string> options;
    std::vector<std::string> variables;
    const auto need = [&](const std::string& value, const char* option, const char* variable) {
        if (!value.empty()) return;
        options.emplace_back(option);
        variables.emplace_back(variable);
    };
    need(security.username, "--username", "KAFKA_USERNAME");
    need(security.password, "--password", "KAFKA_PASSWORD");
    if (options.empty()) return;
    const std::string names = fmt::format("{}", fmt::join(variables, " and "));
    throw UsageError(
        fmt::format("{} needs a user and a password: give {}, set {}, or write {}= into .env; or "
                    "choose --security-protocol PLAINTEXT or SSL",
                    security.protocol, fmt::join(options, " and "), names,
                    fmt::join(variables, "= and ")));
}

void take_connection(const LayeredOptions& options, BomberOptions& result) {
    result.bootstrap_servers = options.text("--bootstrap-servers");
    client::Security& security = result.security;
    security.protocol =
        options.choice("--security-protocol", {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"});
    security.mechanism =
        options.choice("--sasl-mechanism", {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"});
    security.username = options.text("--username");
    security.password = options.text("--password");
    security.ssl_ca_file = options.readable_file("--ssl-cafile");
    security.ssl_certificate_file = options.readable_file("--ssl-certfile");
    security.ssl_key_file = options.readable_file("--ssl-keyfile");
    security.ssl_key_password = options.text("--ssl-password");
    security.verify_certificates = !options.truth("--ssl-insecure");
    take_command_config(options, result);
    if (result.bootstrap_servers.empty())
        throw UsageError(
            "no Kafka servers: give --bootstrap-servers HOST:PORT, set KAFKA_BOOTSTRAP_SERVERS, "
            "or write KAFKA_BOOTSTRAP_SERVERS=HOST:PORT into .env");
    check_credentials(security);
}

void take_config(const LayeredOptions& options, BomberOptions& result) {
    result.config = specified_config();
    const std::string path = options.readable_file("--config");
    if (!path.empty()) {
        auto config = parse_bomber_config(text_of_file(path, config_file_max, "--config"), path);
        if (!config) throw UsageError(config.error());
        result.config = std::move(*config);
    }
    if (options.given("--max-retries"))
        result.config.retry.attempts_max = int(options.whole("--max-retries", 0, retries_max));
}

std::chrono::nanoseconds duration_of(const LayeredOptions& options) {
    bool minutes = options.given_on_command_line("--duration-minutes");
    bool seconds = options.given_on_command_line("--duration-seconds");
    if (minutes && seconds)
        throw UsageError("give --duration-minutes or --duration-seconds, not both");
    double length_s = seconds ? options.decimal("--duration-seconds", 0, minutes_max * 60)
                              : options.decimal("--duration-minutes", 0, minutes_max) * 60;
    return std::chrono::nanoseconds(int64_t(length_s * 1e9));
}

/// "0,2,5-7", sorted and each one once.
std::vector<int32_t> partitions_of(const std::string& text) {
    const auto refuse = [&] {
        throw UsageError(
            fmt::format("--partitions is \"{}\": give numbers from 0 to {}, like 0,2,5-7", text,
                        partition_max));
    };
    const auto number = [&](std::string_view digits) {
        int32_t value = -1;
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size()) refuse();
        if (value < 0 || value > partition_max) refuse();
        return value;
    };
    std::vector<int32_t> result;
    std::string_view rest = text;
    for (bool more = true; more;) {
        const size_t comma = rest.find(',');
        const std::string_view part = rest.substr(0, comma);
        const size_t dash = part.find('-');
        const int32_t low = number(part.substr(0, dash));
        const int32_t high = dash == std::string_view::npos ? low : number(part.substr(dash + 1));
        if (low > high) refuse();
        for (int32_t partition = low; partition <= high; ++partition) result.push_back(partition);
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);
    }
    std::ranges::sort(result);
    result.erase(std::ranges::unique(result).begin(), result.end());
    return result;
}

void check_prefix(const std::string& prefix) {
    auto is_legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    constexpr size_t rest = std::string_view(".generated-data-1000.json").size();
    if (!std::ranges::all_of(prefix, is_legal) || prefix.size() + rest > topic_name_max)
        throw UsageError(fmt::format(
            "--topic-prefix is \"{}\": give at most {} letters, digits, dots, dashes and "
            "underscores",
            prefix, topic_name_max - rest));
}

void take_common(const LayeredOptions& options, BomberOptions& result) {
    take_connection(options, result);
    take_config(options, result);
    result.topic_prefix = options.text("--topic-prefix");
    check_prefix(result.topic_prefix);
    result.num_topics = int(options.whole("--num-topics", 1, topics_max));
    if (options.given("--partitions"))
        result.partitions = partitions_of(options.text("--partitions"));
    result.duration = duration_of(options);
    result.seed = options.given("--seed") ? uint64_t(options.whole("--seed", 0, INT64_MAX))
                                          : Random().next() >> 1;
    result.verbose = options.truth("--verbose");
    result.json = options.truth("--json");
    if (options.given("--progress")) {
        options.choice("--progress", {"json"});
        result.progress = true;
    }
    result.verify = options.truth("--verify");
    if (options.given("--metrics-port"))
        result.metrics_port = uint16_t(options.whole("--metrics-port", 0, UINT16_MAX));
    result.warnings = options.warnings();
}

/// Exactly so many bytes have to be possible for every message, and to fit in a request.
size_t message_size_of(const LayeredOptions& options, const ProducerOptions& result) {
    const double kb = options.decimal("--message-size-kb", 0, message_kb_max);
    const auto size = int64_t(std::llround(kb * 1024));
    const auto least = int64_t(MessageGenerator(0, 0, result.config.templates).size_max());
    int64_t request_max = request_max_default;
    for (auto& [name, value] : result.config.producer)
        if (name == "message.max.bytes")
            std::from_chars(value.data(), value.data() + value.size(), request_max);
    if (size < least)
        throw UsageError(
            fmt::format("--message-size-kb is {}: the longest of these messages needs {:.3f}", kb,
                        std::ceil(double(least) / 1.024) / 1000));
    if (size > request_max - request_overhead_max)
        throw UsageError(
            fmt::format("--message-size-kb is {}: a request holds {} bytes: give at most {}, or "
                        "a larger max_request_size (--config)",
                        kb, request_max, (request_max - request_overhead_max) / 1024));
    return size_t(size);
}

/// Turns a UsageError of `take` into what the program prints and returns.
template <class Take>
auto taken(const char* program, Take take) -> std::expected<decltype(take()), EarlyExit> {
    try {
        return take();
    } catch (const UsageError& error) {
        return std::unexpected(
            EarlyExit{.code = 2, .error = fmt::format("{}: {}\n", program, error.what())});
    }
}

}  // namespace
std::vector<std::string> BomberOptions::topics() const {
    std::vector<std::string> names;
    for (int i = 1; i <= num_topics; ++i)
        names.push_back(fmt::format("{}.generated-data-{:02}.json", topic_prefix, i));
    return names;
}

std::expected<ProducerOptions, EarlyExit> parse_producer_options(int argc, const char* const* argv,
                                                                 Environment environment) {
    constexpr const char* program = "producer-bomber";
    LayeredOptions options(program, "Sends random JSON messages to several Kafka topics.");
    declare_common(options);
    options.declare({"--messages-per-second", "KAFKA_MESSAGES_PER_SECOND",
                     "Messages a second, of all threads together", "1000"});
    options.declare({"--num-threads", "KAFKA_NUM_THREADS", "Number of producers", "5"});
    options.declare({"--message-size-kb", "",
                     "Pad every message to exactly this many KiB; fractions are fine", ""});
    options.declare({"--num-partitions", "",
                     "Make the topics that are missing, with so many partitions", ""});
    if (auto exit = options.parse(argc, argv, std::move(environment)))
        return std::unexpected(*exit);
    return taken(program, [&] {
        ProducerOptions result;
        take_common(options, result);
        result.messages_per_second = options.whole("--messages-per-second", 1, rate_max);
        result.num_threads = int(options.whole("--num-threads", 1, threads_max));
        if (options.given("--message-size-kb"))
            result.message_size = message_size_of(options, result);
        if (options.given("--num-partitions"))
            result.num_partitions = int(options.whole("--num-partitions", 1, partition_max + 1));
        return result;
    });
}

std::expected<ConsumerOptions, EarlyExit> parse_consumer_options(int argc, const char* const* argv,
                                                                 Environment environment) {
    constexpr const char* program = "consumer-bomber";
    LayeredOptions options(program, "Consumes and processes JSON messages of several topics.");
    declare_common(options);
    options.declare(
        {"--consumer-group", "KAFKA_CONSUMER_GROUP", "Consumer group", "prometheus-test-group"});
    options.declare({"--num-consumers", "KAFKA_NUM_CONSUMERS", "Number of consumers", "1"});
    options.declare({"--auto-offset-reset", "KAFKA_AUTO_OFFSET_RESET",
                     "Where to begin without a committed offset: earliest or latest", "earliest"});
    options.declare({"--processing-delay-ms", "",
                     "Time that processing a message takes, instead of 1 to 50 ms at random", ""});
    if (auto exit = options.parse(argc, argv, std::move(environment)))
        return std::unexpected(*exit);
    return taken(program, [&] {
        ConsumerOptions result;
        take_common(options, result);
        result.consumer_group = options.text("--consumer-group");
        result.num_consumers = int(options.whole("--num-consumers", 1, threads_max));
        result.auto_offset_reset = options.choice("--auto-offset-reset", {"earliest", "latest"});
        if (options.given("--processing-delay-ms"))
            result.processing_delay =
                std::chrono::milliseconds(options.whole("--processing-delay-ms", 0, delay_ms_max));
        return result;
    });
}

}  // namespace stoker::load
