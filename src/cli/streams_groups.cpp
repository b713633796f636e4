// kafka-streams-groups (KIP-1071): lists streams groups; what else upstream does with them needs
// APIs that are not served here (unserved_groups.hpp).
#include <string>

#include "cli/admin_tool.hpp"
#include "cli/jopt.hpp"
#include "cli/tool_list.hpp"
#include "cli/unserved_groups.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view about = "Lists and describes streams groups.";
constexpr UnservedApi describe_api{89, "STREAMS_GROUP_DESCRIBE"};

struct Options {
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: brokers to ask.")
            .with_required_arg("server to connect to");
    const jopt::Option& group =
        parser.accepts("group", "The group to act on.").with_required_arg("streams group");
    const jopt::Option& input_topic =
        parser.accepts("input-topic", "An input topic whose offsets to reset or delete.")
            .with_required_arg("topic");
    const jopt::Option& all_input_topics =
        parser.accepts("all-input-topics", "All input topics of the group.");
    const jopt::Option& list = parser.accepts("list", "List all streams groups.");
    const jopt::Option& describe = parser.accepts("describe", "Describe a streams group.");
    const jopt::Option& all_groups = parser.accepts("all-groups", "Act on all streams groups.");
    const jopt::Option& remove = parser.accepts("delete", "Delete streams groups.");
    const jopt::Option& delete_offsets =
        parser.accepts("delete-offsets", "Delete a group's offsets of topics.");
    const jopt::Option& timeout =
        parser.accepts("timeout", "How long a call may take, in milliseconds.")
            .with_required_arg("timeout (ms)", jopt::Type::int64)
            .defaults_to("30000");
    const jopt::Option& command_config =
        parser.accepts("command-config", "Properties of the client, from a file.")
            .with_required_arg("command config property file");
    const jopt::Option& state =
        parser.accepts("state", "With --describe: the state; with --list: the states.")
            .available_if(describe)
            .available_if(list)
            .with_optional_arg();
    const jopt::Option& members =
        parser.accepts("members", "With --describe: the members.").available_if(describe);
    const jopt::Option& offsets =
        parser.accepts("offsets", "With --describe: the offsets.").available_if(describe);
    const jopt::Option& reset_offsets =
        parser.accepts("reset-offsets", "Set the offsets of groups without members.");
    const jopt::Option& to_offset = parser.accepts("to-offset", "Reset to this offset.")
                                        .with_required_arg("offset", jopt::Type::int64);
    const jopt::Option& from_file =
        parser.accepts("from-file", "Reset to the offsets in a CSV file.")
            .with_required_arg("path to CSV file");
    const jopt::Option& to_datetime =
        parser.accepts("to-datetime", "Reset to the first record from YYYY-MM-DDThh:mm:ss.sss on.")
            .with_required_arg("datetime");
    const jopt::Option& by_duration =
        parser.accepts("by-duration", "Reset to the first record of the last PnDTnHnMnS.")
            .with_required_arg("duration");
    const jopt::Option& to_earliest = parser.accepts("to-earliest", "Reset to the start.");
    const jopt::Option& to_latest = parser.accepts("to-latest", "Reset to the end.");
    const jopt::Option& to_current = parser.accepts("to-current", "Reset to what is committed.");
    const jopt::Option& shift_by =
        parser.accepts("shift-by", "Move what is committed by so many offsets.")
            .with_required_arg("number-of-offsets", jopt::Type::int64);
    const jopt::Option& delete_internal_topic =
        parser.accepts("delete-internal-topic", "Delete an internal topic.").with_required_arg();
    const jopt::Option& delete_all_internal_topics =
        parser.accepts("delete-all-internal-topics", "Delete all internal topics.");
    const jopt::Option& verbose =
        parser.accepts("verbose", "With --describe: more columns.").available_if(describe);
    const jopt::Option& dry_run = parser.accepts("dry-run", "Only show what would be done.");
    const jopt::Option& execute = parser.accepts("execute", "Do it.");
    const jopt::Option& to_csv = parser.accepts("export", "Print the plan as CSV.");
    const jopt::Option& output = add_output_option(parser);
};

