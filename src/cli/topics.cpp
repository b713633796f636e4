// kafka-topics: creates, lists, describes, alters and deletes topics. It prints as upstream's
// TopicCommand does, orders of Java's HashMaps included.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/java_uuid.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/topic_filter.hpp"
#include "cli/topics_print.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/admin_configs.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::value_or_throw;

constexpr std::string_view logger = "org.apache.kafka.tools.TopicCommand";
constexpr std::string_view configs_hint =
    " (To alter topic configurations, the kafka-configs tool can be used.)";
constexpr int64_t replication_factor_max = 32767;
constexpr int32_t default_page = 2000;

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("command config property file");
    const Option& list = parser.accepts("list", "Lists the topics.");
    const Option& create = parser.accepts("create", "Creates a topic.");
    const Option& remove = parser.accepts("delete", "Deletes topics.");
    const Option& alter = parser.accepts(
        "alter", "Changes the number of partitions. Configs are changed with kafka-configs.");
    const Option& describe = parser.accepts("describe", "Shows topics with their partitions.");
    const Option& topic =
        parser.accepts("topic", "The topic; a regular expression but for --create.")
            .with_required_arg("topic");
    const Option& topic_id = parser.accepts("topic-id", "The id of the topic to describe.")
                                 .with_required_arg("topic-id");
    const Option& config =
        parser.accepts("config", "A config of the topic that is created; may be repeated.")
            .with_required_arg("name=value");
    const Option& delete_config =
        parser.accepts("delete-config", "Not supported any more.").with_required_arg("name");
    const Option& partitions =
        parser.accepts("partitions",
                       "The number of partitions to create, or to have after --alter. Keys move to "
                       "other partitions when their number changes.")
            .with_required_arg("# of partitions", jopt::Type::int32);
    const Option& replication_factor =
        parser.accepts("replication-factor", "How many replicas each partition gets.")
            .with_required_arg("replication factor", jopt::Type::int32);
    const Option& replica_assignment =
        parser.accepts("replica-assignment", "The brokers of each partition, placed by hand.")
            .with_required_arg(
                "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , "
                "broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...");
    const Option& under_replicated = parser.accepts(
        "under-replicated-partitions", "With --describe: only partitions that miss replicas.");
    const Option& unavailable = parser.accepts(
        "unavailable-partitions", "With --describe: only partitions without a leader.");
    const Option& under_min_isr =
        parser.accepts("under-min-isr-partitions",
                       "With --describe: only partitions with fewer in-sync replicas than "
                       "min.insync.replicas.");
    const Option& at_min_isr =
        parser.accepts("at-min-isr-partitions",
                       "With --describe: only partitions with exactly min.insync.replicas.");
    const Option& with_overrides = parser.accepts(
        "topics-with-overrides", "With --describe: only topics that have configs of their own.");
    const Option& if_exists = parser.accepts(
        "if-exists", "With --alter, --delete, --describe: no error when there is no such topic.");
    const Option& if_not_exists = parser.accepts(
        "if-not-exists", "With --create: no error when there is such a topic already.");
    const Option& exclude_internal =
        parser.accepts("exclude-internal", "Leaves internal topics out.");
    const Option& page =
        parser.accepts("partition-size-limit-per-response",
                       "How many partitions one answer of the broker may hold.")
            .with_required_arg("maximum number of partitions per response", jopt::Type::int32);
    const Option& output = add_output_option(parser);
};

/// The actions but these: what an option must not be given with.
OptionList actions_but(const Options& o, std::initializer_list<const Option*> allowed) {
    OptionList rest{&o.alter, &o.create, &o.describe, &o.list, &o.remove};
    std::erase_if(rest, [&](const Option* action) {
        return std::ranges::find(allowed, action) != allowed.end();
    });
    return rest;
}

