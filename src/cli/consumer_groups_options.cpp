// The checks of kafka-consumer-groups' options, in upstream's order and words.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/consumer_groups.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view about =
    "Lists and describes consumer groups, deletes them, and resets or deletes their offsets.";
constexpr std::string_view no_execute_warning =
    "WARN: No action will be performed as the --execute option is missing. In version 5.0, this "
    "command will require either --dry-run or --execute to be specified. You should add the "
    "--dry-run option explicitly if you are scripting this command and want to keep the current "
    "default behavior without prompting.";

/// "[a], [b]"
std::string names_of(const OptionList& options) {
    std::vector<std::string> names;
    for (const jopt::Option* option : options) names.push_back(option->to_string());
    return kafka::joined(names, ", ");
}

/// The checks for one command line.
class Checks {
public:
    Checks(Streams& io, const ConsumerGroupOptions& from, const jopt::OptionSet& options)
        : io_(io), from_(from), options_(options) {}

    void run() const {
        if (has(from_.describe)) check_describe();
        if (has(from_.remove)) check_delete();
        if (has(from_.delete_offsets) && !(has(from_.group) && has(from_.topic))) {
            refuse("Option " + from_.delete_offsets.to_string() +
                   " takes the following options: " + names_of({&from_.group, &from_.topic}));
        }
        if (has(from_.reset_offsets)) check_reset();
        forbid(from_.group, {&from_.all_groups});
        forbid(from_.group, {&from_.list});
        forbid(from_.topic, {&from_.list, &from_.describe});
    }

private:
    bool has(const jopt::Option& option) const { return options_.has(option); }
    [[noreturn]] void refuse(const std::string& why) const {
        print_usage_and_exit(io_, from_.parser, why);
    }
    void forbid(const jopt::Option& used, const OptionList& invalid) const {
        check_invalid_args(io_, from_.parser, options_, used, invalid);
    }

    void check_scope(const jopt::Option& action) const {
        if (has(from_.group) || has(from_.all_groups)) return;
        refuse("Option " + action.to_string() +
               " takes one of these options: " + names_of({&from_.group, &from_.all_groups}));
    }

    void check_describe() const {
        check_scope(from_.describe);
        const OptionList kinds = {&from_.members, &from_.offsets, &from_.state};
        const auto given = [&](const jopt::Option* option) { return has(*option); };
        if (std::ranges::count_if(kinds, given) > 1) {
            refuse("Option " + from_.describe.to_string() +
                   " takes at most one of these options: " + names_of(kinds));
        }
        if (has(from_.state) && options_.text(from_.state)) {
            refuse("Option " + from_.describe.to_string() + " does not take a value for " +
                   from_.state.to_string());
        }
    }

    void check_delete() const {
        check_scope(from_.remove);
        if (!has(from_.topic)) return;
        refuse(
            "The consumer does not support topic-specific offset deletion from a consumer "
            "group.");
    }

    void check_reset() const {
        if (has(from_.dry_run) && has(from_.execute)) {
            refuse("Option " + from_.reset_offsets.to_string() + " only accepts one of " +
                   from_.execute.to_string() + " and " + from_.dry_run.to_string());
        }
        if (!has(from_.dry_run) && !has(from_.execute)) io_.err.line(no_execute_warning);
        check_scope(from_.reset_offsets);
        const OptionList scenarios = {&from_.to_offset,   &from_.to_datetime, &from_.by_duration,
                                      &from_.to_earliest, &from_.to_latest,   &from_.to_current,
                                      &from_.shift_by,    &from_.from_file};
        for (const jopt::Option* one : scenarios) {
            OptionList others = scenarios;
            std::erase(others, one);
            forbid(*one, others);
        }
    }

    Streams& io_;
    const ConsumerGroupOptions& from_;
    const jopt::OptionSet& options_;
};

}  // namespace

void check_consumer_group_options(Streams& io, const ConsumerGroupOptions& from,
                                  const jopt::OptionSet& options) {
    print_help_or_version(io, from.parser, options, about);
    if (!options.has(from.validate_regex)) {
        check_required_args(io, from.parser, options, {&from.bootstrap_server});
    }
    Checks(io, from, options).run();
    const OptionList actions = {&from.list,          &from.describe,       &from.remove,
                                &from.reset_offsets, &from.delete_offsets, &from.validate_regex};
    const auto given = [&](const jopt::Option* option) { return options.has(*option); };
    const auto chosen = std::ranges::count_if(actions, given) + (options.has(from.create) ? 1 : 0);
    if (chosen == 1) return;
    std::vector<std::string> names;
    for (const jopt::Option* action : actions) names.push_back("--" + action->name());
    print_usage_and_exit(io, from.parser,
                         "Command must include exactly one action: " + kafka::joined(names, ", "));
}

}  // namespace stoker::cli
