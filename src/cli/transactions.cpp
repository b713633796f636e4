// kafka-transactions: looks at transactions and at the producers of partitions, finds those that
// hang, and ends them.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/argparse.hpp"
#include "cli/hanging_transactions.hpp"
#include "cli/pretty_table.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/admin_transactions.hpp"

namespace stoker::cli {
namespace {

using argparse::Argument;
using argparse::Namespace;

constexpr std::string_view older_brokers = "Brokers on versions older than 3.0";

struct Arguments {
    argparse::Parser parser{"kafka-transactions.sh"};
    const Argument& version =
        parser
            .description(
                "This tool is used to analyze the transactional state of producers in the cluster. "
                "It can be used to detect and recover from hanging transactions.")
            .add({"-v", "--version"}, "Shows the version and ends.")
            .version(std::string(kafka_version) + " (Commit:" + std::string(kafka_commit) + ")");
    const Argument& command_config =
        parser.add({"--command-config"}, "A properties file with settings of the admin client.")
            .metavar("FILE");
    const Argument& server =
        parser.add({"--bootstrap-server"}, "The servers to connect to first.")
            .metavar("host:port")
            .required();
    argparse::Parser& list = parser.commands_title("commands").commands_metavar("COMMAND")
                                 .add_command("list", "list transactions");
    const Argument& duration =
        list.add({"--duration-filter"}, "Only those open for longer than so many milliseconds.")
            .type(argparse::Type::int64);
    const Argument& pattern = list.add({"--transactional-id-pattern"},
                                       "Only those whose id this regular expression matches.");
    const Argument& output = add_output_argument(list);
    argparse::Parser& describe =
        parser
            .add_command("describe", "describe the state of an active transactional-id")
            .description("Describe the state of an active transactional-id.");
    const Argument& describe_id =
        describe.add({"--transactional-id"}, "transactional id").required();
    argparse::Parser& producers = parser.add_command(
        "describe-producers", "describe the states of active producers for a topic partition");
    const Argument& producers_broker =
        producers.add({"--broker-id"}, "The broker to ask instead of the leader.")
            .type(argparse::Type::int32);
    const Argument& producers_topic = producers.add({"--topic"}, "topic name").required();
    const Argument& producers_partition =
        producers.add({"--partition"}, "partition number")
            .type(argparse::Type::int32)
            .required();
    argparse::Parser& abort =
        parser
            .add_command("abort",
                         "abort a hanging transaction (requires administrative privileges)")
            .description("Abort a hanging transaction (requires administrative privileges)");
    const Argument& abort_topic = abort.add({"--topic"}, "topic name").required();
    const Argument& abort_partition = abort.add({"--partition"}, "partition number")
                                          .type(argparse::Type::int32)
                                          .required();
    argparse::Group& newer = abort.add_group(false, "Brokers on versions 3.0 and above");
    const Argument& start_offset =
        newer.add({"--start-offset"}, "start offset of the transaction to abort")
            .type(argparse::Type::int64);
    argparse::Group& older = abort.add_group(false, std::string(older_brokers));
    const Argument& producer_id =
        older.add({"--producer-id"}, "producer id").type(argparse::Type::int64);
    const Argument& producer_epoch = abort.add({"--producer-epoch"}, "producer epoch")
                                         .type(argparse::Type::int16);
    const Argument& coordinator_epoch = abort.add({"--coordinator-epoch"}, "coordinator epoch")
                                            .type(argparse::Type::int32);
    argparse::Parser& hanging =
        parser.add_command("find-hanging", "find hanging transactions");
    const Argument& hanging_broker =
        hanging.add({"--broker-id"}, "broker id to search for hanging transactions")
            .type(argparse::Type::int32);
    const Argument& max_timeout =
        hanging
            .add({"--max-transaction-timeout"}, "Only those open for longer than so many minutes.")
            .type(argparse::Type::int32)
            .defaults_to("15");
    const Argument& hanging_topic = hanging.add({"--topic"}, "topic name to limit search to");
    const Argument& hanging_partition =
        hanging.add({"--partition"}, "partition number").type(argparse::Type::int32);
    argparse::Parser& terminate =
        parser
            .add_command("forceTerminateTransaction",
                         "Force abort an ongoing transaction on transactionalId (requires "
                         "administrative privileges)")
            .description("Force abort an ongoing transaction on transactionalId");
    const Argument& terminate_id =
        terminate.add({"--transactionalId"}, "transactional id").required();
};

class Command {
public:
    Command(Streams& io, const Arguments& arguments, const Namespace& given, kafka::Admin& admin)
        : io_(io), a_(arguments), given_(given), admin_(admin) {}

