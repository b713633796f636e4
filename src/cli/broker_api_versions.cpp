// kafka-broker-api-versions: the APIs of every broker and their versions, beside those that Apache
// Kafka 4.3's own clients know.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/api_table.hpp"
#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/cluster.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/18_api_versions.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;
using protocol::ApiVersionsResponse;

/// What upstream's client of this tool waits for an answer.
constexpr std::string_view request_timeout_ms = "5000";

struct Options {
    jopt::Parser parser;
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("command config property file");
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "REQUIRED: the servers to connect to first.")
            .with_required_arg("server(s) to use for bootstrapping");
    const Option& output = add_output_option(parser);
};

const KnownApi* find_known(int16_t key) {
    const auto* found = std::ranges::find(known_apis, key, &KnownApi::key);
    return found == std::end(known_apis) ? nullptr : found;
}

std::string api_text(const ApiVersionsResponse::ApiVersion& served) {
    const KnownApi* known = find_known(served.api_key);
    std::string text = known == nullptr ? "UNKNOWN" : std::string(known->name);
    text += "(" + std::to_string(served.api_key) + "): " + std::to_string(served.min_version);
    if (served.min_version != served.max_version) {
        text += " to " + std::to_string(served.max_version);
    }
    if (known == nullptr) return text;
    if (known->latest < served.min_version) return text + " [unusable: node too new]";
    if (served.max_version < known->oldest) return text + " [unusable: node too old]";
    return text + " [usable: " + std::to_string(std::min(known->latest, served.max_version)) + "]";
}

std::string versions_text(const ApiVersionsResponse& response) {
    std::map<int16_t, std::string> lines;
    for (const auto& served : response.api_keys) lines[served.api_key] = api_text(served);
    for (const KnownApi& known : known_apis) {
        if (!known.for_clients) continue;
        lines.try_emplace(known.key, std::string(known.name) + "(" + std::to_string(known.key) +
                                         "): UNSUPPORTED");
    }
    std::string text = "(\n\t";
    std::string_view separator;
    for (const auto& [key, line] : lines) {
        text.append(separator).append(line);
        separator = ",\n\t";
    }
    return text + "\n)";
}

Listing empty_listing() {
    return {.columns = {"broker", "host", "port", "api", "key", "min_version", "max_version",
                        "usable_version"},
            .rows = {}};
}

void add_rows(Listing& listing, const kafka::Node& node, const ApiVersionsResponse& response) {
    for (const auto& served : response.api_keys) {
        const KnownApi* known = find_known(served.api_key);
        const bool usable = known != nullptr && known->latest >= served.min_version &&
                            served.max_version >= known->oldest;
        Cell version;
        if (usable) version = int64_t(std::min(known->latest, served.max_version));
        listing.rows.push_back({int64_t(node.id), node.host, int64_t(node.port),
                                known == nullptr ? Cell() : Cell(std::string(known->name)),
                                int64_t(served.api_key), int64_t(served.min_version),
                                int64_t(served.max_version), std::move(version)});
    }
}

/// Each bootstrap server is tried once, as upstream's client of this tool does.
kafka::Cluster& require_metadata(kafka::Cluster& cluster, const std::string& servers) {
    kafka::Deadline deadline = cluster.deadline(cluster.settings().request_timeout_ms);
    auto connection = cluster.try_any(deadline);
    if (connection) {
        protocol::MetadataRequest request{.topics = std::nullopt};
        auto answer = (*connection)->call<protocol::MetadataResponse>(request, deadline);
        if (answer) {
            cluster.learn(*answer);
            return cluster;
        }
    }
    throw_java("java.lang.RuntimeException",
               "Request METADATA failed on brokers [" + servers + "]");
}

std::unique_ptr<kafka::Cluster> make_cluster(Streams& io, kafka::ClientProperties properties) {
    properties.set_default("request.timeout.ms", std::string(request_timeout_ms));
    kafka::ClusterOptions options{
        .settings = kafka::value_or_throw(kafka::read_common_settings(properties)),
        .name = "LegacyAdminClient clientId=admin-1",
        .warns_of_bootstrap = true};
    options.settings.client_id = "admin-1";
    return kafka::value_or_throw(kafka::Cluster::create(options, io.log, io.clock));
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(io, o.parser, given,
                          "This tool helps to retrieve broker version information.");
    check_required_args(io, o.parser, given, {&o.bootstrap_server});
    const auto format = output_format(given, o.output);
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    properties.set("bootstrap.servers", given.text_or_empty(o.bootstrap_server));
    const auto cluster = make_cluster(io, std::move(properties));
    std::string servers;
    for (int32_t id = -1; auto node = cluster->find_node(id); --id) {
        servers += (servers.empty() ? "" : ", ") + to_string(*node);
    }
    int status = 0;
    Listing listing = empty_listing();
    for (const kafka::Node& node : std::vector(require_metadata(*cluster, servers).nodes())) {
        kafka::Deadline deadline = cluster->deadline(cluster->settings().request_timeout_ms);
        auto connection = cluster->try_node(node.id, deadline);
        if (!connection) status = lenient_exit();
        if (connection && format) {
            add_rows(listing, node, (*connection)->peer());
            continue;
        }
        (format ? io.err : io.out)
            .line(to_string(node) + " -> " +
                  (connection ? versions_text((*connection)->peer())
                              : "ERROR: " + connection.error().to_string()));
    }
    if (format) print_listing(io.out, *format, listing);
    return status;
}

}  // namespace

int run_broker_api_versions(const Args& args, Streams& io) {
    return main_no_exit(io, [&] { return execute(args, io); });
}

}  // namespace stoker::cli
