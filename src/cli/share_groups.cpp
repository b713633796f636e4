// kafka-share-groups (KIP-932): lists share groups; what else upstream does with them needs APIs
// that are not served here (unserved_groups.hpp).
#include <algorithm>
#include <string>

#include "cli/admin_tool.hpp"
#include "cli/jopt.hpp"
#include "cli/tool_list.hpp"
#include "cli/unserved_groups.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view about = "Lists, describes, resets and deletes share groups.";
constexpr UnservedApi describe_api{77, "SHARE_GROUP_DESCRIBE"};
constexpr UnservedApi alter_offsets_api{91, "ALTER_SHARE_GROUP_OFFSETS"};
constexpr UnservedApi delete_offsets_api{92, "DELETE_SHARE_GROUP_OFFSETS"};

struct Options {
    jopt::Parser parser;
    const jopt::Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: brokers to ask.")
            .with_required_arg("server to connect to");
    const jopt::Option& group =
        parser.accepts("group", "The group to act on.").with_required_arg("share group");
    const jopt::Option& topic = parser.accepts("topic", "A topic whose offsets to reset or delete.")
                                    .with_required_arg("topic");
    const jopt::Option& all_topics = parser.accepts("all-topics", "All topics of the group.");
    const jopt::Option& list = parser.accepts("list", "List all share groups.");
    const jopt::Option& describe = parser.accepts("describe", "Describe a share group.");
    const jopt::Option& all_groups = parser.accepts("all-groups", "Act on all share groups.");
    const jopt::Option& remove = parser.accepts("delete", "Delete share groups.");
    const jopt::Option& timeout =
        parser.accepts("timeout", "How long a call may take, in milliseconds.")
            .with_required_arg("timeout (ms)", jopt::Type::int64)
            .defaults_to("30000");
    const jopt::Option& command_config =
        parser.accepts("command-config", "Properties of the client, from a file.")
            .with_required_arg("command config property file");
    const jopt::Option& reset_offsets =
        parser.accepts("reset-offsets", "Set the offsets of a group without members.");
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

const GroupKind& share_groups() {
    static const GroupKind kind{
        .type = "Share", .word = "share", .states = {"Stable", "Dead", "Empty"}};
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
        refuse("Option [delete] takes the options [group] or [all-groups]");
    }
    if (has(from.remove) && has(from.group) && has(from.all_groups)) {
        refuse("Option [delete] takes either [group] or [all-groups], not both.");
    }
    if (has(from.remove) && has(from.topic)) {
        refuse("Option [delete] does not take the option: [topic]");
    }
    if (has(from.delete_offsets) && !(has(from.group) && has(from.topic))) {
        refuse("Option [delete-offsets] takes the following options: [group], [topic]");
    }
    if (has(from.reset_offsets)) {
        if (has(from.dry_run) && has(from.execute)) {
            refuse("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
        }
        if (!has(from.dry_run) && !has(from.execute)) {
            refuse("Option [reset-offsets] takes the option: [execute] or [dry-run]");
        }
        if (!has(from.group)) refuse("Option [reset-offsets] takes the option: [group]");
        if (!has(from.topic) && !has(from.all_topics)) {
            refuse("Option [reset-offsets] takes one of these options: [all-topics], [topic]");
        }
        if (!has(from.to_earliest) && !has(from.to_latest) && !has(from.to_datetime)) {
            refuse(
                "Option [reset-offsets] takes one of these options: [to-datetime], "
                "[to-earliest], [to-latest]");
        }
    }
    check_invalid_args(io, from.parser, options, from.group, {&from.all_groups, &from.list});
    check_invalid_args(io, from.parser, options, from.topic, {&from.list, &from.describe});
    if (has(from.list) + has(from.describe) + has(from.remove) + has(from.reset_offsets) +
            has(from.delete_offsets) !=
        1) {
        refuse(
            "Command must include exactly one action: --list, --describe, --delete, "
            "--reset-offsets, --delete-offsets.");
    }
}

void run(Streams& io, const Options& from, const jopt::OptionSet& options) {
    kafka::ClientProperties properties =
        load_properties_or_throw(options.text(from.command_config));
    properties.set("bootstrap.servers", *options.text(from.bootstrap_server));
    const auto admin = make_admin(io, properties);
    const kafka::CallOptions call{.timeout_ms = *options.number(from.timeout)};
    if (options.has(from.list)) {
        list_unserved_groups(io, *admin, share_groups(), options.has(from.state),
                             options.text_or_empty(from.state), output_format(options, from.output),
                             call);
        return;
    }
    const UnservedApi api = options.has(from.reset_offsets)    ? alter_offsets_api
                            : options.has(from.delete_offsets) ? delete_offsets_api
                                                               : describe_api;
    refuse_unserved(*admin, options.has(from.group) ? options.texts(from.group).front() : "", api,
                    call);
}

}  // namespace

int run_share_groups(const Args& args, Streams& io) {
    const Options from;
    const jopt::OptionSet options = from.parser.parse(args);
    check(io, from, options);
    try {
        run(io, from, options);
    } catch (const kafka::KafkaException& thrown) {
        print_unserved_failure(io, from.parser, share_groups(), thrown.failure());
        return lenient_exit();
    }
    return 0;
}

}  // namespace stoker::cli
