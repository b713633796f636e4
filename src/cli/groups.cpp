// kafka-groups: lists groups of all types, as upstream's GroupsCommand does.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/group_words.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view about = "Lists groups of all types.";
constexpr std::string_view logger = "org.apache.kafka.tools.GroupsCommand";

struct Options {
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: brokers to ask.")
            .with_required_arg("server to connect to")
            .required();
    const jopt::Option& command_config =
        parser.accepts("command-config", "Properties of the client, from a file.")
            .with_required_arg("command config property file");
    const jopt::Option& list = parser.accepts("list", "List the groups.");
    const jopt::Option& group_type =
        parser.accepts("group-type", "Only groups of this type: classic, consumer, share, streams.")
            .with_required_arg("type");
    const jopt::Option& protocol =
        parser.accepts("protocol", "Only groups of this protocol.").with_required_arg("protocol");
    const jopt::Option& consumer = parser.accepts(
        "consumer", "Only consumer groups, of either protocol, and groups that only commit.");
    const jopt::Option& share = parser.accepts("share", "Only share groups.");
    const jopt::Option& streams = parser.accepts("streams", "Only streams groups.");
    const jopt::Option& output = add_output_option(parser);
};

std::optional<std::string> type_of(const Options& from, const jopt::OptionSet& options) {
    if (!options.has(from.group_type)) return std::nullopt;
    const Words words = words_of(options.text_or_empty(from.group_type),
                                 {"Classic", "Consumer", "Share", "Streams"});
    if (words.good && words.found.size() == 1) return words.found.front();
    throw_illegal_argument("--group-type must be a valid group type.");
}

bool passes(const Options& from, const jopt::OptionSet& options, const kafka::GroupListing& group,
            const std::optional<std::string>& type) {
    const auto protocol = options.text(from.protocol);
    if (type && group.group_type != *type) return false;
    if (protocol && group.protocol_type != *protocol) return false;
    if (type || protocol) return true;
    if (options.has(from.consumer)) {
        return group.protocol_type.empty() || group.protocol_type == "consumer" ||
               group.group_type == "Consumer";
    }
    if (options.has(from.share)) return group.group_type == "Share";
    return !options.has(from.streams) || group.group_type == "Streams";
}

void print_groups(Streams& io, const std::vector<kafka::GroupListing>& groups) {
    size_t width = 20;
    for (const auto& group : groups) {
        for (const auto& text : {group.group_id, group.group_type, group.protocol_type}) {
            width = std::max(width, kafka::java_length(text));
        }
    }
    const std::string column = "%-" + std::to_string(width) + "s ";
    const std::string format = column + column + column;
    std::string header = kafka::java_format(format, {"GROUP", "TYPE", "PROTOCOL"});
    header.pop_back();
    io.out.line(header);
    for (const auto& group : groups) {
        io.out.line(
            kafka::java_format(format, {group.group_id, group.group_type, group.protocol_type}));
    }
}

void list(Streams& io, const Options& from, const jopt::OptionSet& options, kafka::Admin& admin,
          const std::optional<std::string>& type) {
    auto groups = value_or_throw(kafka::find_groups(admin, {}));
    std::erase_if(groups, [&](const auto& group) { return !passes(from, options, group, type); });
    const auto format = output_format(options, from.output);
    if (!format) return print_groups(io, groups);
    Listing listing{.columns = {"group", "type", "protocol"}, .rows = {}};
    for (const auto& group : groups) {
        listing.rows.push_back({group.group_id, group.group_type, group.protocol_type});
    }
    print_listing(io.out, *format, listing);
}

int execute(const Args& args, Streams& io) {
    const Options from;
    jopt::OptionSet options;
    try {
        options = from.parser.parse(args);
    } catch (const kafka::KafkaException& thrown) {
        print_usage_and_exit(io, from.parser, thrown.failure().text());
    }
    print_help_or_version(io, from.parser, options, about);
    if (!options.has(from.list)) {
        print_usage_and_exit(io, from.parser, "Command must include exactly one action: --list.");
    }
    const auto type = type_of(from, options);
    const OptionList kinds = {&from.consumer, &from.share, &from.streams};
    for (const jopt::Option* kind : kinds) {
        OptionList others = {&from.group_type, &from.protocol};
        others.insert(others.end(), kinds.begin(), kinds.end());
        std::erase(others, kind);
        check_invalid_args(io, from.parser, options, *kind, others);
    }
    kafka::ClientProperties properties =
        load_properties_or_throw(options.text(from.command_config));
    properties.set("bootstrap.servers", *options.text(from.bootstrap_server));
    try {
        const auto admin = make_admin(io, properties);
        list(io, from, options, *admin, type);
    } catch (const kafka::KafkaException& thrown) {
        io.out.line("Error while executing groups command : " + thrown.failure().text());
        io.log.error(stack_trace(thrown.failure()), logger);
        return 1;
    }
    return 0;
}

}  // namespace

int run_groups(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
