// kafka-reassign-partitions: proposes, starts, checks, cancels and lists moves of replicas.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/jopt.hpp"
#include "cli/reassignment_calls.hpp"
#include "cli/reassignment_plan.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

struct Options {
    jopt::Parser parser;
    const Option& verify = parser.accepts(
        "verify", "Says how far the reassignment is, and removes its throttles when it is over.");
    const Option& generate =
        parser.accepts("generate", "Proposes a reassignment without starting it.");
    const Option& execute = parser.accepts("execute", "Starts a reassignment.");
    const Option& cancel = parser.accepts("cancel", "Stops a reassignment.");
    const Option& list = parser.accepts("list", "Lists the reassignments under way.");
    const Option& server =
        parser.accepts("bootstrap-server", "The servers to connect to first.")
            .with_optional_arg("Server(s) to use for bootstrapping");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("Admin client property file");
    const Option& reassignment_file =
        parser.accepts("reassignment-json-file",
                       "The reassignment; log_dirs may be left out, each is \"any\" or an absolute "
                       "path:\n{\"partitions\":\n  [{\"topic\": \"foo\",\n    \"partition\": 1,\n"
                       "    \"replicas\": [1,2,3],\n    \"log_dirs\": [\"dir1\",\"dir2\",\"dir3\"] "
                       "}],\n\"version\":1\n}")
            .with_required_arg("manual assignment json file path");
    const Option& topics_file =
        parser.accepts("topics-to-move-json-file",
                       "The topics that --generate moves:\n{\"topics\":\n  [{\"topic\": \"foo\"},"
                       "{\"topic\": \"foo1\"}],\n\"version\":1\n}")
            .with_required_arg("topics to reassign json file path");
    const Option& broker_list =
        parser.accepts("broker-list", "The brokers that --generate spreads over: \"1,2,3\".")
            .with_required_arg("brokerlist");
    const Option& controller =
        parser.accepts("bootstrap-controller",
                       "The controllers to connect to first; with --cancel and --list.")
            .with_optional_arg("bootstrap controller to connect to");
    const Option& disable_rack_aware =
        parser.accepts("disable-rack-aware", "--generate does not look at racks.");
    const Option& throttle =
        parser.accepts("throttle", "How many bytes a second move between brokers, 1 KB at least.")
            .with_required_arg("throttle", jopt::Type::int64)
            .defaults_to("-1");
    const Option& log_dir_throttle =
        parser.accepts("replica-alter-log-dirs-throttle",
                       "How many bytes a second move between folders, 1 KB at least.")
            .with_required_arg("replicaAlterLogDirsThrottle", jopt::Type::int64)
            .defaults_to("-1");
    const Option& timeout =
        parser.accepts("timeout", "How long to wait, in ms, until moves between folders start.")
            .with_required_arg("timeout", jopt::Type::int64)
            .defaults_to("10000");
    const Option& additional =
        parser.accepts("additional", "Besides the reassignments under way; also to change the "
                                     "throttle of one.");
    const Option& preserve_throttles =
        parser.accepts("preserve-throttles", "Leaves throttles as they are.");
    const Option& disallow_factor =
        parser.accepts("disallow-replication-factor-change",
                       "Refuses a reassignment that changes the number of replicas.");
    const Option& output = add_output_option(parser);
};

const Option& the_action(Streams& io, const Options& o, const jopt::OptionSet& given) {
    OptionList all;
    for (const Option* action : {&o.generate, &o.execute, &o.verify, &o.cancel, &o.list}) {
        if (given.has(*action)) all.push_back(action);
    }
    if (all.size() != 1) {
        print_usage_and_exit(io, o.parser,
                             "Command must include exactly one action: --generate, --execute, "
                             "--verify, --cancel, --list");
    }
    return *all.front();
}