void check_invalid(Streams& io, const Options& o, const jopt::OptionSet& given) {
    auto only_with = [&](const Option& used, std::initializer_list<const Option*> allowed) {
        check_invalid_args(io, o.parser, given, used, actions_but(o, allowed));
    };
    only_with(o.config, {&o.alter, &o.create});
    only_with(o.partitions, {&o.alter, &o.create});
    only_with(o.replication_factor, {&o.create});
    only_with(o.replica_assignment, {&o.alter, &o.create});
    if (given.has(o.create)) {
        check_invalid_args(io, o.parser, given, o.replica_assignment,
                           {&o.partitions, &o.replication_factor});
    }
    for (const Option* report :
         {&o.under_replicated, &o.under_min_isr, &o.at_min_isr, &o.unavailable}) {
        OptionList invalid = actions_but(o, {&o.describe});
        invalid.push_back(&o.with_overrides);
        check_invalid_args(io, o.parser, given, *report, invalid);
    }
    OptionList invalid = actions_but(o, {&o.describe});
    for (const Option* report :
         {&o.under_replicated, &o.under_min_isr, &o.at_min_isr, &o.unavailable}) {
        invalid.push_back(report);
    }
    check_invalid_args(io, o.parser, given, o.with_overrides, invalid);
    only_with(o.if_exists, {&o.alter, &o.remove, &o.describe});
    only_with(o.if_not_exists, {&o.create});
    only_with(o.exclude_internal, {&o.list, &o.describe});
}

void check(Streams& io, const Options& o, const jopt::OptionSet& given) {
    print_help_or_version(io, o.parser, given,
                          given.empty_command_line()
                              ? "Create, delete, describe, or change a topic."
                              : "This tool helps to create, delete, describe, or change a topic.");
    auto is_given = [&](const Option* action) { return given.has(*action); };
    if (std::ranges::count_if(actions_but(o, {}), is_given) != 1) {
        print_usage_and_exit(io, o.parser,
                             "Command must include exactly one action: --list, --describe, "
                             "--create, --alter or --delete");
    }
    if (given.has(o.delete_config)) {
        io.err.line("delete-config option is no longer supported and deprecated since version "
                    "4.0. The config will be fully removed in future releases.");
    }
    if (!given.has(o.bootstrap_server)) {
        throw_illegal_argument("--bootstrap-server must be specified");
    }
    if (given.has(o.describe) && given.has(o.if_exists)) {
        if (!given.has(o.topic) && !given.has(o.topic_id)) {
            print_usage_and_exit(io, o.parser,
                                 "--topic or --topic-id is required to describe a topic");
        }
        if (given.has(o.topic) && given.has(o.topic_id)) {
            io.out.line("Only topic id will be used when both --topic and --topic-id are "
                        "specified and topicId is not Uuid.ZERO_UUID");
        }
    }
    if (!given.has(o.list) && !given.has(o.describe)) {
        check_required_args(io, o.parser, given, {&o.topic});
    }
    if (given.has(o.alter)) {
        check_invalid_args_set(io, o.parser, given, {&o.bootstrap_server, &o.config}, {&o.alter},
                               configs_hint);
        check_required_args(io, o.parser, given, {&o.partitions});
    }
    check_invalid(io, o, given);
}

/// What --create and --alter were given, read in upstream's order, since the first wrong one is
/// what is told.
struct Wanted {
    std::string name;
    std::optional<int64_t> partitions;
    std::optional<int64_t> replication_factor;
    std::map<int32_t, std::vector<int32_t>> assignments;
    std::vector<std::pair<std::string, std::string>> configs;
};

Wanted read_wanted(const Options& o, const jopt::OptionSet& given) {
    Wanted wanted;
    wanted.name = given.text_or_empty(o.topic);
    wanted.partitions = given.number(o.partitions);
    wanted.replication_factor = given.number(o.replication_factor);
    if (std::string text = given.text_or_empty(o.replica_assignment); !text.empty()) {
        wanted.assignments = parse_replica_assignment(text);
    }
    wanted.configs = parse_topic_configs(given.texts(o.config));
    return wanted;
}

