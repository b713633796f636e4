// What the parts of kafka-consumer-groups share: its options, and what it throws and prints.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/reset_offsets.hpp"
#include "cli/tool.hpp"
#include "cli/usage.hpp"
#include "kafka/admin.hpp"

namespace stoker::cli {

struct ConsumerGroupOptions {
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED, but for --validate-regex: brokers to ask.")
            .with_required_arg("server to connect to");
    const jopt::Option& group =
        parser.accepts("group", "The group to act on; may be repeated where several make sense.")
            .with_required_arg("consumer group");
    const jopt::Option& topic =
        parser
            .accepts("topic",
                     "A topic whose offsets to reset or delete; `t:0,1` for partitions of "
                     "it. May be repeated.")
            .with_required_arg("topic");
    const jopt::Option& all_topics =
        parser.accepts("all-topics", "Reset the offsets of all topics that the group has some of.");
    const jopt::Option& list = parser.accepts("list", "List all consumer groups.");
    const jopt::Option& describe =
        parser.accepts("describe", "Show what a group has committed and how far behind it is.");
    const jopt::Option& all_groups = parser.accepts("all-groups", "Act on all consumer groups.");
    const jopt::Option& remove = parser.accepts("delete", "Delete groups with their offsets.");
    const jopt::Option& timeout =
        parser.accepts("timeout", "How long a call may take, in milliseconds.")
            .with_required_arg("timeout (ms)", jopt::Type::int64)
            .defaults_to("30000");
    const jopt::Option& command_config =
        parser.accepts("command-config", "Properties of the client, from a file.")
            .with_required_arg("command config property file");
    const jopt::Option& reset_offsets = parser.accepts(
        "reset-offsets",
        "Set the offsets of groups without members. The scope is --topic or --all-topics, what to "
        "set is one of the --to-... options, --by-duration, --shift-by or --from-file. Only with "
        "--execute is anything changed.");
    const jopt::Option& delete_offsets =
        parser.accepts("delete-offsets", "Delete a group's offsets of topics.");
    const jopt::Option& dry_run = parser.accepts("dry-run", "With --reset-offsets: only show.");
    const jopt::Option& execute = parser.accepts("execute", "With --reset-offsets: do it.");
    const jopt::Option& to_csv =
        parser.accepts("export", "With --reset-offsets: print the plan as CSV.");
    const jopt::Option& to_offset = parser.accepts("to-offset", "Reset to this offset.")
                                        .with_required_arg("offset", jopt::Type::int64);
    const jopt::Option& from_file =
        parser.accepts("from-file", "Reset to the offsets in a CSV file, as --export writes it.")
            .with_required_arg("path to CSV file");
    const jopt::Option& to_datetime =
        parser.accepts("to-datetime", "Reset to the first record from YYYY-MM-DDThh:mm:ss.sss on.")
            .with_required_arg("datetime");
    const jopt::Option& by_duration =
        parser.accepts("by-duration", "Reset to the first record of the last PnDTnHnMnS.")
            .with_required_arg("duration");
    const jopt::Option& to_earliest = parser.accepts("to-earliest", "Reset to the start.");
    const jopt::Option& to_latest = parser.accepts("to-latest", "Reset to the end.");
    const jopt::Option& to_current =
        parser.accepts("to-current", "Reset to what is committed, or to the end.");
    const jopt::Option& shift_by =
        parser.accepts("shift-by", "Move what is committed by so many offsets.")
            .with_required_arg("number-of-offsets", jopt::Type::int64);
    const jopt::Option& members =
        parser.accepts("members", "With --describe: the members.").available_if(describe);
    const jopt::Option& verbose =
        parser.accepts("verbose", "With --describe: more columns.").available_if(describe);
    const jopt::Option& offsets =
        parser.accepts("offsets", "With --describe: the offsets (default).").available_if(describe);
    const jopt::Option& state =
        parser
            .accepts("state",
                     "With --describe: the state; with --list: the states, or only groups "
                     "in these, such as stable,empty.")
            .available_if(describe)
            .available_if(list)
            .with_optional_arg();
    const jopt::Option& type =
        parser
            .accepts("type",
                     "With --list: the types, or only groups of these, such as "
                     "classic,consumer.")
            .available_if(list)
            .with_optional_arg();
    const jopt::Option& validate_regex =
        parser.accepts("validate-regex", "Tell whether this is an RE2 expression.")
            .with_required_arg("regex");
    const jopt::Option& create =
        parser
            .accepts("create",
                     "Make a group by committing the earliest offsets of --topic, or of "
                     "all topics.")
            .with_required_arg("consumer group")
            .extension();
    const jopt::Option& output = add_output_option(parser);
};

/// Ends the program on help, version and wrong usage.
void check_consumer_group_options(Streams& io, const ConsumerGroupOptions& from,
                                  const jopt::OptionSet& options);

/// One run of the tool, once its options are known to be good.
struct ConsumerGroupRun {
    Streams& io;
    const ConsumerGroupOptions& from;
    const jopt::OptionSet& options;
    kafka::Admin& admin;
    kafka::CallOptions call;
    ResetOffsets reset;

    /// --group, or all that there are.
    std::vector<std::string> groups() const;
};

void list_consumer_groups(ConsumerGroupRun& run);
void describe_groups(ConsumerGroupRun& run);
void delete_consumer_groups(ConsumerGroupRun& run);
void reset_consumer_groups(ConsumerGroupRun& run);
void delete_consumer_offsets(ConsumerGroupRun& run);
void create_consumer_group(ConsumerGroupRun& run);

/// All that the group has committed.
kafka::Outcome<CommittedOffsets> committed_offsets(const ConsumerGroupRun& run,
                                                   const std::string& group);

/// "%-15s", as wide as told.
inline std::string column(size_t width) {
    return "%-" + std::to_string(width) + "s";
}

/// printError(): "\nError: ..." on standard output.
void print_group_error(Streams& io, const std::string& message);

}  // namespace stoker::cli