void check(Streams& io, const Options& o, const jopt::OptionSet& given) {
    print_help_or_version(io, o.parser, given,
                          "This tool helps to move topic partitions between replicas.");
    const Option& action = the_action(io, o, given);
    if (given.has(o.server) && given.has(o.controller)) {
        print_usage_and_exit(
            io, o.parser,
            "Please don't specify both --bootstrap-server and --bootstrap-controller");
    }
    if (!given.has(o.server) && !given.has(o.controller)) {
        print_usage_and_exit(io, o.parser,
                             "Please specify either --bootstrap-server or --bootstrap-controller");
    }
    const Option& bootstrap = given.has(o.server) ? o.server : o.controller;
    std::map<const Option*, OptionList> required{
        {&o.verify, {&o.reassignment_file}},
        {&o.generate, {&o.topics_file, &o.broker_list}},
        {&o.execute, {&o.reassignment_file}},
        {&o.cancel, {&o.reassignment_file}},
        {&o.list, {}}};
    std::map<const Option*, OptionList> permitted{
        {&o.verify, {&o.server, &o.preserve_throttles}},
        {&o.generate, {&o.server, &o.disable_rack_aware}},
        {&o.execute,
         {&o.additional, &o.server, &o.throttle, &o.log_dir_throttle, &o.timeout,
          &o.disallow_factor}},
        {&o.cancel, {&bootstrap, &o.preserve_throttles, &o.timeout}},
        {&o.list, {&bootstrap, &o.output}}};
    check_required_args(io, o.parser, given, required[&action]);
    auto is_in = [](const OptionList& options, const Option* option) {
        return std::ranges::find(options, option) != options.end();
    };
    for (const Option* option : o.parser.sorted()) {
        if (!given.has(*option) || option == &action || option == &o.command_config ||
            is_in(required[&action], option) || is_in(permitted[&action], option)) {
            continue;
        }
        print_usage_and_exit(io, o.parser, "Option \"" + option->to_string() +
                                               "\" can't be used with action \"" +
                                               action.to_string() + "\"");
    }
}

void generate(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    std::string json = read_file_or_throw(given.text_or_empty(o.topics_file));
    std::vector<int32_t> brokers = parse_broker_list(given.text_or_empty(o.broker_list));
    std::vector<std::string> topics = parse_topics_to_move(json);
    Assignment current = current_assignment(admin, topics);
    LogDirs log_dirs = log_dirs_of(admin, current);
    std::vector<kafka::Node> nodes =
        usable_brokers(admin, brokers, !given.has(o.disable_rack_aware));
    Random random;
    Assignment proposed = propose_assignment(current, nodes, random);
    io.out.line("Current partition replica assignment");
    io.out.line(reassignment_json(current, log_dirs));
    io.out.line();
    io.out.line("Proposed partition reassignment configuration");
    io.out.line(reassignment_json(proposed, {}));
}

void execute(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    ReassignmentPlan plan =
        parse_reassignment(read_file_or_throw(given.text_or_empty(o.reassignment_file)));
    check_executable(plan);
    auto under_way = get_or_throw(kafka::list_reassignments(admin));
    if (!given.has(o.additional) && !under_way.empty()) {
        throw_terse("Cannot execute because there is an existing partition assignment.  Use "
                    "--additional to override this and create a new partition assignment in "
                    "addition to the existing one. The --additional flag can also be used to "
                    "change the throttle by resubmitting the current reassignment.");
    }
    Assignment proposed = plan.assignment();
    check_brokers_exist(admin, proposed);
    Assignment current = current_replicas(admin, proposed);
    io.out.line("Current partition replica assignment\n");
    io.out.line(reassignment_json(current, log_dirs_of(admin, current)));
    io.out.line("\nSave this to use as the --reassignment-json-file option during rollback");
    int64_t throttle = given.number(o.throttle).value_or(-1);
    int64_t log_dir_throttle = given.number(o.log_dir_throttle).value_or(-1);
    if (throttle >= 0 || log_dir_throttle >= 0) {
        io.out.line("Warning: You must run --verify periodically, until the reassignment "
                    "completes, to ensure the throttle is removed.");
    }
    if (throttle >= 0) {
        throttle_moves(io, admin, plan_moves(under_way, proposed, current), throttle);
    }
    if (log_dir_throttle >= 0) throttle_log_dirs(io, admin, plan.log_dirs, log_dir_throttle);
    std::map<kafka::TopicPartition, std::optional<std::vector<int32_t>>> wanted(proposed.begin(),
                                                                                proposed.end());
    auto errors = get_or_throw(
        kafka::alter_reassignments(admin, wanted, !given.has(o.disallow_factor)));
    throw_errors("Error reassigning partition(s):", errors);
    std::vector<std::string> names;
    for (const auto& [where, replicas] : proposed) names.push_back(to_string(where));
    io.out.line(std::string("Successfully started partition reassignment") +
                (names.size() == 1 ? "" : "s") + " for " + kafka::joined(names, ","));
    if (!plan.log_dirs.empty()) {
        move_log_dirs(io, admin, plan.log_dirs, given.number(o.timeout).value_or(0));
    }
}