class Command {
public:
    Command(Streams& io, const Options& options, const jopt::OptionSet& given,
            kafka::Admin& admin)
        : io_(io), o_(options), given_(given), admin_(admin) {}

    void run() {
        if (given_.has(o_.create)) create();
        else if (given_.has(o_.alter)) alter();
        else if (given_.has(o_.list)) list();
        else if (given_.has(o_.describe)) describe();
        else remove();
    }

private:
    void create() {
        Wanted wanted = read_wanted(o_, given_);
        if (wanted.name.find_first_of("._") != std::string::npos) {
            io_.out.line("WARNING: Due to limitations in metric names, topics with a period ('.') "
                         "or underscore ('_') could collide. To avoid issues it is best to use "
                         "either, but not both.");
        }
        if (wanted.replication_factor.value_or(1) > replication_factor_max ||
            wanted.replication_factor.value_or(1) < 1) {
            throw_illegal_argument(
                "The replication factor must be between 1 and 32767 inclusive");
        }
        if (wanted.partitions.value_or(1) < 1) {
            throw_illegal_argument("The partitions must be greater than 0");
        }
        kafka::NewTopic topic{.name = wanted.name,
                              .assignments = wanted.assignments,
                              .configs = wanted.configs};
        if (wanted.partitions) topic.partitions = int32_t(*wanted.partitions);
        if (wanted.replication_factor) {
            topic.replication_factor = int16_t(*wanted.replication_factor);
        }
        if (auto created = kafka::create_topic(admin_, topic); created) {
            io_.out.line("Created topic " + wanted.name + ".");
        } else if (created.error().code != ErrorCode::topic_already_exists ||
                   !given_.has(o_.if_not_exists)) {
            throw kafka::KafkaException(created.error());
        }
    }

    void list() {
        std::vector<std::string> names = topics();
        if (auto format = output_format(given_, o_.output)) {
            Listing listing{.columns = {"topic"}, .rows = {}};
            for (const std::string& name : names) listing.rows.push_back({name});
            return print_listing(io_.out, *format, listing);
        }
        std::string text;
        for (const std::string& name : names) text += (text.empty() ? "" : "\n") + name;
        io_.out.line(text);
    }

    void alter() {
        Wanted wanted = read_wanted(o_, given_);
        std::vector<std::string> names = existing_topics();
        if (names.empty()) return;
        std::map<std::string, kafka::NewPartitions> changes;
        for (const std::string& name : names) {
            changes[name] = {.total = int32_t(wanted.partitions.value_or(0)), .assignments = {}};
        }
        if (!wanted.assignments.empty()) {
            auto described = value_or_throw(kafka::describe_topics(admin_, names));
            for (auto& outcome : described) {
                kafka::TopicDescription topic = value_or_throw(std::move(outcome));
                size_t skipped = 0;
                for (const auto& [partition, replicas] : wanted.assignments) {
                    if (skipped++ < topic.partitions.size()) continue;
                    changes[topic.name].assignments.push_back(replicas);
                }
            }
        }
        value_or_throw(kafka::create_partitions(admin_, changes));
    }

    void remove() {
        std::vector<std::string> names = existing_topics();
        if (!names.empty()) value_or_throw(kafka::delete_topics(admin_, names));
    }

