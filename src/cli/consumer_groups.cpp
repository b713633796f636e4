// kafka-consumer-groups: lists and describes consumer groups, deletes them, resets and deletes
// their offsets; and makes them, which upstream's cannot.
//
// After an error upstream prints it on standard output, the stack trace on standard error, and
// exits with 0; so do we (lenient_exit).
#include "cli/consumer_groups.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/group_words.hpp"
#include "cli/tool_list.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"
#include "kafka/java_time.hpp"

namespace stoker::cli {
namespace {

using kafka::Failure;
using kafka::KafkaException;
using kafka::TopicPartition;

/// What Java's RE2 calls the fault.
std::string regex_fault(const re2::RE2& regex) {
    switch (regex.error_code()) {
        case re2::RE2::ErrorMissingBracket:
            return "missing closing ]";
        case re2::RE2::ErrorMissingParen:
            return "missing closing )";
        case re2::RE2::ErrorUnexpectedParen:
            return "unexpected )";
        case re2::RE2::ErrorTrailingBackslash:
            return "trailing backslash at end of expression";
        case re2::RE2::ErrorRepeatArgument:
            return "missing argument to repetition operator";
        case re2::RE2::ErrorRepeatSize:
            return "invalid repeat count";
        case re2::RE2::ErrorRepeatOp:
            return "invalid nested repetition operator";
        case re2::RE2::ErrorBadCharRange:
            return "invalid character class range";
        case re2::RE2::ErrorBadEscape:
            return "invalid escape sequence";
        case re2::RE2::ErrorBadNamedCapture:
            return "invalid named capture";
        default:
            return regex.error();
    }
}

int validate_regex(Streams& io, const std::string& text) {
    re2::RE2::Options quiet;
    quiet.set_log_errors(false);
    const re2::RE2 regex(text, quiet);
    if (regex.ok()) {
        io.out.line("The regular expression `" + text + "` is valid.");
    } else {
        io.out.line("The regular expression `" + text + "` is invalid: " + regex_fault(regex) +
                    ".");
    }
    return 0;
}

/// A call that fails as Future.get() inside a catch that throws RuntimeException.
template <class T>
T got(kafka::Outcome<T> outcome) {
    if (!outcome) throw KafkaException(runtime_failure(execution_failure(outcome.error())));
    if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

kafka::GroupQuery consumer_groups() {
    return {.types = {"Classic", "Consumer"},
            .protocol_types = std::vector<std::string>{"", "consumer"}};
}

Partitions partitions_to_reset(const ConsumerGroupRun& run, const std::string& group) {
    if (run.options.has(run.from.all_topics)) {
        Partitions partitions;
        for (const auto& [where, offset] : got(committed_offsets(run, group))) {
            partitions.push_back(where);
        }
        return partitions;
    }
    if (run.options.has(run.from.topic)) {
        return run.reset.partitions_of(run.options.texts(run.from.topic));
    }
    if (run.options.has(run.from.from_file)) return {};
    print_usage_and_exit(run.io, run.from.parser,
                         "One of the reset scopes should be defined: --all-topics, --topic.");
}

OffsetPlan prepare_plan(const ConsumerGroupRun& run, const std::string& group) {
    const auto& [io, from, options, admin, call, reset] = run;
    const Partitions partitions = partitions_to_reset(run, group);
    reset.check(partitions);
    const auto current = [&] { return got(committed_offsets(run, group)); };
    if (options.has(from.to_offset)) {
        return reset.to_offset(partitions, options.numbers(from.to_offset).front());
    }
    if (options.has(from.to_earliest)) return reset.to_earliest(partitions);
    if (options.has(from.to_latest)) return reset.to_latest(partitions);
    if (options.has(from.shift_by)) {
        return reset.shift_by(partitions, current(), *options.number(from.shift_by));
    }
    if (options.has(from.to_datetime)) {
        const auto when = kafka::parse_date_time(options.texts(from.to_datetime).front());
        if (!when) throw KafkaException(runtime_failure(when.error()));
        return reset.to_time(partitions, *when);
    }
    if (options.has(from.by_duration)) {
        const auto ago = kafka::parse_duration_ms(options.text_or_empty(from.by_duration));
        return reset.to_time(partitions, io.clock.wall_ms() - value_or_throw(ago));
    }
    if (options.has(from.from_file)) {
        return reset.from_file(options.texts(from.from_file).front(), options.texts(from.group),
                               group);
    }
    if (options.has(from.to_current)) return reset.to_current(partitions, current());
    print_usage_and_exit(
        io, from.parser,
        "Option '" + from.reset_offsets.to_string() +
            "' requires one of the following scenarios: [[to-offset], [shift-by], [to-datetime], "
            "[by-duration], [to-earliest], [to-latest], [to-current], [from-file]]");
}

void commit(const ConsumerGroupRun& run, const std::string& group, const OffsetPlan& plan) {
    CommittedOffsets offsets;
    for (const auto& [where, offset] : plan) offsets[where] = {.offset = offset};
    if (offsets.empty()) return;
    for (auto& [where, outcome] :
         value_or_throw(kafka::alter_group_offsets(run.admin, group, offsets, run.call))) {
        value_or_throw(std::move(outcome));
    }
}

OffsetPlan reset_inactive(const ConsumerGroupRun& run, const std::string& group) {
    OffsetPlan plan = prepare_plan(run, group);
    const bool dry = run.options.has(run.from.dry_run) || !run.options.has(run.from.execute);
    if (!dry) commit(run, group, plan);
    return plan;
}

int run_action(ConsumerGroupRun& run) {
    const auto& [io, from, options, admin, call, reset] = run;
    if (options.has(from.list)) list_consumer_groups(run);
    if (options.has(from.describe)) describe_groups(run);
    if (options.has(from.remove)) delete_consumer_groups(run);
    if (options.has(from.reset_offsets)) reset_consumer_groups(run);
    if (options.has(from.delete_offsets)) delete_consumer_offsets(run);
    if (options.has(from.create)) create_consumer_group(run);
    return 0;
}

int run_with_client(Streams& io, const ConsumerGroupOptions& from, const jopt::OptionSet& options) {
    kafka::ClientProperties properties =
        load_properties_or_throw(options.text(from.command_config));
    properties.set("bootstrap.servers", options.text_or_empty(from.bootstrap_server));
    const auto admin = make_admin(io, properties);
    // Java's int of a long: its lower half.
    const auto timeout_ms = static_cast<int32_t>(*options.number(from.timeout));
    const kafka::CallOptions call{.timeout_ms = timeout_ms};
    ConsumerGroupRun run{.io = io,
                         .from = from,
                         .options = options,
                         .admin = *admin,
                         .call = call,
                         .reset = ResetOffsets(io, *admin, call)};
    return run_action(run);
}

}  // namespace

std::vector<std::string> ConsumerGroupRun::groups() const {
    if (!options.has(from.all_groups)) return options.texts(from.group);
    std::vector<std::string> ids;
    for (auto& group : got(kafka::find_groups(admin, consumer_groups(), call))) {
        ids.push_back(std::move(group.group_id));
    }
    return ids;
}

kafka::Outcome<CommittedOffsets> committed_offsets(const ConsumerGroupRun& run,
                                                   const std::string& group) {
    return kafka::list_group_offsets(run.admin, group, std::nullopt, run.call);
}

void print_group_error(Streams& io, const std::string& message) {
    io.out.line("\nError: " + message);
}

void list_consumer_groups(ConsumerGroupRun& run) {
    const auto& [io, from, options, admin, call, reset] = run;
    const bool with_type = options.has(from.type);
    const bool with_state = options.has(from.state);
    kafka::GroupQuery filter = consumer_groups();
    if (with_type || with_state) {
        filter.types = group_types_or_throw(options.text_or_empty(from.type));
        filter.states = group_states_or_throw(options.text_or_empty(from.state));
    }
    const auto groups = kafka::find_groups(run.admin, filter, call);
    // The plain list wraps the failure once more than the other.
    if (!groups && !with_type && !with_state) got(groups);
    if (!groups) throw KafkaException(execution_failure(groups.error()));
    if (const auto format = output_format(options, from.output)) {
        Listing listing{.columns = {"group", "type", "state"}, .rows = {}};
        for (const auto& group : *groups) {
            listing.rows.push_back(
                {group.group_id, known(group.group_type), known(group.group_state)});
        }
        print_listing(io.out, *format, listing);
        return;
    }
    size_t width = 15;
    for (const auto& group : *groups) width = std::max(width, kafka::java_length(group.group_id));
    const std::string pattern = "%-" + std::to_string(width + 10) + "s";
    const auto print = [&](const std::string& id, const std::string& type,
                           const std::string& state) {
        std::string line = kafka::java_format(pattern, {id});
        if (with_type) line += kafka::java_format(" %-20s", {type});
        if (with_state) line += kafka::java_format(" %-20s", {state});
        io.out.line(with_type || with_state ? line : id);
    };
    if (with_type || with_state) print("GROUP", "TYPE", "STATE");
    for (const auto& group : *groups)
        print(group.group_id, known(group.group_type), known(group.group_state));
}

void reset_consumer_groups(ConsumerGroupRun& run) {
    std::vector<std::string> ids = run.groups();
    auto described = kafka::describe_consumer_groups(run.admin, ids, run.call);
    ids = kafka::in_hash_order(std::move(ids));
    GroupPlans plans;
    for (const std::string& id : ids) {
        const auto& group = described.at(id);
        if (!group && group.error().code != ErrorCode::group_id_not_found) {
            throw KafkaException(runtime_failure(execution_failure(group.error())));
        }
        const std::string state = group ? group->state : "Dead";
        if (state == "Empty" || state == "Dead") {
            plans.emplace_back(id, reset_inactive(run, id));
            continue;
        }
        print_group_error(run.io, "Assignments can only be reset if the group '" + id +
                                      "' is inactive, but the current state is " + state + ".");
        plans.emplace_back(id, OffsetPlan{});
    }
    if (run.options.has(run.from.to_csv)) {
        run.io.out.line(plans_to_csv(plans, run.options.texts(run.from.group).size() != 1));
    } else {
        print_plans(run.io.out, plans);
    }
}

void delete_consumer_groups(ConsumerGroupRun& run) {
    const std::vector<std::string> ids = kafka::in_hash_order(run.groups());
    const auto deleted = kafka::delete_groups(run.admin, ids, run.call);
    std::vector<std::string> done;
    std::vector<std::string> failures;
    for (const std::string& id : ids) {
        const auto& outcome = deleted.at(id);
        if (outcome) {
            done.push_back("'" + id + "'");
        } else {
            failures.push_back("* Group '" + id +
                               "' could not be deleted due to: " + outcome.error().to_string());
        }
    }
    if (failures.empty()) {
        run.io.out.line("Deletion of requested consumer groups (" + kafka::joined(done, ", ") +
                        ") was successful.");
        return;
    }
    print_group_error(run.io, "Deletion of some consumer groups failed:");
    for (const std::string& line : failures) run.io.out.line(line);
    if (done.empty()) return;
    run.io.out.line("\nThese consumer groups were deleted successfully: " +
                    kafka::joined(done, ", "));
}

void create_consumer_group(ConsumerGroupRun& run) {
    const std::string group = *run.options.text(run.from.create);
    std::vector<std::string> topics = run.options.texts(run.from.topic);
    if (topics.empty()) {
        for (const auto& topic : got(kafka::list_topics(run.admin, false, run.call))) {
            topics.push_back(topic.name);
        }
    }
    if (topics.empty()) {
        throw_java("java.lang.IllegalStateException",
                   "There is no topic whose offsets group '" + group + "' could have.");
    }
    const auto found = kafka::describe_consumer_groups(run.admin, {group}, run.call);
    if (found.at(group) && found.at(group)->state != "Dead") {
        throw_java("java.lang.IllegalStateException", "Group '" + group + "' already exists.");
    }
    const Partitions partitions = run.reset.partitions_of(topics);
    run.reset.check(partitions);
    const OffsetPlan plan = run.reset.to_earliest(partitions);
    commit(run, group, plan);
    run.io.out.line("Created consumer group '" + group + "' at the earliest offsets.");
    print_plans(run.io.out, {{group, plan}});
}

int run_consumer_groups(const Args& args, Streams& io) {
    const ConsumerGroupOptions from;
    const jopt::OptionSet options = from.parser.parse(args);
    // As upstream, which has no such option, when it stands without a group.
    if (options.has(from.create) && options.text_or_empty(from.create).starts_with("-")) {
        throw_java("joptsimple.UnrecognizedOptionException", "create is not a recognized option");
    }
    check_consumer_group_options(io, from, options);
    if (options.has(from.validate_regex)) {
        return validate_regex(io, options.text_or_empty(from.validate_regex));
    }
    try {
        return run_with_client(io, from, options);
    } catch (const KafkaException& thrown) {
        const Failure& failure = thrown.failure();
        if (failure.exception == illegal_argument_class) {
            print_usage_and_exit(io, from.parser, failure.text());
        }
        print_group_error(io, "Executing consumer group command failed due to " + failure.text());
        io.err.write(stack_trace(failure));
        return options.has(from.create) ? 1 : lenient_exit();
    }
}

}  // namespace stoker::cli
