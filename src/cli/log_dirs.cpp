// kafka-log-dirs: which partitions lie in which folder of which broker, as one line of JSON. Its
// keys come in the order of Java's HashMaps, which is the same in every run.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/jackson_text.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_cluster.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("The server(s) to use for bootstrapping");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("Admin client property file");
    const Option& describe = parser.accepts("describe", "Shows the folders of the brokers.");
    const Option& topic_list =
        parser.accepts("topic-list", "Only these topics: \"topic1,topic2\".")
            .with_required_arg("Topic list")
            .defaults_to("");
    const Option& broker_list =
        parser.accepts("broker-list", "Only these brokers, by their ids: \"1,2\".")
            .with_required_arg("Broker list")
            .defaults_to("");
    const Option& output = add_output_option(parser);
};

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> all;
    size_t begin = 0;
    while (begin <= text.size()) {
        size_t comma = std::min(text.find(',', begin), text.size());
        if (comma > begin) all.push_back(text.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return all;
}

using Folders = std::vector<std::pair<int32_t, std::vector<kafka::LogDirDescription>>>;

struct Replica {
    int64_t size = 0;
    int64_t offset_lag = 0;
    bool is_future = false;
};

std::map<kafka::TopicPartition, Replica> replicas_of(const kafka::LogDirDescription& folder,
                                                     const std::set<std::string>& topics) {
    std::map<kafka::TopicPartition, Replica> replicas;
    for (const auto& topic : folder.topics) {
        if (!topics.empty() && !topics.contains(topic.name)) continue;
        for (const auto& from : topic.partitions) {
            replicas[{topic.name, raw(from.partition_index)}] = {from.partition_size,
                                                                 from.offset_lag,
                                                                 from.is_future_key};
        }
    }
    return replicas;
}

std::string folder_json(const kafka::LogDirDescription& folder,
                        const std::set<std::string>& topics) {
    auto replicas = replicas_of(folder, topics);
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& [where, replica] : replicas) partitions.push_back(where);
    std::string text = "{\"partitions\":[";
    std::string_view comma;
    for (const auto& where : in_grown_map_order(std::move(partitions))) {
        const Replica& replica = replicas.at(where);
        text.append(comma).append("{\"partition\":").append(json_quoted(to_string(where)));
        text += ",\"size\":" + std::to_string(replica.size) +
                ",\"offsetLag\":" + std::to_string(replica.offset_lag) +
                ",\"isFuture\":" + (replica.is_future ? "true}" : "false}");
        comma = ",";
    }
    std::string error = "null";
    if (folder.error_code != ErrorCode::none) {
        error = json_quoted(kafka::exception_class(folder.error_code));
    }
    return text + "],\"error\":" + error + ",\"logDir\":" + json_quoted(folder.log_dir) + "}";
}

std::string all_json(const Folders& brokers, const std::set<std::string>& topics) {
    std::string text = "{\"brokers\":[";
    std::string_view comma;
    for (const auto& [id, folders] : brokers) {
        text.append(comma).append("{\"broker\":" + std::to_string(id) + ",\"logDirs\":[");
        std::vector<std::string> names;
        for (const auto& folder : folders) names.push_back(folder.log_dir);
        std::string_view inner;
        for (const std::string& name : in_grown_map_order(std::move(names))) {
            auto folder =
                std::ranges::find(folders, name, &kafka::LogDirDescription::log_dir);
            text.append(inner).append(folder_json(*folder, topics));
            inner = ",";
        }
        text += "]}";
        comma = ",";
    }
    return text + "],\"version\":1}";
}

Listing as_listing(const Folders& brokers, const std::set<std::string>& topics) {
    Listing listing{.columns = {"broker", "log_dir", "error", "topic", "partition", "size",
                                "offset_lag", "is_future"},
                    .rows = {}};
    for (const auto& [id, folders] : brokers) {
        for (const auto& folder : folders) {
            Cell error;
            if (folder.error_code != ErrorCode::none) {
                error = std::string(name(folder.error_code));
            }
            for (const auto& [where, replica] : replicas_of(folder, topics)) {
                listing.rows.push_back({int64_t(id), folder.log_dir, error, where.topic,
                                        int64_t(where.partition), replica.size,
                                        replica.offset_lag, replica.is_future});
            }
        }
    }
    return listing;
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(
        io, o.parser, given,
        "This tool helps to query log directory usage on the specified brokers.");
    check_required_args(io, o.parser, given, {&o.bootstrap_server, &o.describe});
    std::optional<OutputFormat> format = output_format(given, o.output);
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    properties.set_default("client.id", "log-dirs-tool");
    auto admin = make_admin(io, properties);
    std::set<int32_t> existing;
    for (const auto& node : get_or_throw(kafka::describe_cluster(*admin)).nodes) {
        existing.insert(node.id);
    }
    std::set<int32_t> asked;
    for (const std::string& id : words(given.text_or_empty(o.broker_list))) {
        asked.insert(parse_int_or_throw(id));
    }
    auto text = [](const std::set<int32_t>& ids) {
        return joined_numbers({ids.begin(), ids.end()});
    };
    std::set<int32_t> missing;
    std::ranges::set_difference(asked, existing, std::inserter(missing, missing.end()));
    if (!missing.empty()) {
        throw_terse("ERROR: The given brokers do not exist from --broker-list: " + text(missing) +
                    ". Current existent brokers: " + text(existing));
    }
    if (asked.empty()) asked = existing;
    std::vector<std::string> topic_words = words(given.text_or_empty(o.topic_list));
    std::set<std::string> topics(topic_words.begin(), topic_words.end());
    if (!format) io.out.line("Querying brokers for log directories information");
    Folders folders;
    for (int32_t id : asked) {
        folders.emplace_back(id, get_or_throw(kafka::describe_log_dirs(*admin, id)));
    }
    if (format) {
        print_listing(io.out, *format, as_listing(folders, topics));
        return 0;
    }
    io.out.line("Received log directory information from brokers " + text(asked));
    io.out.line(all_json(folders, topics));
    return 0;
}

}  // namespace

int run_log_dirs(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
