// What kafka-share-groups and kafka-streams-groups have in common: they list their groups, and for
// everything else need APIs that neither our broker nor our client speaks. A broker without them
// gets upstream's own error; a broker with them an error that says whose fault it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"

namespace stoker::cli {

struct UnservedApi {
    int16_t key = 0;
    /// As in ApiKeys: "SHARE_GROUP_DESCRIBE".
    std::string_view name;
};

struct GroupKind {
    /// "Share"
    std::string type;
    /// "share"
    std::string word;
    std::vector<std::string> states;
};

/// The options that both tools have.
struct UnservedGroupOptions {
    explicit UnservedGroupOptions(GroupKind of) : kind(std::move(of)) {}

    GroupKind kind;
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: brokers to ask.")
            .with_required_arg("server to connect to");
    const jopt::Option& group =
        parser.accepts("group", "The group to act on.").with_required_arg(kind.word + " group");
    const jopt::Option& list = parser.accepts("list", "List all " + kind.word + " groups.");
    const jopt::Option& describe =
        parser.accepts("describe", "Describe a " + kind.word + " group.");
    const jopt::Option& all_groups =
        parser.accepts("all-groups", "Act on all " + kind.word + " groups.");
    const jopt::Option& remove = parser.accepts("delete", "Delete " + kind.word + " groups.");
    const jopt::Option& timeout =
        parser.accepts("timeout", "How long a call may take, in milliseconds.")
            .with_required_arg("timeout (ms)", jopt::Type::int64)
            .defaults_to("30000");
    const jopt::Option& command_config =
        parser.accepts("command-config", "Properties of the client, from a file.")
            .with_required_arg("command config property file");
    const jopt::Option& reset_offsets =
        parser.accepts("reset-offsets", "Set the offsets of groups without members.");
    const jopt::Option& delete_offsets =
        parser.accepts("delete-offsets", "Delete a group's offsets of topics.");
    const jopt::Option& dry_run = parser.accepts("dry-run", "Only show what would be done.");
    const jopt::Option& execute = parser.accepts("execute", "Do it.");
    const jopt::Option& to_datetime =
        parser.accepts("to-datetime", "Reset to the first record from YYYY-MM-DDThh:mm:ss.sss on.")
            .with_required_arg("datetime");
    const jopt::Option& to_earliest = parser.accepts("to-earliest", "Reset to the start.");
    const jopt::Option& to_latest = parser.accepts("to-latest", "Reset to the end.");
    const jopt::Option& members =
        parser.accepts("members", "With --describe: the members.").available_if(describe);
    const jopt::Option& offsets =
        parser.accepts("offsets", "With --describe: the offsets.").available_if(describe);
    const jopt::Option& state =
        parser.accepts("state", "With --describe: the state; with --list: the states.")
            .available_if(describe)
            .available_if(list)
            .with_optional_arg();
    const jopt::Option& verbose =
        parser.accepts("verbose", "With --describe: more columns.").available_if(describe);
    const jopt::Option& output = add_output_option(parser);
};

/// Help, version, and what is wrong with the servers and with --describe: ends with the usage.
void check_unserved_groups(Streams& io, const UnservedGroupOptions& from,
                           const jopt::OptionSet& options, std::string_view about);
/// The actions that are asked for.
int count_actions(const UnservedGroupOptions& from, const jopt::OptionSet& options);

/// Lists; for every other action asks the group's coordinator whether it has `api`, and fails
/// either way, as upstream ends: the error on standard output, the trace on standard error and
/// `failure_status`. Else 0.
int run_unserved_groups(Streams& io, const UnservedGroupOptions& from,
                        const jopt::OptionSet& options, const UnservedApi& api, int failure_status);

}  // namespace stoker::cli
