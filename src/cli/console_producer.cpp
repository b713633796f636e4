// kafka-console-producer: sends each line of standard input as a record.
//
// Lines are read as fast as the broker takes them. While there is nothing to read, what waits is
// sent when linger.ms (--timeout) has passed, or at the end of the input.
#include <poll.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/client_tool.hpp"
#include "cli/failures.hpp"
#include "cli/interrupt.hpp"
#include "cli/line_message_reader.hpp"
#include "cli/line_reader.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/producer.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::ClientProperties;
using kafka::Failure;
using kafka::KafkaException;

constexpr std::string_view callback_logger =
    "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
constexpr std::string_view line_reader_class = "org.apache.kafka.tools.LineMessageReader";
/// What a failed batch may become when its records are read again for the log.
constexpr size_t reread_max = 1u << 31;

struct Options {
    jopt::Parser parser;
    const Option& topic = parser.accepts("topic", "REQUIRED: the topic to send the lines to.")
                              .with_required_arg("topic");
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server",
                       "REQUIRED: the servers to connect to first, as host1:port1,host2:port2.")
            .with_required_arg("server to connect to");
    const Option& broker_list =
        parser.accepts("broker-list", "Deprecated: use --bootstrap-server.")
            .with_required_arg("broker-list")
            .extension();
    const Option& sync =
        parser.accepts("sync", "Waits for the answer to each line before it reads the next.");
    const Option& compression_codec =
        parser.accepts("compression-codec",
                       "How batches are compressed: none, gzip, snappy, lz4 or zstd; gzip when no "
                       "value follows.")
            .with_optional_arg("compression-codec");
    const Option& batch_size =
        parser.accepts("batch-size",
                       "How many bytes of one partition are gathered before they are sent "
                       "(batch.size); --max-partition-memory-bytes replaces it.")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("16384");
    const Option& retries =
        parser.accepts("message-send-max-retries",
                       "How often a batch is sent again when that may help (retries).")
            .with_required_arg("", jopt::Type::int32)
            .defaults_to("3");
    const Option& retry_backoff =
        parser.accepts("retry-backoff-ms", "How long to wait before that (retry.backoff.ms).")
            .with_required_arg("", jopt::Type::int64)
            .defaults_to("100");
    const Option& timeout =
        parser.accepts("timeout",
                       "How long a line waits for others to travel with, in ms (linger.ms).")
            .with_required_arg("timeout_ms", jopt::Type::int64)
            .defaults_to("1000");
    const Option& acks =
        parser.accepts("request-required-acks", "Who has to have the records: -1, 0, 1 or all.")
            .with_required_arg("request required acks")
            .defaults_to("-1");
    const Option& request_timeout =
        parser.accepts("request-timeout-ms", "How long to wait for an answer; above zero.")
            .with_required_arg("request timeout ms", jopt::Type::int32)
            .defaults_to("1500");
    const Option& metadata_expiry =
        parser.accepts("metadata-expiry-ms",
                       "After how long to ask for the leaders anew (metadata.max.age.ms).")
            .with_required_arg("metadata expiration interval", jopt::Type::int64)
            .defaults_to("300000");
    const Option& max_block =
        parser.accepts("max-block-ms", "How long one line may wait to be taken (max.block.ms).")
            .with_required_arg("max block on send", jopt::Type::int64)
            .defaults_to("60000");
    const Option& max_memory =
        parser.accepts("max-memory-bytes",
                       "How many bytes may wait to be sent in all (buffer.memory).")
            .with_required_arg("total memory in bytes", jopt::Type::int64)
            .defaults_to("33554432");
    const Option& max_partition_memory =
        parser.accepts("max-partition-memory-bytes",
                       "(Deprecated) As --batch-size, which to use instead.")
            .with_required_arg("memory in bytes per partition", jopt::Type::int32)
            .defaults_to("16384");
    const Option& line_reader =
        parser.accepts("line-reader", "The class that reads the lines; only the default one here.")
            .with_required_arg("reader_class")
            .defaults_to(std::string(line_reader_class));
    const Option& socket_buffer =
        parser.accepts("socket-buffer-size", "The socket's send buffer (send.buffer.bytes).")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("102400");
    const Option& property =
        parser.accepts("property", "(DEPRECATED) As --reader-property, which to use instead.")
            .with_required_arg("prop");
    const Option& reader_property =
        parser.accepts("reader-property",
                       "How a line is taken apart, as key=value; may be repeated. There are "
                       "parse.key=false, parse.headers=false, ignore.error=false, "
                       "key.separator=\\t, headers.delimiter=\\t, headers.separator=, , "
                       "headers.key.separator=: and null.marker. With all of them a line is "
                       "\"h1:v1,h2:v2\\tkey\\tvalue\".")
            .with_required_arg("prop");
    const Option& reader_config =
        parser.accepts("reader-config", "A file of such properties; --reader-property goes first.")
            .with_required_arg("config file");
    const Option& producer_property =
        parser.accepts("producer-property",
                       "(DEPRECATED) As --command-property, which to use instead.")
            .with_required_arg("producer_prop");
    const Option& command_property =
        parser.accepts("command-property", "A setting of the producer, as key=value.")
            .with_required_arg("producer_prop");
    const Option& producer_config =
        parser.accepts("producer.config", "(DEPRECATED) As --command-config, which to use instead.")
            .with_required_arg("config file");
    const Option& command_config =
        parser.accepts("command-config",
                       "A properties file of the producer; --command-property goes first.")
            .with_required_arg("config file");
};

