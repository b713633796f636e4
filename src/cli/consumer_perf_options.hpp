// What kafka-consumer-perf-test and kafka-share-consumer-perf-test have in common: the options, how
// they exclude each other, and the properties that they come to.
#pragma once

#include <string>

#include "cli/jopt.hpp"
#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

struct ConsumerPerfOptions {
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server to connect to");
    const jopt::Option& topic =
        parser.accepts("topic", "The topic to read.").with_required_arg("topic");
    const jopt::Option& fetch_size =
        parser.accepts("fetch-size", "How much one answer has at most.")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("1048576");
    const jopt::Option& command_property =
        parser.accepts("command-property", "A setting of the consumer, as key=value.")
            .with_required_arg("prop1=val1");
    const jopt::Option& socket_buffer =
        parser.accepts("socket-buffer-size", "The socket's receive buffer.")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("2097152");
    const jopt::Option& consumer_config =
        parser.accepts("consumer.config", "(DEPRECATED) As --command-config, which to use instead.")
            .with_required_arg("config file");
    const jopt::Option& command_config =
        parser.accepts("command-config", "A properties file of the consumer.")
            .with_required_arg("config file");
    const jopt::Option& print_metrics = parser.accepts("print-metrics", "Prints the metrics.");
    const jopt::Option& detailed =
        parser.accepts("show-detailed-stats", "Prints a line each --reporting-interval.");
    const jopt::Option& timeout =
        parser.accepts("timeout", "How long to wait for the next record, in ms.")
            .with_optional_arg("milliseconds", jopt::Type::int64)
            .defaults_to("10000");
    const jopt::Option& messages =
        parser.accepts("messages", "(DEPRECATED) As --num-records, which to use instead.")
            .with_required_arg("count", jopt::Type::int64);
    const jopt::Option& records =
        parser.accepts("num-records", "REQUIRED: how many records to read.")
            .with_required_arg("count", jopt::Type::int64);
    const jopt::Option& reporting_interval =
        parser.accepts("reporting-interval", "How often to report, in ms.")
            .with_required_arg("interval_ms", jopt::Type::int64)
            .defaults_to("5000");
    const jopt::Option& date_format =
        parser.accepts("date-format", "How times are written, as java.text.SimpleDateFormat.")
            .with_required_arg("date format")
            .defaults_to("yyyy-MM-dd HH:mm:ss:SSS");
    const jopt::Option& hide_header = parser.accepts("hide-header", "Leaves the header out.");
};

/// How many records, and which file: one of two options each. Ends with the usage; says which of
/// them are deprecated.
void check_consumer_perf_options(Streams& io, const ConsumerPerfOptions& o,
                                 const jopt::OptionSet& given);

/// bootstrap.servers, receive.buffer.bytes and what file and words say. Throws KafkaException.
kafka::ClientProperties consumer_perf_properties(const ConsumerPerfOptions& o,
                                                 const jopt::OptionSet& given);

/// In ms; throws IllegalArgumentException for none that could be kept.
int64_t reporting_interval_ms(const ConsumerPerfOptions& o, const jopt::OptionSet& given);

/// Upstream's line for a run that waited in vain.
void warn_of_timeout(Streams& io, int64_t timeout_ms);

}  // namespace stoker::cli
