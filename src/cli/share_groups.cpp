// kafka-share-groups (KIP-932): lists share groups; what else upstream does with them needs APIs
// that are not served here (unserved_groups.hpp).
#include <string>

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

struct Options : UnservedGroupOptions {
    Options()
        : UnservedGroupOptions(
              {.type = "Share", .word = "share", .states = {"Stable", "Dead", "Empty"}}) {}

    const jopt::Option& topic = parser.accepts("topic", "A topic whose offsets to reset or delete.")
                                    .with_required_arg("topic");
    const jopt::Option& all_topics = parser.accepts("all-topics", "All topics of the group.");
};

void check(Streams& io, const Options& from, const jopt::OptionSet& options) {
    const auto has = [&](const jopt::Option& option) { return options.has(option); };
    const auto refuse = [&](const std::string& why) { print_usage_and_exit(io, from.parser, why); };
    check_unserved_groups(io, from, options, about);
    const bool scoped = has(from.group) || has(from.all_groups);
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
    if (count_actions(from, options) != 1) {
        refuse(
            "Command must include exactly one action: --list, --describe, --delete, "
            "--reset-offsets, --delete-offsets.");
    }
}

}  // namespace

int run_share_groups(const Args& args, Streams& io) {
    const Options from;
    const jopt::OptionSet options = from.parser.parse(args);
    check(io, from, options);
    const UnservedApi api = options.has(from.reset_offsets)    ? alter_offsets_api
                            : options.has(from.delete_offsets) ? delete_offsets_api
                                                               : describe_api;
    return run_unserved_groups(io, from, options, api, lenient_exit());
}

}  // namespace stoker::cli