/// The one that is given; the deprecated one says so.
const Option& either(Streams& io, const jopt::OptionSet& options, const Option& now,
                     const Option& before) {
    warn_deprecated(io, "Warning: ", options, before, now);
    return options.has(before) ? before : now;
}

struct Chosen {
    const Option* bootstrap = nullptr;
    const Option* property = nullptr;
    const Option* config = nullptr;
    const Option* reader_property = nullptr;
};

Chosen check(Streams& io, const Options& o, const jopt::OptionSet& options) {
    print_help_or_version(
        io, o.parser, options,
        "This tool helps to read data from standard input and publish it to Kafka.");
    check_required_args(io, o.parser, options, {&o.topic});
    refuse_both(io, o.parser, options, o.command_config, o.producer_config);
    refuse_both(io, o.parser, options, o.command_property, o.producer_property);
    refuse_both(io, o.parser, options, o.reader_property, o.property);
    Chosen chosen;
    chosen.property = &either(io, options, o.command_property, o.producer_property);
    chosen.config = &either(io, options, o.command_config, o.producer_config);
    chosen.reader_property = &either(io, options, o.reader_property, o.property);
    if (options.has(o.max_partition_memory)) {
        io.out.line("Warning: --max-partition-memory-bytes is deprecated and will be removed in "
                    "Apache Kafka 5.0. Use --batch-size instead.");
    }
    // Gone from upstream's tool since 4.0, and still in many a guide. The new one goes first.
    const bool is_old = options.has(o.broker_list) && !options.has(o.bootstrap_server);
    chosen.bootstrap = is_old ? &either(io, options, o.bootstrap_server, o.broker_list)
                              : &o.bootstrap_server;
    validate_bootstrap(io, o.parser, options.text_or_empty(*chosen.bootstrap));
    return chosen;
}

ClientProperties producer_properties(const Options& o, const jopt::OptionSet& options,
                                     const Chosen& chosen) {
    ClientProperties properties = read_properties(options, *chosen.config, *chosen.property);
    properties.set("bootstrap.servers", options.text_or_empty(*chosen.bootstrap));
    std::string codec = "none";
    if (options.has(o.compression_codec)) {
        codec = options.text_or_empty(o.compression_codec);
        if (codec.empty()) codec = "gzip";
    }
    properties.set("compression.type", codec);
    properties.set_default("client.id", "console-producer");
    merge_option(properties, "linger.ms", options, o.timeout);
    merge_option(properties, "acks", options, o.acks);
    merge_option(properties, "request.timeout.ms", options, o.request_timeout);
    merge_option(properties, "retries", options, o.retries);
    merge_option(properties, "retry.backoff.ms", options, o.retry_backoff);
    merge_option(properties, "send.buffer.bytes", options, o.socket_buffer);
    merge_option(properties, "buffer.memory", options, o.max_memory);
    merge_option(properties, "batch.size", options, o.batch_size);
    merge_option(properties, "batch.size", options, o.max_partition_memory);
    merge_option(properties, "metadata.max.age.ms", options, o.metadata_expiry);
    merge_option(properties, "max.block.ms", options, o.max_block);
    return properties;
}

/// Reads lines and sends them until the input ends or a signal comes.
class Sender {
public:
    Sender(Streams& io, const Options& o, const jopt::OptionSet& options)
        : io_(io), topic_(options.text_or_empty(o.topic)), sync_(options.has(o.sync)) {}

