#include "load/bomber_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"

namespace stoker::load {

namespace {

constexpr int64_t topics_max = 1'000;
constexpr int64_t threads_max = 256;
constexpr int64_t rate_max = 10'000'000;
constexpr double minutes_max = 60.0 * 24 * 365;
constexpr int64_t delay_ms_max = 60'000;
/// Leaves room in the largest request (1 MiB) for the batch and its headers.
constexpr int64_t message_kb_max = 1'000;
constexpr size_t topic_name_max = 249;

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
}

void declare_common(LayeredOptions& options) {
    declare_connection(options);
    options.declare({"--topic-prefix", "KAFKA_TOPIC_PREFIX",
                     "Topics are PREFIX.generated-data-NN.json", "test-prometheus"});
    options.declare({"--num-topics", "KAFKA_NUM_TOPICS", "Number of topics", "10"});
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
    options.declare({.flags = "--verbose",
                     .variable = "KAFKA_VERBOSE",
                     .help = "Say more",
                     .takes_value = false});
}

void take_connection(const LayeredOptions& options, BomberOptions& result) {
    result.bootstrap_servers = options.text("--bootstrap-servers");
    if (result.bootstrap_servers.empty())
        throw UsageError(
            "no Kafka servers: give --bootstrap-servers HOST:PORT or set "
            "KAFKA_BOOTSTRAP_SERVERS");
    client::Security& security = result.security;
    security.protocol =
        options.choice("--security-protocol", {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"});
    security.mechanism =
        options.choice("--sasl-mechanism", {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"});
    security.username = options.text("--username");
    security.password = options.text("--password");
    if (security.uses_sasl() && (security.username.empty() || security.password.empty()))
        throw UsageError(fmt::format(
            "{} needs a user and a password: give --username and --password, set KAFKA_USERNAME "
            "and KAFKA_PASSWORD, or choose --security-protocol PLAINTEXT",
            security.protocol));
    security.ssl_ca_file = options.text("--ssl-cafile");
    security.ssl_certificate_file = options.text("--ssl-certfile");
    security.ssl_key_file = options.text("--ssl-keyfile");
    security.ssl_key_password = options.text("--ssl-password");
    security.verify_certificates = !options.truth("--ssl-insecure");
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
    result.topic_prefix = options.text("--topic-prefix");
    check_prefix(result.topic_prefix);
    result.num_topics = int(options.whole("--num-topics", 1, topics_max));
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
    result.warnings = options.warnings();
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
    options.declare({"--message-size-kb", "", "Pad messages to this many KiB", ""});
    if (auto exit = options.parse(argc, argv, std::move(environment)))
        return std::unexpected(*exit);
    return taken(program, [&] {
        ProducerOptions result;
        take_common(options, result);
        result.messages_per_second = options.whole("--messages-per-second", 1, rate_max);
        result.num_threads = int(options.whole("--num-threads", 1, threads_max));
        if (options.given("--message-size-kb"))
            result.message_size_kb = int(options.whole("--message-size-kb", 1, message_kb_max));
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
