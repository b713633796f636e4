#include "cli/producer_perf_options.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/random.hpp"
#include "cli/argparse.hpp"
#include "cli/failures.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

using argparse::Argument;
using argparse::Type;
using kafka::ClientProperties;
using kafka::KafkaException;

constexpr int64_t default_transaction_ms = 3000;

struct Arguments {
    argparse::Parser parser{"kafka-producer-perf-test"};
    argparse::Group& payload = parser.add_group(true);
    const Argument& bootstrap_server =
        parser.add({"--bootstrap-server"}, "The servers to connect to first.")
            .metavar("BOOTSTRAP-SERVER");
    const Argument& topic =
        parser.add({"--topic"}, "The topic to send to.").required().metavar("TOPIC");
    const Argument& records = parser.add({"--num-records"}, "How many records to send.")
                                  .required()
                                  .type(Type::int64)
                                  .metavar("NUM-RECORDS");
    const Argument& record_size =
        payload.add({"--record-size"}, "Bytes of a record, which are random letters.")
            .type(Type::int32)
            .metavar("RECORD-SIZE");
    const Argument& payload_file =
        payload.add({"--payload-file"}, "A file of payloads, of which random ones are sent.")
            .metavar("PAYLOAD-FILE");
    const Argument& payload_monotonic =
        payload.add({"--payload-monotonic"}, "Sends the numbers from 0.").store_true();
    const Argument& payload_delimiter =
        parser.add({"--payload-delimiter"}, "What stands between the payloads of the file.")
            .metavar("PAYLOAD-DELIMITER")
            .defaults_to("\\n");
    const Argument& throughput =
        parser.add({"--throughput"}, "Records a second at most, on average; -1 for no limit.")
            .required()
            .type(Type::float64)
            .metavar("THROUGHPUT");
    const Argument& producer_props =
        parser.add({"--producer-props"}, "(DEPRECATED) As --command-property.")
            .one_or_more()
            .metavar("PROP-NAME=PROP-VALUE");
    const Argument& command_property =
        parser.add({"--command-property"}, "Settings of the producer, like linger.ms=10.")
            .one_or_more()
            .metavar("PROP-NAME=PROP-VALUE");
    const Argument& producer_config =
        parser.add({"--producer.config"}, "(DEPRECATED) As --command-config.")
            .metavar("CONFIG-FILE");
    const Argument& command_config =
        parser.add({"--command-config"}, "A properties file of the producer.")
            .metavar("CONFIG-FILE");
    const Argument& print_metrics =
        parser.add({"--print-metrics"}, "Prints the producer's metrics at the end.").store_true();
    const Argument& transactional_id =
        parser.add({"--transactional-id"}, "Sends in transactions of this id.")
            .metavar("TRANSACTIONAL-ID");
    const Argument& transaction_duration =
        parser.add({"--transaction-duration-ms"}, "How long a transaction lasts; 3000 if not set.")
            .type(Type::int64)
            .metavar("TRANSACTION-DURATION");
    const Argument& warmup_records =
        parser.add({"--warmup-records"}, "How many records do not count for the steady state.")
            .type(Type::int64)
            .metavar("WARMUP-RECORDS")
            .defaults_to("0");
    const Argument& reporting_interval =
        parser.add({"--reporting-interval"}, "How often to print what was sent since, in ms.")
            .type(Type::int64)
            .metavar("INTERVAL-MS")
            .defaults_to("5000");

    Arguments() {
        parser.description(
            "Measures how fast a producer is. --transactional-id or --transaction-duration-ms "
            "make it send in transactions.");
    }
};

class Reader {
public:
    /// A ParseError points into `a`, which outlives the reader.
    Reader(const Arguments& a, const Args& args, Streams& io, const ClientProperties* more)
        : io_(io), a_(a), more_(more), given_(a.parser.parse(args, io)) {}

    ProducerPerfOptions read() {
        check();
        ProducerPerfOptions options{
            .topic = *given_.text(a_.topic),
            .records = *given_.number(a_.records),
            .warmup_records = std::max<int64_t>(*given_.number(a_.warmup_records), 0),
            .reporting_interval_ms = *given_.number(a_.reporting_interval),
            .throughput = *given_.real(a_.throughput),
            .prints_metrics = given_.given(a_.print_metrics),
            .is_monotonic = given_.given(a_.payload_monotonic),
        };
        if (given_.given(a_.record_size)) {
            options.record_size = int32_t(*given_.number(a_.record_size));
        }
        read_payloads(options);
        read_producer(options);
        return options;
    }

private:
    void refuse_if(bool wrong, std::string why) const {
        if (wrong) throw argparse::ParseError{&a_.parser, std::move(why)};
    }

