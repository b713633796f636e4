// kafka-console-share-consumer: reads its options as upstream does and then tells what stands in
// the way of a share group (share_consumer.hpp).
#include <algorithm>
#include <string>
#include <vector>

#include "cli/client_tool.hpp"
#include "cli/message_formatter.hpp"
#include "cli/share_consumer.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

constexpr std::string_view logger = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";

struct Options {
    jopt::Parser parser;
    const Option& topic =
        parser.accepts("topic", "The topic to read.").with_required_arg("topic");
    const Option& consumer_property =
        parser.accepts("consumer-property",
                       "(DEPRECATED) As --command-property, which to use instead.")
            .with_required_arg("consumer_prop");
    const Option& command_property =
        parser.accepts("command-property", "A setting of the consumer, as key=value.")
            .with_required_arg("consumer_prop");
    const Option& consumer_config =
        parser.accepts("consumer-config", "(DEPRECATED) As --command-config, which to use instead.")
            .with_required_arg("config file");
    const Option& command_config =
        parser.accepts("command-config", "A properties file of the consumer.")
            .with_required_arg("config file");
    const Option& formatter = parser.accepts("formatter", "The class that prints the records.")
                                  .with_required_arg("class")
                                  .defaults_to(std::string(default_formatter));
    const Option& property =
        parser.accepts("property", "(DEPRECATED) As --formatter-property, which to use instead.")
            .with_required_arg("prop");
    const Option& formatter_property =
        parser.accepts("formatter-property", "How records are printed, as key=value.")
            .with_required_arg("prop");
    const Option& formatter_config =
        parser.accepts("formatter-config", "A file of such properties.")
            .with_required_arg("config file");
    const Option& max_messages =
        parser.accepts("max-messages", "Ends after so many records; without it never.")
            .with_required_arg("num_messages", jopt::Type::int32);
    const Option& timeout_ms =
        parser.accepts("timeout-ms", "Ends when no record has come for so long.")
            .with_required_arg("timeout_ms", jopt::Type::int32);
    const Option& reject = parser.accepts("reject", "Rejects the records that it reads.");
    const Option& release = parser.accepts("release", "Releases the records that it reads.");
    const Option& reject_on_error = parser.accepts("reject-message-on-error",
                                                   "Rejects a record that cannot be printed.");
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& key_deserializer =
        parser.accepts("key-deserializer", "The class that reads keys.")
            .with_required_arg("deserializer for keys");
    const Option& value_deserializer =
        parser.accepts("value-deserializer", "The class that reads values.")
            .with_required_arg("deserializer for values");
    const Option& group =
        parser.accepts("group", "The share group.").with_required_arg("share group id");
    const Option& systest_events =
        parser.accepts("enable-systest-events",
                       "Also says when it is done; for upstream's system tests.");
};

void check(Streams& io, const Options& o, const jopt::OptionSet& options) {
    print_help_or_version(io, o.parser, options,
                          "This tool helps to read data from Kafka topics using share groups and "
                          "outputs it to standard output.");
    if (!options.has(o.topic)) {
        print_usage_and_exit(io, o.parser, "--topic is a required argument");
    }
    check_required_args(io, o.parser, options, {&o.bootstrap_server});
    if (options.has(o.reject) && options.has(o.release)) {
        print_usage_and_exit(io, o.parser,
                             "At most one of --reject and --release may be specified.");
    }
    refuse_both(io, o.parser, options, o.consumer_property, o.command_property);
    refuse_both(io, o.parser, options, o.consumer_config, o.command_config);
    warn_deprecated(io, "Option ", options, o.consumer_property, o.command_property);
    warn_deprecated(io, "Option ", options, o.consumer_config, o.command_config);
}

kafka::ClientProperties consumer_properties(Streams& io, const Options& o,
                                            const jopt::OptionSet& options) {
    const Option& words =
        options.has(o.consumer_property) ? o.consumer_property : o.command_property;
    const Option& file = options.has(o.consumer_config) ? o.consumer_config : o.command_config;
    kafka::ClientProperties properties = read_properties(options, file, words);
    std::vector<std::string> groups = options.texts(o.group);
    if (const auto id = properties.get("group.id");
        id && std::ranges::find(groups, *id) == groups.end()) {
        groups.push_back(*id);
    }
    if (groups.size() > 1) {
        std::string list;
        for (const std::string& id : kafka::in_hash_order(groups)) {
            list += (list.empty() ? "'" : ", '") + id + "'";
        }
        print_usage_and_exit(io, o.parser,
                             "The group ids provided in different places (directly using "
                             "'--group', via '--consumer-property', or via '--consumer-config') "
                             "do not match. Detected group ids: " +
                                 list);
    }
    properties.set("group.id", groups.empty() ? "console-share-consumer" : groups.front());
    properties.set("bootstrap.servers", options.text_or_empty(o.bootstrap_server));
    properties.set_default("client.id", "console-share-consumer");
    return properties;
}

void check_formatter(Streams& io, const Options& o, const jopt::OptionSet& options) {
    const std::string name = options.text_or_empty(o.formatter);
    if (!make_formatter(name, {}, io)) print_usage_and_exit(io, o.parser, name);
    refuse_both(io, o.parser, options, o.property, o.formatter_property);
    warn_deprecated(io, "Option ", options, o.property, o.formatter_property);
}

int tell(Streams& io, const kafka::ClientProperties& properties, int64_t timeout_ms) {
    const auto why = try_share_consumer(io, properties, timeout_ms);
    log_failure(io, "Error processing message, terminating consumer process: ", logger,
                why.value_or(kafka::Failure{
                    .exception = "org.apache.kafka.common.errors.TimeoutException",
                    .message = std::nullopt}));
    io.err.line("Processed a total of 0 messages");
    return lenient_exit();
}

}  // namespace

int run_console_share_consumer(const Args& args, Streams& io) {
    const Options o;
    const jopt::OptionSet options = parse_or_usage(io, o.parser, args);
    check(io, o, options);
    const kafka::ClientProperties properties = consumer_properties(io, o, options);
    check_formatter(io, o, options);
    const int64_t timeout_ms = options.number(o.timeout_ms).value_or(-1);
    const int status = tell(io, properties, timeout_ms < 0 ? INT64_MAX : timeout_ms);
    if (options.has(o.systest_events)) io.out.line("shutdown_complete");
    return status;
}

}  // namespace stoker::cli