    void run() {
        if (given_.chose(a_.list)) list();
        else if (given_.chose(a_.describe)) describe();
        else if (given_.chose(a_.producers)) producers();
        else if (given_.chose(a_.abort)) abort();
        else if (given_.chose(a_.hanging)) hanging();
        else terminate();
    }

private:
    kafka::TopicPartition partition(const Argument& topic, const Argument& number) const {
        return {given_.text(topic).value_or(""), int32_t(given_.number(number).value_or(0))};
    }

    void list() {
        kafka::TransactionFilter filter{.duration_ms = given_.number(a_.duration).value_or(-1),
                                        .id_pattern = given_.text(a_.pattern)};
        auto listed = kafka::list_transactions(admin_, filter);
        if (!listed) exit_with_failure(io_, "Failed to list transactions", listed.error());
        if (auto format = output_format(given_, a_.output)) return list_as(*format, *listed);
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : *listed) {
            rows.push_back({one.state.transactional_id, std::to_string(one.coordinator),
                            std::to_string(raw(one.state.producer_id)),
                            one.state.transaction_state});
        }
        print_pretty_table(
            io_.out, {"TransactionalId", "Coordinator", "ProducerId", "TransactionState"}, rows);
    }

    void list_as(OutputFormat format, const std::vector<kafka::TransactionListing>& listed) {
        Listing listing{
            .columns = {"transactional_id", "coordinator", "producer_id", "transaction_state"},
            .rows = {}};
        for (const auto& one : listed) {
            listing.rows.push_back({one.state.transactional_id, int64_t(one.coordinator),
                                    int64_t(raw(one.state.producer_id)),
                                    one.state.transaction_state});
        }
        print_listing(io_.out, format, listing);
    }

    void describe() {
        std::string id = given_.text(a_.describe_id).value_or("");
        auto described = kafka::describe_transaction(admin_, id);
        if (!described) {
            exit_with_failure(
                io_, "Failed to describe transaction state of transactional-id `" + id + "`",
                described.error());
        }
        const auto& state = described->state;
        std::string start = "None";
        std::string duration = "None";
        if (state.transaction_start_time_ms >= 0) {
            start = std::to_string(state.transaction_start_time_ms);
            duration = std::to_string(io_.clock.wall_ms() - state.transaction_start_time_ms);
        }
        std::string partitions;
        for (const auto& topic : state.topics) {
            for (PartitionId one : topic.partitions) {
                partitions += (partitions.empty() ? "" : ",") + topic.topic + "-" +
                              std::to_string(raw(one));
            }
        }
        print_pretty_table(
            io_.out,
            {"CoordinatorId", "TransactionalId", "ProducerId", "ProducerEpoch",
             "TransactionState", "TransactionTimeoutMs", "CurrentTransactionStartTimeMs",
             "TransactionDurationMs", "TopicPartitions"},
            {{std::to_string(described->coordinator), id,
              std::to_string(raw(state.producer_id)), std::to_string(state.producer_epoch),
              state.transaction_state, std::to_string(state.transaction_timeout_ms), start,
              duration, partitions}});
    }

    kafka::PartitionProducers producers_of(const kafka::TopicPartition& where,
                                           std::optional<int32_t> broker,
                                           const std::string& problem) {
        auto all = kafka::describe_producers(admin_, {where}, broker);
        auto found = all.find(where);
        if (found == all.end()) {
            exit_with_failure(io_, problem,
                              kafka::failure_of(ErrorCode::unknown_server_error));
        }
        if (!found->second) exit_with_failure(io_, problem, found->second.error());
        return std::move(*found->second);
    }