    void describe() {
        TopicsToPrint all;
        all.topics = wanted_topics();
        if (all.topics.empty()) return;
        std::vector<kafka::ConfigResource> resources;
        for (const kafka::TopicDescription& topic : all.topics) {
            resources.push_back({kafka::ConfigResourceType::topic, topic.name});
        }
        auto configs = value_or_throw(kafka::describe_configs(admin_, resources));
        for (const auto& node : value_or_throw(kafka::describe_cluster(admin_)).nodes) {
            all.live_brokers.insert(node.id);
        }
        std::set<kafka::TopicPartition> partitions;
        for (const kafka::TopicDescription& topic : all.topics) {
            for (const auto& partition : topic.partitions) {
                partitions.insert({topic.name, partition.partition});
            }
        }
        auto moving = kafka::list_reassignments(admin_, partitions);
        if (moving) {
            all.reassignments = std::move(*moving);
        } else if (!moving.error().is("UnsupportedVersionException") &&
                   !moving.error().is("ClusterAuthorizationException")) {
            throw kafka::KafkaException(moving.error());
        }
        for (auto& config : configs) all.configs.push_back(value_or_throw(std::move(config)));
        TopicReport report{.under_replicated = given_.has(o_.under_replicated),
                           .unavailable = given_.has(o_.unavailable),
                           .under_min_isr = given_.has(o_.under_min_isr),
                           .at_min_isr = given_.has(o_.at_min_isr),
                           .overrides_only = given_.has(o_.with_overrides)};
        if (auto format = output_format(given_, o_.output)) {
            return print_listing(io_.out, *format, list_topics_described(all, report));
        }
        print_topics(io_.out, all, report);
    }

    /// In the order of Java's map of them.
    std::vector<kafka::TopicDescription> wanted_topics() {
        std::optional<Uuid> id;
        if (auto text = given_.text(o_.topic_id)) id = value_or_throw(parse_java_uuid(*text));
        std::vector<kafka::TopicDescription> all;
        if (id && !id->is_zero()) {
            bool known = std::ranges::any_of(
                value_or_throw(kafka::list_topics(admin_, !given_.has(o_.exclude_internal))),
                [&](const kafka::TopicListing& topic) { return topic.id == *id; });
            if (!known && !given_.has(o_.if_exists)) {
                throw_illegal_argument("TopicId '" + to_string(*id) +
                                       "' does not exist as expected");
            }
            if (!known) return {};
            auto described = value_or_throw(kafka::describe_topics(admin_, std::vector{*id}));
            all.push_back(value_or_throw(std::move(described.front())));
            return all;
        }
        std::vector<std::string> names = in_map_order(existing_topics());
        if (names.empty()) return {};
        auto page = int32_t(given_.number(o_.page).value_or(default_page));
        for (auto& one : value_or_throw(kafka::describe_topics(admin_, names, page))) {
            all.push_back(value_or_throw(std::move(one)));
        }
        return all;
    }

    /// Those that --topic names, sorted.
    std::vector<std::string> topics() {
        bool exclude = given_.has(o_.exclude_internal);
        std::vector<std::string> names;
        for (auto& topic : value_or_throw(kafka::list_topics(admin_, !exclude))) {
            names.push_back(std::move(topic.name));
        }
        std::ranges::sort(names);
        std::optional<std::string> pattern = given_.text(o_.topic);
        if (pattern) {
            TopicFilter filter(*pattern);
            std::erase_if(names, [&](const auto& name) { return !filter.allows(name, exclude); });
        } else if (exclude) {
            std::erase_if(names, [](const auto& name) { return is_internal_topic(name); });
        }
        return names;
    }

    std::vector<std::string> existing_topics() {
        std::vector<std::string> names = topics();
        std::optional<std::string> asked = given_.text(o_.topic);
        if (names.empty() && asked && !asked->empty() && !given_.has(o_.if_exists)) {
            throw_illegal_argument("Topic '" + *asked + "' does not exist as expected");
        }
        return names;
    }

    Streams& io_;
    const Options& o_;
    const jopt::OptionSet& given_;
    kafka::Admin& admin_;
};

int execute(const Args& args, Streams& io) {
    Options options;
    jopt::OptionSet given = options.parser.parse(args);
    check(io, options, given);
    kafka::ClientProperties properties =
        load_properties_or_throw(given.text(options.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(options.bootstrap_server));
    std::unique_ptr<kafka::Admin> admin = make_admin(io, properties);
    try {
        Command(io, options, given, *admin).run();
        return 0;
    } catch (const kafka::KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        io.out.line("Error while executing topic command : " + failure.text());
        io.log.error(stack_trace(failure), logger);
        return 1;
    }
}

}  // namespace

int run_topics(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