    void start(const ClientProperties& reader, const ClientProperties& producer) {
        reader_ = std::make_unique<LineMessageReader>(reader);
        producer_ = kafka::value_or_throw(kafka::Producer::create(
            producer, io_.log, io_.clock, [this](const auto& d) { delivered(d); },
            &interrupt_.wakeup()));
        // As upstream, which never knows a terminal unless both ends are one.
        prompts_ = ::isatty(io_.in) == 1 && ::isatty(STDOUT_FILENO) == 1;
    }

    int run() {
        LineReader lines(io_.in);
        prompt();
        while (wait_for_input() && lines.fill()) {
            producer_->poll(0);
            while (const auto line = lines.next()) {
                send(*line);
                if (interrupt_.raised()) break;
                prompt();
            }
        }
        if (!interrupt_.raised()) {
            if (const auto line = lines.last()) send(*line);
        }
        producer_->flush();
        return interrupt_.status_or(has_failed_ ? lenient_exit() : 0);
    }

    /// What is sent already is delivered even when the next line is refused.
    void finish() {
        if (producer_) producer_->flush();
    }

private:
    void prompt() {
        if (!prompts_) return;
        io_.out.write(">");
        io_.out.flush();
    }

    /// Until there is something to read; the producer works meanwhile. False after a signal.
    bool wait_for_input() {
        while (!interrupt_.raised()) {
            pollfd input{.fd = io_.in, .events = POLLIN, .revents = 0};
            if (::poll(&input, 1, 0) != 0) return !interrupt_.raised();
            std::vector<int> sockets = producer_->sockets();
            sockets.push_back(io_.in);
            kafka::wait_readable(sockets, &interrupt_.wakeup(), producer_->due_in_ms());
            producer_->poll(0);
        }
        return false;
    }

    void send(std::string_view line) {
        const LineRecord& record = reader_->parse(line);
        auto sent = producer_->send({.topic = topic_,
                                     .key = record.key,
                                     .value = record.value,
                                     .headers = record.headers});
        if (sync_) producer_->flush();
        if (sent && !failure_) return;
        Failure why = sent ? *failure_ : sent.error();
        if (interrupt_.raised()) return;
        if (sync_) throw KafkaException(execution_failure(std::move(why)));
        log(record.key, record.value, why);
    }

    void delivered(const kafka::Delivery& delivery) {
        if (delivery.failure == nullptr) return;
        if (sync_) {
            failure_ = *delivery.failure;
            return;
        }
        const auto header = record::parse_header(delivery.batch);
        if (!header) return;
        std::ignore = record::for_each_record(
            {*header, delivery.batch}, reread_max, [&](const record::RecordView& view) {
                log(view.key, view.value, *delivery.failure);
            });
    }

    void log(std::optional<ByteView> key, std::optional<ByteView> value, const Failure& why) {
        has_failed_ = true;
        const auto size = [](std::optional<ByteView> part) {
            return part ? std::to_string(part->size()) + " bytes" : std::string("null");
        };
        log_failure(io_,
                    "Error when sending message to topic " + topic_ + " with key: " + size(key) +
                        ", value: " + size(value) + " with error:",
                    callback_logger, why);
    }

    Streams& io_;
    std::string topic_;
    bool sync_;
    bool prompts_ = false;
    Interrupt interrupt_;
    std::unique_ptr<LineMessageReader> reader_;
    std::unique_ptr<kafka::Producer> producer_;
    std::optional<Failure> failure_;
    bool has_failed_ = false;
};

}  // namespace

int run_console_producer(const Args& args, Streams& io) {
    const Options o;
    const jopt::OptionSet options = parse_or_usage(io, o.parser, args);
    Sender sender(io, o, options);
    try {
        const Chosen chosen = check(io, o, options);
        if (const std::string name = options.text_or_empty(o.line_reader);
            name != line_reader_class) {
            throw KafkaException(
                {.exception = "java.lang.ClassNotFoundException", .message = name});
        }
        ClientProperties reader =
            read_properties(options, o.reader_config, *chosen.reader_property);
        sender.start(reader, producer_properties(o, options, chosen));
        io.out.flush();
        return sender.run();
    } catch (const KafkaException& thrown) {
        // Upstream prints the stack trace first; its shutdown hook then sends what is left. Wrong
        // values of options are told without their class.
        const Failure& why = thrown.failure();
        if (why.exception.starts_with("joptsimple.")) io.err.line(why.text());
        else io.err.write(stack_trace(why));
        sender.finish();
        return 1;
    }
}

}  // namespace stoker::cli