    void producers() {
        kafka::TopicPartition where = partition(a_.producers_topic, a_.producers_partition);
        std::optional<int32_t> broker;
        if (auto id = given_.number(a_.producers_broker)) broker = int32_t(*id);
        std::string whom = broker ? "broker " + std::to_string(*broker) : "leader";
        std::vector<std::vector<std::string>> rows;
        for (const auto& one :
             producers_of(where, broker,
                          "Failed to describe producers for partition " + to_string(where) +
                              " on " + whom)) {
            int64_t start = raw(one.current_txn_start_offset);
            int32_t epoch = one.coordinator_epoch < 0 ? -1 : one.coordinator_epoch;
            rows.push_back({std::to_string(raw(one.producer_id)),
                            std::to_string(one.producer_epoch), std::to_string(epoch),
                            std::to_string(one.last_sequence),
                            std::to_string(one.last_timestamp),
                            start < 0 ? "None" : std::to_string(start)});
        }
        print_pretty_table(io_.out,
                           {"ProducerId", "ProducerEpoch", "LatestCoordinatorEpoch",
                            "LastSequence", "LastTimestamp", "CurrentTransactionStartOffset"},
                           rows);
    }

    void abort() {
        kafka::TopicPartition where = partition(a_.abort_topic, a_.abort_partition);
        std::optional<int64_t> start = given_.number(a_.start_offset);
        std::optional<int64_t> producer = given_.number(a_.producer_id);
        std::optional<int64_t> epoch = given_.number(a_.producer_epoch);
        std::optional<int64_t> coordinator_epoch = given_.number(a_.coordinator_epoch);
        if (!start && !producer) {
            exit_with(io_, "The transaction to abort must be identified either with "
                           "--start-offset (for brokers on 3.0 or above) or with --producer-id, "
                           "--producer-epoch, and --coordinator-epoch (for older brokers)");
        }
        if (!start && !epoch) exit_with(io_, "Missing required argument --producer-epoch");
        if (!start && !coordinator_epoch) {
            exit_with(io_, "Missing required argument --coordinator-epoch");
        }
        if (start) {
            bool is_open = false;
            for (const auto& one :
                 producers_of(where, std::nullopt,
                              "Failed to validate producer state for partition " +
                                  to_string(where))) {
                if (*start < 0 || raw(one.current_txn_start_offset) != *start) continue;
                is_open = true;
                producer = raw(one.producer_id);
                epoch = one.producer_epoch;
                coordinator_epoch = one.coordinator_epoch;
            }
            if (!is_open) {
                exit_with(io_, "Could not find any open transactions starting at offset " +
                                   std::to_string(*start) + " on partition " + to_string(where));
            }
        }
        coordinator_epoch = std::max<int64_t>(*coordinator_epoch, 0);
        const kafka::AbortTransaction transaction{
            .partition = where,
            .producer_id = *producer,
            .producer_epoch = int16_t(*epoch),
            .coordinator_epoch = int32_t(*coordinator_epoch)};
        auto aborted = kafka::abort_transaction(admin_, transaction);
        if (aborted) return;
        exit_with_failure(io_, "Failed to abort transaction " + kafka::to_string(transaction),
                          aborted.error());
    }

    void hanging() {
        HangingSearch search{.topic = given_.text(a_.hanging_topic)};
        if (auto id = given_.number(a_.hanging_broker)) search.broker = int32_t(*id);
        if (auto number = given_.number(a_.hanging_partition)) {
            search.partition = int32_t(*number);
        }
        search.timeout_min = given_.number(a_.max_timeout).value_or(search.timeout_min);
        find_hanging_transactions(io_, admin_, search);
    }

    void terminate() {
        std::string id = given_.text(a_.terminate_id).value_or("");
        auto done = kafka::force_terminate_transaction(admin_, id);
        if (done) return;
        exit_with_failure(io_, "Failed to force terminate transactionalId `" + id + "`",
                          done.error());
    }

    Streams& io_;
    const Arguments& a_;
    const Namespace& given_;
    kafka::Admin& admin_;
};

}  // namespace

int run_transactions(const Args& args, Streams& io) {
    Arguments a;
    Namespace given = a.parser.parse_or_exit(args, io);
    kafka::ClientProperties properties;
    if (auto path = given.text(a.command_config)) {
        auto loaded = load_properties(*path);
        if (!loaded) {
            exit_with_failure(io, "Failed to load admin client properties", loaded.error());
        }
        properties = std::move(*loaded);
    }
    properties.set("bootstrap.servers", given.text(a.server).value_or(""));
    auto admin = make_admin(io, properties);
    Command(io, a, given, *admin).run();
    return 0;
}

}  // namespace stoker::cli