    void check() const {
        const int64_t records = *given_.number(a_.records);
        refuse_if(records <= 0, "--num-records should be greater than zero.");
        refuse_if(*given_.number(a_.warmup_records) >= records,
                  "The value for --warmup-records must be strictly fewer than the number of "
                  "records in the test, --num-records.");
        refuse_if(given_.given(a_.record_size) && *given_.number(a_.record_size) <= 0,
                  "--record-size should be greater than zero.");
        const bool properties = given_.given(a_.command_property);
        const bool props = given_.given(a_.producer_props);
        const bool old_file = given_.given(a_.producer_config);
        const bool file = given_.given(a_.command_config);
        refuse_if(more_ == nullptr && !given_.given(a_.bootstrap_server) && !properties && !props &&
                      !old_file && !file,
                  "At least one of --bootstrap-server, --command-property, --producer-props, "
                  "--producer.config or --command-config must be specified.");
        refuse_if(properties && props,
                  "--command-property and --producer-props cannot be specified together.");
        refuse_if(file && old_file,
                  "--command-config and --producer.config cannot be specified together.");
        refuse_if(given_.given(a_.transaction_duration) &&
                      *given_.number(a_.transaction_duration) <= 0,
                  "--transaction-duration-ms should be greater than zero.");
        refuse_if(*given_.number(a_.reporting_interval) <= 0,
                  "--reporting-interval should be greater than zero.");
    }

    void read_payloads(ProducerPerfOptions& options) {
        const auto path = given_.text(a_.payload_file);
        if (!path) return;
        io_.out.line("Reading payloads from: " + std::filesystem::absolute(*path).string());
        io_.out.flush();
        std::ifstream file(*path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (text.empty()) {
            throw KafkaException(illegal_argument("File does not exist or empty file provided."));
        }
        const std::string delimiter = *given_.text(a_.payload_delimiter);
        options.payloads = split_payloads(text, delimiter == "\\n" ? "\n" : delimiter);
        io_.out.line("Number of records read: " + std::to_string(options.payloads.size()));
    }

    void warn_deprecated(std::string_view before, std::string_view now) {
        io_.out.line(std::string("Option ")
                         .append(before)
                         .append(" has been deprecated and will be removed in a future version. "
                                 "Use ")
                         .append(now)
                         .append(" instead."));
    }

    void read_producer(ProducerPerfOptions& options) {
        const bool old_words = given_.given(a_.producer_props);
        const bool old_file = given_.given(a_.producer_config);
        if (old_words) warn_deprecated("--producer-props", "--command-property");
        if (old_file) warn_deprecated("--producer.config", "--command-config");
        ClientProperties& properties = options.producer;
        properties = load_properties_or_throw(
            given_.text(old_file ? a_.producer_config : a_.command_config));
        for (const std::string& word :
             given_.texts(old_words ? a_.producer_props : a_.command_property)) {
            set_property(properties, word);
        }
        if (more_ != nullptr)
            for (const auto& [name, value] : more_->values()) properties.set(name, value);
        properties.set_default("client.id", "perf-producer-client");
        if (const auto servers = given_.text(a_.bootstrap_server)) {
            properties.set("bootstrap.servers", *servers);
        }
        read_transactions(options);
    }

    /// An id, or a duration, or the setting asks for transactions; what is missing is filled in.
    void read_transactions(ProducerPerfOptions& options) {
        ClientProperties& properties = options.producer;
        const bool has_duration = given_.given(a_.transaction_duration);
        if (const auto id = given_.text(a_.transactional_id)) {
            properties.set("transactional.id", *id);
        } else if (has_duration) {
            properties.set_default("transactional.id",
                                   "performance-producer-" + to_string(Random().uuid()));
        }
        if (!properties.has("transactional.id")) return;
        options.transaction_duration_ms =
            has_duration ? *given_.number(a_.transaction_duration) : default_transaction_ms;
    }

    /// String.split("="): empty parts at the end do not count, and two have to be left.
    static void set_property(ClientProperties& properties, const std::string& word) {
        const size_t end = word.find_last_not_of('=');
        const std::string text = word.substr(0, end == std::string::npos ? 0 : end + 1);
        if (std::ranges::count(text, '=') != 1) {
            throw KafkaException(illegal_argument("Invalid property: " + word));
        }
        const size_t at = text.find('=');
        properties.set(text.substr(0, at), text.substr(at + 1));
    }

    Streams& io_;
    const Arguments& a_;
    const ClientProperties* more_;
    const argparse::Namespace given_;
};

}  // namespace

std::vector<std::string> split_payloads(std::string_view text, std::string_view delimiter) {
    std::vector<std::string> payloads;
    if (delimiter.empty()) {
        for (const char c : text) payloads.emplace_back(1, c);
        return payloads;
    }
    if (text.starts_with(delimiter)) text.remove_prefix(delimiter.size());
    while (!text.empty()) {
        const size_t at = text.find(delimiter);
        payloads.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + delimiter.size());
    }
    return payloads;
}

ProducerPerfOptions read_producer_perf_options(const Args& args, Streams& io,
                                               const ClientProperties* more) {
    const Arguments a;
    if (args.empty()) {
        io.out.write(a.parser.help());
        io.out.flush();
        throw Exit{0};
    }
    try {
        return Reader(a, args, io, more).read();
    } catch (const argparse::ParseError& error) {
        argparse::Parser::print_error(io, error);
        throw Exit{1};
    }
}

}  // namespace stoker::cli
