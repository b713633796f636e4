// kafka-metadata-quorum: the controllers of the cluster and how far each has the metadata log.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/pretty_table.hpp"
#include "cli/quorum_change.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_cluster.hpp"

namespace stoker::cli {
namespace {

using Replica = protocol::DescribeQuorumResponse::ReplicaState;

struct Arguments {
    argparse::Parser parser{"kafka-metadata-quorum"};
    argparse::Group& connection =
        parser.description("This tool describes kraft metadata quorum status.").add_group(true);
    const argparse::Argument& server =
        connection.add({"--bootstrap-server"}, "The servers to connect to first.");
    const argparse::Argument& controller =
        connection.add({"--bootstrap-controller"}, "The controllers to connect to first.");
    const argparse::Argument& command_config = parser.add(
        {"--command-config"},
        "A properties file with settings of the admin client; for add-controller also those of "
        "the controller.");
    argparse::Parser& describe =
        parser.add_command("describe", "Describe the metadata quorum info");
    argparse::Group& status_group = describe.add_group(false, "Status");
    const argparse::Argument& status =
        status_group.add({"--status"}, "A short summary of the quorum.").store_true();
    argparse::Group& replication_group = describe.add_group(false, "Replication");
    const argparse::Argument& replication =
        replication_group.add({"--replication"}, "How far every replica is.").store_true();
    const argparse::Argument& human = describe.add({"--human-readable"},
                                                   "Times as \"7 ms ago\".").store_true();
    const argparse::Argument& output = add_output_argument(describe);
    argparse::Parser& add =
        parser.add_command("add-controller", "Add a controller to the KRaft controller cluster");
    const argparse::Argument& add_dry_run =
        add.add({"--dry-run"}, "Only says what would be done.").store_true();
    argparse::Parser& remove = parser.add_command(
        "remove-controller", "Remove a controller from the KRaft controller cluster");
    const argparse::Argument& remove_id =
        remove.add({"--controller-id", "-i"}, "The id of the controller to remove.")
            .type(argparse::Type::int32)
            .required();
    const argparse::Argument& remove_directory =
        remove.add({"--controller-directory-id", "-d"},
                   "The directory ID of the controller to remove.")
            .required();
    const argparse::Argument& remove_dry_run =
        remove.add({"--dry-run"}, "Only says what would be done.").store_true();
};

const Replica& leader_of(const kafka::QuorumDescription& quorum) {
    const auto& voters = quorum.partition.current_voters;
    auto leader = std::ranges::find(voters, quorum.partition.leader_id, &Replica::replica_id);
    if (leader == voters.end()) {
        throw_java("java.util.NoSuchElementException", "No value present");
    }
    return *leader;
}

std::string replica_text(const kafka::QuorumDescription& quorum, const Replica& replica) {
    std::string text = "{\"id\": " + std::to_string(replica.replica_id);
    if (!replica.replica_directory_id.is_zero()) {
        text += ", \"directoryId\": \"" + to_string(replica.replica_directory_id) + "\"";
    }
    using Node = protocol::DescribeQuorumResponse::Node;
    auto node = std::ranges::find(quorum.nodes, replica.replica_id, &Node::node_id);
    if (node != quorum.nodes.end() && !node->listeners.empty()) {
        text += ", \"endpoints\": [";
        for (size_t i = 0; i < node->listeners.size(); ++i) {
            const auto& listener = node->listeners[i];
            bool v6 = listener.host.find(':') != std::string::npos;
            text += (i > 0 ? ", \"" : "\"") + listener.name + "://" + (v6 ? "[" : "") +
                    listener.host + (v6 ? "]:" : ":") + std::to_string(listener.port) + "\"";
        }
        text += "]";
    }
    return text + "}";
}

std::string replicas_text(const kafka::QuorumDescription& quorum,
                          const std::vector<Replica>& replicas) {
    std::string text = "[";
    for (size_t i = 0; i < replicas.size(); ++i) {
        text += (i > 0 ? ", " : "") + replica_text(quorum, replicas[i]);
    }
    return text + "]";
}

void describe_status(Streams& io, kafka::Admin& admin) {
    std::string cluster_id = get_or_throw(kafka::describe_cluster(admin)).cluster_id;
    kafka::QuorumDescription quorum = get_or_throw(kafka::describe_quorum(admin));
    const Replica& leader = leader_of(quorum);
    const Replica& behind = *std::ranges::min_element(
        quorum.partition.current_voters, {},
        [](const Replica& replica) { return raw(replica.log_end_offset); });
    int64_t lag_time_ms = -1;
    if (&leader == &behind) {
        lag_time_ms = 0;
    } else if (leader.last_caught_up_timestamp >= 0 && behind.last_caught_up_timestamp >= 0) {
        lag_time_ms = leader.last_caught_up_timestamp - behind.last_caught_up_timestamp;
    }
    const auto& partition = quorum.partition;
    io.out.line("ClusterId:              " + cluster_id);
    io.out.line("LeaderId:               " + std::to_string(partition.leader_id));
    io.out.line("LeaderEpoch:            " + std::to_string(raw(partition.leader_epoch)));
    io.out.line("HighWatermark:          " + std::to_string(raw(partition.high_watermark)));
    io.out.line("MaxFollowerLag:         " +
                std::to_string(leader.log_end_offset - behind.log_end_offset));
    io.out.line("MaxFollowerLagTimeMs:   " + std::to_string(lag_time_ms));
    io.out.line("CurrentVoters:          " + replicas_text(quorum, partition.current_voters));
    io.out.line("CurrentObservers:       " + replicas_text(quorum, partition.observers));
}

std::string time_text(Streams& io, int64_t timestamp_ms, bool human, std::string_view what) {
    if (timestamp_ms < 0) return "-1";
    if (!human) return std::to_string(timestamp_ms);
    int64_t now = io.clock.wall_ms();
    if (timestamp_ms == 0 || timestamp_ms > now) {
        throw kafka::KafkaException(kafka::kafka_exception(
            "Error while computing relative time, possible drift in system clock.\nCurrent "
            "timestamp is " +
            std::to_string(now) + ", " + std::string(what) + " timestamp is " +
            std::to_string(timestamp_ms)));
    }
    return std::to_string(now - timestamp_ms) + " ms ago";
}

void describe_replication(Streams& io, kafka::Admin& admin, bool human) {
    kafka::QuorumDescription quorum = get_or_throw(kafka::describe_quorum(admin));
    const Replica& leader = leader_of(quorum);
    std::vector<std::vector<std::string>> rows;
    auto add = [&](const Replica& replica, const char* status) {
        rows.push_back({std::to_string(replica.replica_id),
                        to_string(replica.replica_directory_id),
                        std::to_string(raw(replica.log_end_offset)),
                        std::to_string(leader.log_end_offset - replica.log_end_offset),
                        time_text(io, replica.last_fetch_timestamp, human, "last fetch"),
                        time_text(io, replica.last_caught_up_timestamp, human, "last caught up"),
                        status});
    };
    add(leader, "Leader");
    for (const Replica& voter : quorum.partition.current_voters) {
        if (voter.replica_id != leader.replica_id) add(voter, "Follower");
    }
    for (const Replica& observer : quorum.partition.observers) add(observer, "Observer");
    print_pretty_table(io.out,
                       {"NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp",
                        "LastCaughtUpTimestamp", "Status"},
                       rows);
}

void list_replicas(Streams& io, kafka::Admin& admin, OutputFormat format) {
    const kafka::QuorumDescription quorum = get_or_throw(kafka::describe_quorum(admin));
    const Replica& leader = leader_of(quorum);
    Listing listing{.columns = {"node_id", "directory_id", "log_end_offset", "lag",
                                "last_fetch_timestamp", "last_caught_up_timestamp", "status"},
                    .rows = {}};
    auto add = [&](const Replica& replica, std::string status) {
        listing.rows.push_back({int64_t(replica.replica_id),
                                to_string(replica.replica_directory_id),
                                raw(replica.log_end_offset),
                                int64_t(leader.log_end_offset - replica.log_end_offset),
                                replica.last_fetch_timestamp, replica.last_caught_up_timestamp,
                                std::move(status)});
    };
    for (const Replica& voter : quorum.partition.current_voters) {
        add(voter, voter.replica_id == leader.replica_id ? "Leader" : "Follower");
    }
    for (const Replica& observer : quorum.partition.observers) add(observer, "Observer");
    print_listing(io.out, format, listing);
}

void describe(Streams& io, kafka::Admin& admin, const Arguments& a,
              const argparse::Namespace& given) {
    bool status = given.given(a.status);
    bool replication = given.given(a.replication);
    if (status && replication) {
        throw_terse("Only one of --status or --replication should be specified with describe "
                    "sub-command");
    }
    const auto format = output_format(given, a.output);
    if (format && !status) return list_replicas(io, admin, *format);
    if (replication) return describe_replication(io, admin, given.given(a.human));
    if (!status) {
        throw_terse("One of --status or --replication must be specified with describe "
                    "sub-command");
    }
    if (given.given(a.human)) {
        throw_terse("The option --human-readable is only supported along with --replication");
    }
    describe_status(io, admin);
}

/// A ParseError points into the arguments: they outlive the catch.
int execute(const Arguments& a, const Args& args, Streams& io) {
    argparse::Namespace given = a.parser.parse(args, io);
    std::optional<std::string> path = given.text(a.command_config);
    kafka::ClientProperties properties;
    if (path) {
        auto loaded = load_properties(*path);
        if (!loaded) throw_terse("Properties file " + *path + " does not exists!");
        properties = std::move(*loaded);
    }
    set_bootstrap(properties, given.text(a.server), given.text(a.controller));
    auto admin = make_admin(io, properties);
    if (given.chose(a.describe)) {
        describe(io, *admin, a, given);
        return 0;
    }
    if (given.chose(a.remove)) {
        remove_controller(io, *admin, static_cast<int32_t>(*given.number(a.remove_id)),
                          *given.text(a.remove_directory), given.given(a.remove_dry_run));
        return 0;
    }
    if (!path) {
        throw_terse("You must supply the configuration file of the controller you are adding when "
                    "using add-controller.");
    }
    add_controller(io, *admin, NewVoter(properties), given.given(a.add_dry_run));
    return 0;
}

}  // namespace

int run_metadata_quorum(const Args& args, Streams& io) {
    Arguments arguments;
    return main_no_exit(io, [&] {
        try {
            return execute(arguments, args, io);
        } catch (const argparse::ParseError& wrong) {
            if (wrong.help_shown) return 0;
            argparse::Parser::print_error(io, wrong);
            return 1;
        }
    });
}

}  // namespace stoker::cli
