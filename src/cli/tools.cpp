// The one table of the tools. A tool NAME is in NAME.cpp, its function is run_NAME.
#include "cli/tool.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/tool_list.hpp"

namespace stoker::cli {

namespace {

constexpr auto all_tools = std::to_array<Tool>({
    {"kafka-console-consumer", run_console_consumer},
    {"kafka-console-producer", run_console_producer},
    {"kafka-console-share-consumer", run_console_share_consumer},
    {"kafka-consumer-perf", run_consumer_perf},
    {"kafka-consumer-perf-test", run_consumer_perf_test},
    {"kafka-e2e-latency", run_e2e_latency},
    {"kafka-producer-perf", run_producer_perf},
    {"kafka-producer-perf-test", run_producer_perf_test},
    {"kafka-share-consumer-perf-test", run_share_consumer_perf_test},
    {"kafka-verifiable-consumer", run_verifiable_consumer},
    {"kafka-verifiable-producer", run_verifiable_producer},
    {"kafka-consumer-groups", run_consumer_groups},
    {"kafka-dump-log", run_dump_log},
    {"kafka-groups", run_groups},
    {"kafka-share-groups", run_share_groups},
    {"kafka-streams-groups", run_streams_groups},
    {"kafka-streams-application-reset", run_streams_application_reset},
    {"kafka-server-start", run_server_start},
    {"kafka-server-stop", run_server_stop},
    {"kafka-storage", run_storage},
    {"kafka-topics", run_topics},
    {"kafka-get-offsets", run_get_offsets},
    {"kafka-delete-records", run_delete_records},
    {"kafka-log-dirs", run_log_dirs},
    {"kafka-broker-api-versions", run_broker_api_versions},
    {"kafka-cluster", run_cluster},
    {"kafka-features", run_features},
    {"kafka-metadata-quorum", run_metadata_quorum},
    {"kafka-leader-election", run_leader_election},
    {"kafka-replica-verification", run_replica_verification},
    {"kafka-transactions", run_transactions},
    {"kafka-configs", run_configs},
    {"kafka-client-metrics", run_client_metrics},
    {"kafka-acls", run_acls},
    {"kafka-delegation-tokens", run_delegation_tokens},
    {"kafka-reassign-partitions", run_reassign_partitions},
});

}  // namespace

std::span<const Tool> tools() {
    return all_tools;
}

const Tool* find_tool(std::string_view name) {
    if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) {
        name.remove_prefix(slash + 1);
    }
    if (name.ends_with(".sh")) name.remove_suffix(3);
    const auto found = std::ranges::find(all_tools, name, &Tool::name);
    return found == all_tools.end() ? nullptr : &*found;
}

int run_tool(const Tool& tool, const Args& args, Streams& io) {
    try {
        const int code = tool.run(args, io);
        io.out.flush();
        return code;
    } catch (const Exit& exit) {
        return exit.code;
    } catch (const kafka::KafkaException& thrown) {
        io.err.write("Exception in thread \"main\" " + stack_trace(thrown.failure()));
        return 1;
    }
}

std::string stack_trace(const kafka::Failure& failure) {
    std::string text = failure.to_string() + "\n";
    for (const auto* cause = failure.cause.get(); cause != nullptr; cause = cause->cause.get()) {
        text += "Caused by: " + cause->to_string() + "\n";
    }
    return text;
}

int lenient_exit() {
    const char* strict = std::getenv("STOKER_STRICT_EXIT");
    return strict != nullptr && std::string_view(strict) == "1" ? 1 : 0;
}

}  // namespace stoker::cli
