// kafka-client-metrics: which metrics brokers ask clients for (KIP-714).
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/admin_tool.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_configs.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using kafka::value_or_throw;

constexpr std::string_view logger = "org.apache.kafka.tools.ClientMetricsCommand";
constexpr std::string_view about =
    "This tool helps to manipulate and describe client metrics configurations.";
constexpr kafka::CallOptions call_timeout{.timeout_ms = 30'000};

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("command config property file");
    const Option& alter = parser.accepts("alter", "Changes client metrics.");
    const Option& remove = parser.accepts("delete", "Deletes client metrics.");
    const Option& describe = parser.accepts("describe", "Shows client metrics.");
    const Option& list = parser.accepts("list", "Lists client metrics.");
    const Option& name =
        parser.accepts("name", "The name of the client metrics.").with_required_arg("name");
    const Option& generate_name =
        parser.accepts("generate-name", "Makes up a name: a random Uuid.");
    const Option& interval =
        parser.accepts("interval", "How often clients push, in milliseconds; empty: the default.")
            .with_required_arg("push interval");
    const Option& match =
        parser.accepts("match",
                       "Which clients are asked: 'k1=v1,k2=v2' with client_id, "
                       "client_instance_id, client_software_name, client_software_version, "
                       "client_source_address, client_source_port.")
            .with_required_arg("k1=v1,k2=v2")
            .separated_by(',');
    const Option& metrics = parser.accepts("metrics", "Prefixes of the metrics' names: 'm1,m2'.")
                                .with_required_arg("m1,m2")
                                .separated_by(',');
    const Option& output = add_output_option(parser);
};

void check(Streams& io, const Options& o, const jopt::OptionSet& given) {
    print_help_or_version(io, o.parser, given, about);
    int actions =
        given.has(o.alter) + given.has(o.remove) + given.has(o.describe) + given.has(o.list);
    if (actions != 1) {
        print_usage_and_exit(io, o.parser,
                             "Command must include exactly one action: --alter, --delete, "
                             "--describe or --list.");
    }
    if (!given.has(o.bootstrap_server)) {
        throw_illegal_argument("--bootstrap-server must be specified.");
    }
    OptionList of_alter{&o.generate_name, &o.interval, &o.match, &o.metrics};
    check_invalid_args(io, o.parser, given, o.remove, of_alter);
    check_invalid_args(io, o.parser, given, o.describe, of_alter);
    of_alter.insert(of_alter.begin(), &o.name);
    check_invalid_args(io, o.parser, given, o.list, of_alter);
    if (given.has(o.alter)) {
        if (given.has(o.name) == given.has(o.generate_name)) {
            throw_illegal_argument(
                "One of --name or --generate-name must be specified with --alter.");
        }
        std::string interval = given.text_or_empty(o.interval);
        try {
            if (!interval.empty()) parse_int_or_throw(interval);
        } catch (const kafka::KafkaException&) {
            throw_illegal_argument(
                "Invalid interval value. Enter an integer, or leave empty to reset.");
        }
    }
    if (given.has(o.remove) && !given.has(o.name)) {
        throw_illegal_argument("A client metrics resource name must be specified with --delete.");
    }
}

kafka::ConfigResource resource(const std::string& name) {
    return {kafka::ConfigResourceType::client_metrics, name};
}

std::vector<std::string> all_names(kafka::Admin& admin) {
    std::vector<std::string> names;
    for (auto& one : value_or_throw(kafka::list_config_resources(
             admin, {kafka::ConfigResourceType::client_metrics}, call_timeout))) {
        names.push_back(std::move(one.name));
    }
    return names;
}

/// In the order of a HashMap.
std::vector<kafka::ConfigEntry> configs_of(kafka::Admin& admin, const std::string& name) {
    auto described = value_or_throw(
        kafka::describe_configs(admin, {resource(name)}, false, call_timeout));
    std::vector<kafka::ConfigEntry> entries = value_or_throw(std::move(described.front()));
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(entry.name);
    std::vector<kafka::ConfigEntry> ordered;
    for (const std::string& one : in_grown_map_order(std::move(names))) {
        ordered.push_back(*std::ranges::find(entries, one, &kafka::ConfigEntry::name));
    }
    return ordered;
}

void alter(Streams& io, const Options& o, const jopt::OptionSet& given, kafka::Admin& admin) {
    std::string name = given.text_or_empty(o.name);
    if (given.has(o.generate_name)) {
        Random random;
        name = to_string(random.uuid());
    }
    std::vector<kafka::ConfigChange> changes;
    auto change = [&](const Option& option, const std::string& key, const std::string& value) {
        if (!given.has(option)) return;
        changes.push_back({.name = key,
                           .config_operation =
                               value.empty() ? kafka::config_delete : kafka::config_set,
                           .value = value});
    };
    change(o.interval, "interval.ms", given.text_or_empty(o.interval));
    change(o.metrics, "metrics", kafka::joined(given.texts(o.metrics), ","));
    change(o.match, "match", kafka::joined(given.texts(o.match), ","));
    value_or_throw(kafka::alter_config(admin, resource(name), changes, call_timeout));
    io.out.line("Altered client metrics config for " + name + ".");
}

void remove(Streams& io, const std::string& name, kafka::Admin& admin) {
    std::vector<kafka::ConfigChange> changes;
    for (const auto& entry : configs_of(admin, name)) {
        changes.push_back({.name = entry.name,
                           .config_operation = kafka::config_delete,
                           .value = entry.value});
    }
    value_or_throw(kafka::alter_config(admin, resource(name), changes, call_timeout));
    io.out.line("Deleted client metrics config for " + name + ".");
}

int describe(Streams& io, const std::optional<std::string>& asked, kafka::Admin& admin) {
    std::vector<std::string> names = all_names(admin);
    if (asked) {
        if (std::ranges::find(names, *asked) == names.end()) {
            io.out.line("The client metric resource " + *asked +
                        " doesn't exist and doesn't have dynamic config.");
            return lenient_exit();
        }
        names = {*asked};
    }
    for (const std::string& name : names) {
        io.out.line("Client metrics configs for " + name + " are:");
        for (const auto& entry : configs_of(admin, name)) {
            io.out.line("  " + entry.name + "=" + entry.value.value_or("null"));
        }
    }
    return 0;
}

void list(Streams& io, std::optional<OutputFormat> format, kafka::Admin& admin) {
    std::vector<std::string> names = all_names(admin);
    if (!format) {
        io.out.line(kafka::joined(names, "\n"));
        return;
    }
    Listing listing{.columns = {"name"}, .rows = {}};
    for (const std::string& name : names) listing.rows.push_back({name});
    print_listing(io.out, *format, listing);
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given;
    try {
        given = o.parser.parse(args);
    } catch (const kafka::KafkaException& wrong) {
        print_usage_and_exit(io, o.parser, wrong.failure().text());
    }
    check(io, o, given);
    std::optional<OutputFormat> format = output_format(given, o.output);
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    try {
        auto admin = make_admin(io, properties);
        if (given.has(o.describe)) return describe(io, given.text(o.name), *admin);
        if (given.has(o.alter)) alter(io, o, given, *admin);
        else if (given.has(o.remove)) remove(io, given.text_or_empty(o.name), *admin);
        else list(io, format, *admin);
        return 0;
    } catch (const kafka::KafkaException& thrown) {
        io.out.line("Error while executing client metrics command : " + thrown.failure().text());
        io.log.error(stack_trace(thrown.failure()), logger);
        return 1;
    }
}

}  // namespace

int run_client_metrics(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
