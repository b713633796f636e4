// kafka-cluster: the cluster's id, its endpoints, and unregistering a broker.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/failures.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

struct Command {
    /// No aggregate: g++ 12 loses the words of the initialisers below when it initialises one.
    explicit Command(argparse::Parser& to) : parser(to) {}

    argparse::Parser& parser;
    argparse::Group& connection = parser.add_group(true);
    const argparse::Argument& server = connection.add({"--bootstrap-server", "-b"},
                                                      "The servers to connect to first.");
    const argparse::Argument& controller = connection.add(
        {"--bootstrap-controller", "-C"}, "The controllers to connect to first.");
    const argparse::Argument& config = parser.add(
        {"--config"}, "Deprecated: use --command-config.");
    const argparse::Argument& command_config = parser.add(
        {"--command-config", "-c"}, "A properties file with settings of the admin client.");
};

struct Arguments {
    argparse::Parser parser{"kafka-cluster"};
    argparse::Parser& id_parser =
        parser.description("The Kafka cluster tool.")
            .add_command("cluster-id", "Get information about the ID of a cluster.");
    argparse::Parser& unregister_parser =
        parser.add_command("unregister", "Unregister a broker.");
    argparse::Parser& endpoints_parser = parser.add_command("list-endpoints", "List endpoints");
    Command id{id_parser};
    Command unregister{unregister_parser};
    Command endpoints{endpoints_parser};
    const argparse::Argument& broker =
        unregister_parser.add({"--id", "-i"}, "The ID of the broker to unregister.")
            .type(argparse::Type::int32)
            .required();
    const argparse::Argument& fenced =
        endpoints_parser
            .add({"--include-fenced-brokers"}, "Lists fenced brokers as well.")
            .store_true();
    const argparse::Argument& output = add_output_argument(endpoints_parser);
};

kafka::ClientProperties properties_of(Streams& io, const Command& command,
                                      const argparse::Namespace& given) {
    std::optional<std::string> config = given.text(command.config);
    std::optional<std::string> command_config = given.text(command.command_config);
    if (config && command_config) {
        throw_java("net.sourceforge.argparse4j.inf.ArgumentParserException",
                   "--config and --command-config cannot be specified together.");
    }
    if (config) {
        io.out.line("Option --config has been deprecated and will be removed in a future version. "
                    "Use --command-config instead.");
        command_config = config;
    }
    kafka::ClientProperties properties = load_properties_or_throw(command_config);
    set_bootstrap(properties, given.text(command.server), given.text(command.controller));
    return properties;
}

void print_id(Streams& io, kafka::Admin& admin) {
    std::string id = get_or_throw(kafka::describe_cluster(admin)).cluster_id;
    io.out.line(id.empty() ? "No cluster ID found. The Kafka version is probably too old."
                           : "Cluster ID: " + id);
}

void unregister(Streams& io, kafka::Admin& admin, int32_t id) {
    auto done = kafka::unregister_broker(admin, id);
    if (!done && done.error().is("UnsupportedVersionException")) {
        io.out.line("The target cluster does not support the broker unregistration API.");
        return;
    }
    if (!done) {
        admin.cluster().log_error("Unregister broker request for broker ID " +
                                      std::to_string(id) + " failed: " + done.error().text(),
                                  "org.apache.kafka.clients.admin.KafkaAdminClient");
    }
    get_or_throw(std::move(done));
    io.out.line("Broker " + std::to_string(id) + " is no longer registered.");
}

struct EndpointQuestion {
    bool with_fenced = false;
    bool controllers = false;
    std::optional<OutputFormat> format{};
};

void print_endpoints_as(Streams& io, const EndpointQuestion& question,
                        const std::vector<kafka::Node>& nodes) {
    Listing listing{.columns = {"id", "host", "port", "rack", "fenced", "endpoint_type"},
                    .rows = {}};
    for (const kafka::Node& node : nodes) {
        listing.rows.push_back({int64_t(node.id), node.host, int64_t(node.port),
                                cell_of(node.rack), node.is_fenced,
                                std::string(question.controllers ? "controller" : "broker")});
    }
    print_listing(io.out, *question.format, listing);
}

void list_endpoints(Streams& io, kafka::Admin& admin, const EndpointQuestion& question) {
    bool controllers = question.controllers;
    auto cluster = kafka::describe_cluster(admin, question.with_fenced);
    if (!cluster && cluster.error().is("UnsupportedVersionException")) {
        io.out.line(cluster.error().text());
        return;
    }
    std::vector<kafka::Node> nodes = get_or_throw(std::move(cluster)).nodes;
    if (question.format) return print_endpoints_as(io, question, nodes);
    size_t host_width = nodes.empty() ? 100 : 0;
    size_t rack_width = 0;
    for (const kafka::Node& node : nodes) {
        host_width = std::max(host_width, kafka::java_length(node.host));
        if (node.rack) rack_width = std::max(rack_width, kafka::java_length(*node.rack));
    }
    if (rack_width == 0) rack_width = 10;
    std::string format = "%-10s %-" + std::to_string(host_width) + "s %-10s %-" +
                         std::to_string(rack_width) + "s ";
    format += controllers ? "%-15s%n" : "%-10s %-15s%n";
    auto print = [&](std::vector<std::string> cells) {
        if (controllers) cells.erase(cells.begin() + 4);
        io.out.write(kafka::java_format(format, cells));
    };
    print({"ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"});
    for (const kafka::Node& node : nodes) {
        print({std::to_string(node.id), node.host, std::to_string(node.port),
               node.rack.value_or("null"), node.is_fenced ? "fenced" : "unfenced",
               controllers ? "controller" : "broker"});
    }
}

int execute(const Args& args, Streams& io) {
    Arguments arguments;
    argparse::Namespace given = arguments.parser.parse_or_exit(args, io);
    if (given.chose(arguments.id_parser)) {
        print_id(io, *make_admin(io, properties_of(io, arguments.id, given)));
    } else if (given.chose(arguments.unregister_parser)) {
        auto admin = make_admin(io, properties_of(io, arguments.unregister, given));
        unregister(io, *admin, int32_t(given.number(arguments.broker).value_or(0)));
    } else {
        auto admin = make_admin(io, properties_of(io, arguments.endpoints, given));
        bool with_fenced = given.given(arguments.fenced);
        bool controllers = given.given(arguments.endpoints.controller);
        if (with_fenced && controllers) {
            throw_illegal_argument("The option --include-fenced-brokers is only supported with "
                                   "--bootstrap-server option");
        }
        list_endpoints(io, *admin,
                       {.with_fenced = with_fenced,
                        .controllers = controllers,
                        .format = output_format(given, arguments.output)});
    }
    return 0;
}

}  // namespace

int run_cluster(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
