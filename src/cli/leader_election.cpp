// kafka-leader-election: elects leaders of partitions, the preferred ones or unclean ones.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/jopt.hpp"
#include "cli/json_input.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_partitions.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

constexpr std::string_view command_failed = "org.apache.kafka.tools.AdminCommandFailedException";
constexpr std::string_view operation_failed = "org.apache.kafka.tools.AdminOperationException";
constexpr std::string_view api_timeout_ms = "30000";
constexpr std::string_view request_timeout_ms = "15000";

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("host:port");
    const Option& admin_config =
        parser.accepts("admin.config", "Deprecated: use --command-config.")
            .with_required_arg("config file");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("Config file");
    const Option& json_file =
        parser.accepts("path-to-json-file",
                       "A JSON file with the partitions:\n{\"partitions\":\n  [{\"topic\": "
                       "\"foo\", \"partition\": 1},\n   {\"topic\": \"foobar\", \"partition\": "
                       "2}]\n}")
            .with_required_arg("Path to JSON file");
    const Option& topic = parser.accepts("topic", "The topic; --partition tells which of it.")
                              .with_required_arg("topic name");
    const Option& partition = parser.accepts("partition", "The partition; with --topic.")
                                  .with_required_arg("partition id", jopt::Type::int32);
    const Option& all = parser.accepts("all-topic-partitions", "All partitions that need it.");
    const Option& type =
        parser.accepts("election-type",
                       "REQUIRED: preferred (the first replica becomes leader again) or unclean "
                       "(any replica may, where there is no leader).")
            .with_required_arg("election type")
            .one_of({"PREFERRED", "UNCLEAN"}, "election type");
};

void validate(Streams& io, const Options& o, const jopt::OptionSet& given) {
    std::string missing;
    for (const Option* option : {&o.bootstrap_server, &o.type}) {
        if (!given.has(*option)) missing += (missing.empty() ? "" : ", ") + option->name();
    }
    if (!missing.empty()) throw_java(command_failed, "Missing required option(s): " + missing);
    check_invalid_args(io, o.parser, given, o.admin_config, {&o.command_config});
    int kinds = given.has(o.topic) + given.has(o.all) + given.has(o.json_file);
    if (kinds != 1) {
        throw_java(command_failed,
                   "One and only one of the following options is required: topic, "
                   "all-topic-partitions, path-to-json-file");
    }
    if (given.has(o.topic) && !given.has(o.partition)) {
        throw_java(command_failed, "Missing required option(s): partition");
    }
    if (!given.has(o.topic) && given.has(o.partition)) {
        throw_java(command_failed, "Option partition is only allowed if topic is used");
    }
}

std::set<kafka::TopicPartition> read_partitions(const std::string& path) {
    std::optional<JsonValue> json;
    try {
        json = parse_json(read_file_or_throw(path));
    } catch (const kafka::KafkaException& why) {
        throw kafka::KafkaException(runtime_failure(why.failure()));
    }
    if (!json) throw_java(operation_failed, "Replica election data is empty");
    if (!json->is_object() || !json->contains("partitions")) {
        throw_java(operation_failed, "Replica election data is missing \"partitions\" field");
    }
    std::set<kafka::TopicPartition> partitions;
    std::set<kafka::TopicPartition> twice;
    for (const JsonValue& one : json_array((*json)["partitions"])) {
        kafka::TopicPartition where{json_text(json_member(one, "topic")),
                                    json_int(json_member(one, "partition"))};
        if (!partitions.insert(where).second) twice.insert(where);
    }
    if (twice.empty()) return partitions;
    std::string names;
    std::vector<kafka::TopicPartition> listed(twice.begin(), twice.end());
    for (const auto& where : in_grown_map_order(std::move(listed))) {
        names += (names.empty() ? "" : ", ") + to_string(where);
    }
    throw_java(operation_failed,
               "Replica election data contains duplicate partitions: [" + names + "]");
}

