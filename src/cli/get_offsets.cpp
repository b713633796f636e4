// kafka-get-offsets: the offsets of partitions at a time, as upstream's GetOffsetShell prints them.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/client_tool.hpp"
#include "cli/failures.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/partition_filter.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

constexpr std::string_view about = "An interactive shell for getting topic-partition offsets.";

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("HOST1:PORT1,...,HOST3:PORT3");
    const Option& topic_partitions =
        parser.accepts("topic-partitions",
                       "Topics and partitions, separated by commas: a regular expression for the "
                       "topic, and after a colon a partition N, N-M (M left out), N- or -M.")
            .with_required_arg("topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3");
    const Option& topic =
        parser.accepts("topic", "The topic, or a regular expression; all without it.")
            .with_required_arg("topic");
    const Option& partitions =
        parser.accepts("partitions", "Partition numbers, separated by commas; all without it.")
            .with_required_arg("partition ids");
    const Option& time =
        parser.accepts("time", "Of which time the offsets are wanted.")
            .with_required_arg("<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp "
                               "/ -4 or earliest-local / -5 or latest-tiered / -6 or "
                               "earliest-pending-upload")
            .defaults_to("latest");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("config file");
    const Option& exclude_internal =
        parser.accepts("exclude-internal-topics", "Leaves internal topics out.");
    const Option& output = add_output_option(parser);
};

int64_t parse_time(const std::string& text) {
    static const std::map<std::string, int64_t> words{
        {"earliest", kafka::earliest_offset},
        {"latest", kafka::latest_offset},
        {"max-timestamp", kafka::max_timestamp_offset},
        {"earliest-local", kafka::earliest_local_offset},
        {"latest-tiered", kafka::latest_tiered_offset},
        {"earliest-pending-upload", kafka::earliest_pending_upload_offset}};
    if (auto word = words.find(text); word != words.end()) return word->second;
    int64_t timestamp = 0;
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    auto [end, error] = std::from_chars(begin, text.data() + text.size(), timestamp);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw_terse("Malformed time argument " + text +
                    ". Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or "
                    "earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a "
                    "specified long format timestamp");
    }
    return timestamp;
}

struct Found {
    /// By the text "topic-partition", as upstream's TreeMap sorts them.
    std::map<std::string, std::pair<kafka::TopicPartition, int64_t>> offsets;
    bool all_found = true;
};

Found find_offsets(Streams& io, const Options& o, const jopt::OptionSet& given) {
    if (given.has(o.topic_partitions) && (given.has(o.topic) || given.has(o.partitions))) {
        throw_terse("--topic-partitions cannot be used with --topic or --partitions");
    }
    int64_t time = parse_time(given.text_or_empty(o.time));
    PartitionFilter filter =
        given.has(o.topic_partitions)
            ? PartitionFilter::of_rules(given.text_or_empty(o.topic_partitions))
            : PartitionFilter::of_topic(given.text(o.topic), given.text_or_empty(o.partitions));
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    properties.set("client.id", "GetOffsetShell");
    auto admin = make_admin(io, properties);
    std::vector<std::string> names;
    for (auto& topic :
         get_or_throw(kafka::list_topics(*admin, !given.has(o.exclude_internal)))) {
        if (filter.allows_topic(topic.name)) names.push_back(std::move(topic.name));
    }
    std::map<kafka::TopicPartition, int64_t> wanted;
    for (auto& outcome : get_or_throw(kafka::describe_topics(*admin, names))) {
        kafka::TopicDescription topic = get_or_throw(std::move(outcome));
        for (const auto& partition : topic.partitions) {
            kafka::TopicPartition where{topic.name, partition.partition};
            if (filter.allows(where)) wanted.emplace(where, time);
        }
    }
    if (wanted.empty()) {
        throw_terse("Could not match any topic-partitions with the specified filters");
    }
    Found found;
    for (auto& [where, outcome] : kafka::list_offsets(*admin, wanted)) {
        if (!outcome) {
            found.all_found = false;
            io.err.line("Skip getting offsets for topic-partition " + to_string(where) +
                        " due to error: " + outcome.error().to_string());
        } else if (outcome->offset >= 0) {
            found.offsets.emplace(to_string(where), std::pair{where, outcome->offset});
        }
    }
    return found;
}

int execute(const Args& args, Streams& io) {
    Options o;
    if (args.empty()) print_usage_and_exit(io, o.parser, about);
    jopt::OptionSet given;
    try {
        given = o.parser.parse(args);
    } catch (const kafka::KafkaException& wrong) {
        throw_terse(wrong.failure().text());
    }
    print_help_or_version(io, o.parser, given, about);
    check_required_args(io, o.parser, given, {&o.bootstrap_server});
    validate_bootstrap(io, o.parser, given.text_or_empty(o.bootstrap_server));
    std::optional<OutputFormat> format = output_format(given, o.output);
    Found found = find_offsets(io, o, given);
    int status = found.all_found ? 0 : lenient_exit();
    if (format) {
        Listing listing{.columns = {"topic", "partition", "offset"}, .rows = {}};
        for (const auto& [text, place] : found.offsets) {
            listing.rows.push_back(
                {place.first.topic, int64_t(place.first.partition), place.second});
        }
        print_listing(io.out, *format, listing);
        return status;
    }
    for (const auto& [text, place] : found.offsets) {
        io.out.line(place.first.topic + ":" + std::to_string(place.first.partition) + ":" +
                    std::to_string(place.second));
    }
    return status;
}

}  // namespace

int run_get_offsets(const Args& args, Streams& io) {
    try {
        return execute(args, io);
    } catch (const kafka::KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        io.err.line("Error occurred: " + failure.text());
        if (!is_terse(failure)) io.err.line(stack_trace(failure));
        return 1;
    }
}

}  // namespace stoker::cli
