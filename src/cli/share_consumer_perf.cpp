// kafka-share-consumer-perf-test: reads its options as upstream does. There is nothing to measure
// as long as share groups are not served (share_consumer.hpp), and it says so.
#include <string>
#include <tuple>

#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/consumer_perf_options.hpp"
#include "cli/failures.hpp"
#include "cli/share_consumer.hpp"
#include "cli/simple_date_format.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

struct Options : ConsumerPerfOptions {
    const Option& group = parser.accepts("group", "The share group to read as.")
                              .with_required_arg("gid")
                              .defaults_to("perf-share-consumer");
    const Option& threads = parser.accepts("threads", "How many share consumers to read with.")
                                .with_required_arg("count", jopt::Type::int32)
                                .defaults_to("1");
    const Option& consumer_stats =
        parser.accepts("show-consumer-stats", "Prints a line for each share consumer.");
};

void check(Streams& io, const Options& o, const jopt::OptionSet& given) {
    print_help_or_version(io, o.parser, given,
                          "This tool is used to verify the share consumer performance.");
    check_required_args(io, o.parser, given, {&o.topic, &o.bootstrap_server});
    check_consumer_perf_options(io, o, given);
}

kafka::ClientProperties consumer_properties(const Options& o, const jopt::OptionSet& given) {
    kafka::ClientProperties properties = consumer_perf_properties(o, given);
    properties.set("group.id", given.text_or_empty(o.group));
    properties.set("fetch.max.bytes", given.text_or_empty(o.fetch_size));
    properties.set_default("client.id", "perf-share-consumer-client");
    return properties;
}

/// Nothing was read: the line of a run that saw no record in its time.
void print_nothing_read(Streams& io, const Options& o, const jopt::OptionSet& given,
                        int64_t start_ms) {
    const std::string pattern = given.text_or_empty(o.date_format);
    const int64_t end_ms = io.clock.wall_ms();
    warn_of_timeout(io, *given.number(o.timeout));
    io.out.line(format_date(pattern, start_ms) + ", " + format_date(pattern, end_ms) +
                ", 0.0000, 0.0000, 0.0000, 0, " + std::to_string(end_ms - start_ms));
}

int execute(Streams& io, const Options& o, const jopt::OptionSet& given) {
    std::ignore = reporting_interval_ms(o, given);
    if (!given.has(o.hide_header)) {
        io.out.line("start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, "
                    "data.consumed.in.nMsg, fetch.time.ms");
    }
    const int64_t start_ms = io.clock.wall_ms();
    const auto why =
        try_share_consumer(io, consumer_properties(o, given), *given.number(o.timeout));
    if (why) throw kafka::KafkaException(execution_failure(*why));
    print_nothing_read(io, o, given, start_ms);
    return 0;
}

}  // namespace

int run_share_consumer_perf_test(const Args& args, Streams& io) {
    const Options o;
    const jopt::OptionSet given = parse_or_usage(io, o.parser, args);
    check(io, o, given);
    return main_no_exit(io, [&] { return execute(io, o, given); });
}

}  // namespace stoker::cli
