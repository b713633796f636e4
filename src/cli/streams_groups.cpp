// kafka-streams-groups (KIP-1071): lists streams groups; what else upstream does with them needs
// APIs that are not served here (unserved_groups.hpp).
#include <string>

#include "cli/jopt.hpp"
#include "cli/tool_list.hpp"
#include "cli/unserved_groups.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view about = "Lists and describes streams groups.";
constexpr UnservedApi describe_api{89, "STREAMS_GROUP_DESCRIBE"};

struct Options : UnservedGroupOptions {
    Options()
        : UnservedGroupOptions(
              {.type = "Streams",
               .word = "streams",
               .states = {"Stable", "Dead", "NotReady", "Empty", "Reconciling", "Assigning"}}) {}

    const jopt::Option& input_topic =
        parser.accepts("input-topic", "An input topic whose offsets to reset or delete.")
            .with_required_arg("topic");
    const jopt::Option& all_input_topics =
        parser.accepts("all-input-topics", "All input topics of the group.");
    const jopt::Option& to_offset = parser.accepts("to-offset", "Reset to this offset.")
                                        .with_required_arg("offset", jopt::Type::int64);
    const jopt::Option& from_file =
        parser.accepts("from-file", "Reset to the offsets in a CSV file.")
            .with_required_arg("path to CSV file");
    const jopt::Option& by_duration =
        parser.accepts("by-duration", "Reset to the first record of the last PnDTnHnMnS.")
            .with_required_arg("duration");
    const jopt::Option& to_current = parser.accepts("to-current", "Reset to what is committed.");
    const jopt::Option& shift_by =
        parser.accepts("shift-by", "Move what is committed by so many offsets.")
            .with_required_arg("number-of-offsets", jopt::Type::int64);
    const jopt::Option& delete_internal_topic =
        parser.accepts("delete-internal-topic", "Delete an internal topic.").with_required_arg();
    const jopt::Option& delete_all_internal_topics =
        parser.accepts("delete-all-internal-topics", "Delete all internal topics.");
    const jopt::Option& to_csv = parser.accepts("export", "Print the plan as CSV.");
};

void check(Streams& io, const Options& from, const jopt::OptionSet& options) {
    const auto has = [&](const jopt::Option& option) { return options.has(option); };
    const auto refuse = [&](const std::string& why) { print_usage_and_exit(io, from.parser, why); };
    check_unserved_groups(io, from, options, about);
    const bool scoped = has(from.group) || has(from.all_groups);
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
    if (count_actions(from, options) != 1) {
        refuse(
            "Command must include exactly one action: --list, --describe, --delete, "
            "--reset-offsets, or --delete-offsets.");
    }
}

}  // namespace

int run_streams_groups(const Args& args, Streams& io) {
    const Options from;
    const jopt::OptionSet options = from.parser.parse(args);
    check(io, from, options);
    return run_unserved_groups(io, from, options, describe_api, 1);
}

}  // namespace stoker::cli