std::string names_of(std::vector<kafka::TopicPartition> partitions) {
    std::string names;
    for (const auto& where : in_grown_map_order(std::move(partitions))) {
        names += (names.empty() ? "" : ", ") + to_string(where);
    }
    return names;
}

std::map<kafka::TopicPartition, kafka::Outcome<void>> elect(
    Streams& io, kafka::Admin& admin, kafka::ElectionType type,
    const std::optional<std::set<kafka::TopicPartition>>& partitions) {
    auto results = kafka::elect_leaders(admin, type, partitions);
    if (results) return std::move(*results);
    const kafka::Failure& why = results.error();
    std::string message;
    if (why.is("TimeoutException")) message = "Timeout waiting for election results";
    if (why.is("ClusterAuthorizationException")) {
        message = "Not authorized to perform leader election";
    }
    if (message.empty()) {
        throw kafka::KafkaException(runtime_failure(execution_failure(why)));
    }
    io.out.line(message);
    kafka::Failure failure{.exception = std::string(command_failed), .message = message};
    if (why.is("TimeoutException")) failure.cause = std::make_shared<const kafka::Failure>(why);
    throw kafka::KafkaException(failure);
}

/// 1 when a partition could not be elected.
int report(Streams& io, const std::string& type,
           const std::map<kafka::TopicPartition, kafka::Outcome<void>>& results) {
    std::vector<kafka::TopicPartition> succeeded;
    std::vector<kafka::TopicPartition> not_needed;
    std::vector<kafka::TopicPartition> failed;
    for (const auto& [where, result] : results) {
        if (result) succeeded.push_back(where);
        else if (result.error().code == ErrorCode::election_not_needed) not_needed.push_back(where);
        else failed.push_back(where);
    }
    if (!succeeded.empty()) {
        io.out.line("Successfully completed leader election (" + type + ") for partitions " +
                    names_of(succeeded));
    }
    if (!not_needed.empty()) {
        io.out.line("Valid replica already elected for partitions " + names_of(not_needed));
    }
    if (failed.empty()) return 0;
    std::string suppressed;
    for (const auto& where : in_grown_map_order(failed)) {
        std::string why = results.at(where).error().to_string();
        io.out.line("Error completing leader election (" + type + ") for partition: " +
                    to_string(where) + ": " + why);
        suppressed += "\tSuppressed: " + why + "\n";
    }
    std::string message = std::to_string(failed.size()) + " replica(s) could not be elected";
    io.err.line(message);
    io.err.line(std::string(command_failed) + ": " + message + "\n" + suppressed);
    return 1;
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(io, o.parser, given,
                          "This tool attempts to elect a new leader for a set of topic partitions. "
                          "The type of elections supported are preferred replicas and unclean "
                          "replicas.");
    validate(io, o, given);
    std::string type = given.text_or_empty(o.type);
    std::ranges::transform(type, type.begin(), [](unsigned char c) {
        return char(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    });
    std::optional<std::set<kafka::TopicPartition>> partitions;
    if (auto path = given.text(o.json_file)) partitions = read_partitions(*path);
    if (auto topic = given.text(o.topic)) {
        auto partition = int32_t(given.number(o.partition).value_or(0));
        if (!partitions) partitions = {kafka::TopicPartition{*topic, partition}};
    }
    std::optional<std::string> config = given.text(o.command_config);
    if (given.has(o.admin_config)) {
        io.out.line("Option --admin.config has been deprecated and will be removed in a future "
                    "version. Use --command-config instead.");
        config = given.text(o.admin_config);
    }
    kafka::ClientProperties properties = load_properties_or_throw(config);
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    properties.set_default("default.api.timeout.ms", std::string(api_timeout_ms));
    properties.set_default("request.timeout.ms", std::string(request_timeout_ms));
    auto admin = make_admin(io, properties);
    auto election =
        type == "UNCLEAN" ? kafka::ElectionType::unclean : kafka::ElectionType::preferred;
    return report(io, type, elect(io, *admin, election, partitions));
}

}  // namespace

int run_leader_election(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
