// kafka-delete-records: deletes the records before given offsets, which a JSON file names.
#include <algorithm>
#include <map>
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

constexpr std::string_view operation_exception = "org.apache.kafka.tools.AdminOperationException";
constexpr int32_t only_version = 1;

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server(s) to use for bootstrapping");
    const Option& offset_json_file =
        parser.accepts("offset-json-file",
                       "REQUIRED: a JSON file with an offset for each partition; records before it "
                       "are deleted, all with -1:\n{\"partitions\":\n  [{\"topic\": \"foo\", "
                       "\"partition\": 1, \"offset\": 1}],\n \"version\":1\n}")
            .with_required_arg("Offset json file path");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("command config property file path");
};

std::map<kafka::TopicPartition, int64_t> parse_offsets(const std::string& text) {
    std::optional<JsonValue> json = parse_json(text);
    if (!json) throw_java(operation_exception, "The input string is not a valid JSON");
    if (json->is_object() && json->contains("version")) {
        int32_t version = json_int(json_member(*json, "version"));
        if (version != only_version) {
            throw_java(operation_exception,
                       "Not supported version field value " + std::to_string(version));
        }
    }
    if (!json->is_object()) json_member(*json, "version");
    if (!json->contains("partitions")) {
        throw_java(operation_exception, "Missing partitions field");
    }
    std::map<kafka::TopicPartition, int64_t> offsets;
    std::vector<std::string> duplicates;
    for (const JsonValue& one : json_array((*json)["partitions"])) {
        kafka::TopicPartition where{json_text(json_member(one, "topic")),
                                    json_int(json_member(one, "partition"))};
        int64_t offset = json_long(json_member(one, "offset"));
        std::string name = to_string(where);
        bool known = !offsets.emplace(where, offset).second;
        if (known && std::ranges::find(duplicates, name) == duplicates.end()) {
            duplicates.push_back(name);
        }
    }
    if (duplicates.empty()) return offsets;
    std::string names;
    for (const std::string& name : duplicates) names += (names.empty() ? "" : ",") + name;
    throw_java("org.apache.kafka.tools.AdminCommandFailedException",
               "Offset json file contains duplicate topic partitions: " + names);
}

std::string read_offsets_file(const std::string& path) {
    try {
        return read_file_or_throw(path);
    } catch (const kafka::KafkaException& why) {
        throw kafka::KafkaException(kafka::Failure{
            .exception = "java.io.IOException",
            .message = "Unable to read file " + path,
            .cause = std::make_shared<const kafka::Failure>(why.failure())});
    }
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(io, o.parser, given,
                          "This tool helps to delete records of the given partitions down to the "
                          "specified offset.");
    check_required_args(io, o.parser, given, {&o.bootstrap_server, &o.offset_json_file});
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    auto admin = make_admin(io, properties);
    auto offsets = parse_offsets(read_offsets_file(given.text_or_empty(o.offset_json_file)));
    io.out.line("Executing records delete operation");
    auto results = kafka::delete_records(*admin, offsets);
    io.out.line("Records delete operation completed:");
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& [where, outcome] : results) partitions.push_back(where);
    int status = 0;
    for (const kafka::TopicPartition& where : in_map_order(std::move(partitions))) {
        const kafka::Outcome<int64_t>& result = results.at(where);
        if (!result) status = lenient_exit();
        io.out.line("partition: " + to_string(where) +
                    (result ? "\tlow_watermark: " + std::to_string(*result)
                            : "\terror: " + result.error().to_string()));
    }
    return status;
}

}  // namespace

int run_delete_records(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