const GroupKind& streams_groups() {
    static const GroupKind kind{
        .type = "Streams",
        .word = "streams",
        .states = {"Stable", "Dead", "NotReady", "Empty", "Reconciling", "Assigning"}};
    return kind;
}

void check(Streams& io, const Options& from, const jopt::OptionSet& options) {
    const auto has = [&](const jopt::Option& option) { return options.has(option); };
    const auto refuse = [&](const std::string& why) { print_usage_and_exit(io, from.parser, why); };
    print_help_or_version(io, from.parser, options, about);
    check_required_args(io, from.parser, options, {&from.bootstrap_server});
    const bool scoped = has(from.group) || has(from.all_groups);
    if (has(from.describe) && !scoped) {
        refuse("Option [describe] takes one of these options: [all-groups], [group]");
    }
    if (has(from.describe) && has(from.members) + has(from.offsets) + has(from.state) > 1) {
        refuse(
            "Option [describe] takes at most one of these options: [members], [offsets], "
            "[state]");
    }
    if (has(from.describe) && has(from.state) && options.text(from.state)) {
        refuse("Option [describe] does not take a value for [state]");
    }
    if (has(from.remove) && !scoped) {
        refuse("Option [delete] takes one of these options: [all-groups], [group]");
    }
    if (has(from.remove) && (has(from.input_topic) || has(from.all_input_topics))) {
        refuse(
            "Kafka Streams does not support topic-specific offset deletion from a streams "
            "group.");
    }
    if (has(from.reset_offsets) && has(from.dry_run) && has(from.execute)) {
        refuse("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
    }
    if (has(from.reset_offsets) && !has(from.dry_run) && !has(from.execute)) {
        refuse("Option [reset-offsets] takes the option: [execute] or [dry-run]");
    }
    if (has(from.reset_offsets) && !scoped) {
        refuse("Option [reset-offsets] takes one of these options: [all-groups], [group]");
    }
    if (!has(from.reset_offsets) && (has(from.dry_run) || has(from.execute))) {
        refuse("Only Option [reset-offsets] accepts [execute] or [dry-run]");
    }
    check_invalid_args(io, from.parser, options, from.group, {&from.all_groups, &from.list});
    if (has(from.list) + has(from.describe) + has(from.remove) + has(from.reset_offsets) +
            has(from.delete_offsets) !=
        1) {
        refuse(
            "Command must include exactly one action: --list, --describe, --delete, "
            "--reset-offsets, or --delete-offsets.");
    }
}

void run(Streams& io, const Options& from, const jopt::OptionSet& options) {
    kafka::ClientProperties properties =
        load_properties_or_throw(options.text(from.command_config));
    properties.set("bootstrap.servers", *options.text(from.bootstrap_server));
    const auto admin = make_admin(io, properties);
    const kafka::CallOptions call{.timeout_ms = *options.number(from.timeout)};
    if (options.has(from.list)) {
        list_unserved_groups(io, *admin, streams_groups(), options.has(from.state),
                             options.text_or_empty(from.state), output_format(options, from.output),
                             call);
        return;
    }
    refuse_unserved(*admin, options.has(from.group) ? options.texts(from.group).front() : "",
                    describe_api, call);
}

}  // namespace

int run_streams_groups(const Args& args, Streams& io) {
    const Options from;
    const jopt::OptionSet options = from.parser.parse(args);
    check(io, from, options);
    try {
        run(io, from, options);
    } catch (const kafka::KafkaException& thrown) {
        print_unserved_failure(io, from.parser, streams_groups(), thrown.failure());
        return 1;
    }
    return 0;
}

}  // namespace stoker::cli