void verify(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    ReassignmentPlan plan =
        parse_reassignment(read_file_or_throw(given.text_or_empty(o.reassignment_file)));
    auto under_way = get_or_throw(kafka::list_reassignments(admin));
    io.out.line("Status of partition reassignment:");
    print_states(io, admin, plan, under_way);
    bool moving = print_log_dir_states(io, admin, plan.log_dirs);
    if (under_way.empty() && !moving && !given.has(o.preserve_throttles)) {
        clear_throttles(io, admin, plan);
    }
}

void cancel(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    ReassignmentPlan plan =
        parse_reassignment(read_file_or_throw(given.text_or_empty(o.reassignment_file)));
    std::set<kafka::TopicPartition> asked;
    for (const auto& [where, replicas] : plan.partitions) asked.insert(where);
    std::map<kafka::TopicPartition, std::optional<std::vector<int32_t>>> active;
    std::vector<std::string> names;
    for (const auto& [where, one] : get_or_throw(kafka::list_reassignments(admin, asked))) {
        if (one.adding.empty() && one.removing.empty()) continue;
        active[where] = std::nullopt;
        names.push_back(to_string(where));
    }
    if (active.empty()) {
        io.out.line("None of the specified partition reassignments are active.");
    } else {
        auto errors = get_or_throw(kafka::alter_reassignments(admin, active));
        throw_errors(std::string("Error cancelling partition reassignment") +
                         (errors.size() == 1 ? "" : "s") + " for:",
                     errors);
        io.out.line(std::string("Successfully cancelled partition reassignment") +
                    (names.size() == 1 ? "" : "s") + " for: " + kafka::joined(names, ","));
    }
    LogDirs moving = active_log_dir_moves(admin, plan.log_dirs);
    if (moving.empty()) io.out.write("None of the specified partition moves are active.");
    else move_log_dirs(io, admin, moving, given.number(o.timeout).value_or(0));
    if (!given.has(o.preserve_throttles)) clear_throttles(io, admin, plan);
}

void list(Streams& io, kafka::Admin& admin) {
    auto under_way = get_or_throw(kafka::list_reassignments(admin));
    if (under_way.empty()) {
        io.out.line("No partition reassignments found.");
        return;
    }
    io.out.line("Current partition reassignments:");
    for (const auto& [where, one] : under_way) {
        io.out.line(to_string(where) + ": replicas: " + joined_numbers(one.replicas) + "." +
                    (one.adding.empty() ? "" : " adding: " + joined_numbers(one.adding) + ".") +
                    (one.removing.empty() ? ""
                                          : " removing: " + joined_numbers(one.removing) + "."));
    }
}

/// Of each partition the broker ids, separated by commas.
void list_as(Streams& io, kafka::Admin& admin, OutputFormat format) {
    Listing listing{.columns = {"topic", "partition", "replicas", "adding", "removing"},
                    .rows = {}};
    for (const auto& [where, one] : get_or_throw(kafka::list_reassignments(admin))) {
        listing.rows.push_back({where.topic, int64_t(where.partition),
                                joined_numbers(one.replicas), joined_numbers(one.adding),
                                joined_numbers(one.removing)});
    }
    print_listing(io.out, format, listing);
}

void run(Streams& io, const Options& o, const jopt::OptionSet& given) {
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    if (given.has(o.controller)) {
        properties.set("bootstrap.controllers", given.text_or_empty(o.controller));
    } else {
        properties.set("bootstrap.servers", given.text_or_empty(o.server));
    }
    properties.set_default("client.id", "reassign-partitions-tool");
    auto admin = make_admin(io, properties);
    if (given.has(o.verify)) verify(io, o, given, *admin);
    else if (given.has(o.generate)) generate(io, o, given, *admin);
    else if (given.has(o.execute)) execute(io, o, given, *admin);
    else if (given.has(o.cancel)) cancel(io, o, given, *admin);
    else if (auto format = output_format(given, o.output)) list_as(io, *admin, *format);
    else list(io, *admin);
}

}  // namespace

int run_reassign_partitions(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    check(io, o, given);
    try {
        run(io, o, given);
        return 0;
    } catch (const kafka::KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        if (is_terse(failure)) {
            io.out.line(failure.text());
        } else {
            io.out.line("Error: " + failure.text());
            io.out.line(stack_trace(failure));
        }
        return 1;
    }
}

}  // namespace stoker::cli
