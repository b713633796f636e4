#include "cli/consumer_perf_options.hpp"

#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {

void check_consumer_perf_options(Streams& io, const ConsumerPerfOptions& o,
                                 const jopt::OptionSet& given) {
    check_one_of_args(io, o.parser, given, {&o.messages, &o.records});
    check_invalid_args(io, o.parser, given, o.consumer_config, {&o.command_config});
    if (given.has(o.messages)) {
        io.out.line("Warning: --messages is deprecated. Use --num-records instead.");
    }
    if (given.has(o.consumer_config)) {
        io.out.line("Warning: --consumer.config is deprecated. Use --command-config instead.");
    }
}

kafka::ClientProperties consumer_perf_properties(const ConsumerPerfOptions& o,
                                                 const jopt::OptionSet& given) {
    const jopt::Option& file = given.has(o.consumer_config) ? o.consumer_config : o.command_config;
    kafka::ClientProperties properties = read_properties(given, file, o.command_property);
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    properties.set("receive.buffer.bytes", given.text_or_empty(o.socket_buffer));
    properties.set("check.crcs", "false");
    return properties;
}

int64_t reporting_interval_ms(const ConsumerPerfOptions& o, const jopt::OptionSet& given) {
    const int64_t interval_ms = *given.number(o.reporting_interval);
    if (interval_ms <= 0) throw_illegal_argument("Reporting interval must be greater than 0.");
    return interval_ms;
}

void warn_of_timeout(Streams& io, int64_t timeout_ms) {
    io.out.line("WARNING: Exiting before consuming the expected number of records: timeout (" +
                std::to_string(timeout_ms) +
                " ms) exceeded. You can use the --timeout option to increase the timeout.");
}

}  // namespace stoker::cli
