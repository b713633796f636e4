// The functions of the tools, for the table in tools.cpp; each is defined in the file of its name.
#pragma once

#include "cli/tool.hpp"

namespace stoker::cli {

int run_consumer_groups(const Args& args, Streams& io);
int run_dump_log(const Args& args, Streams& io);
int run_groups(const Args& args, Streams& io);
int run_share_groups(const Args& args, Streams& io);
int run_streams_groups(const Args& args, Streams& io);
int run_storage(const Args& args, Streams& io);
int run_server_start(const Args& args, Streams& io);
int run_server_stop(const Args& args, Streams& io);
int run_streams_application_reset(const Args& args, Streams& io);
int run_topics(const Args& args, Streams& io);
int run_console_consumer(const Args& args, Streams& io);
int run_consumer_perf_test(const Args& args, Streams& io);
int run_producer_perf_test(const Args& args, Streams& io);
int run_consumer_perf(const Args& args, Streams& io);
int run_producer_perf(const Args& args, Streams& io);
int run_e2e_latency(const Args& args, Streams& io);
int run_verifiable_producer(const Args& args, Streams& io);
int run_verifiable_consumer(const Args& args, Streams& io);
int run_share_consumer_perf_test(const Args& args, Streams& io);
int run_console_share_consumer(const Args& args, Streams& io);
int run_console_producer(const Args& args, Streams& io);
int run_get_offsets(const Args& args, Streams& io);
int run_delete_records(const Args& args, Streams& io);
int run_log_dirs(const Args& args, Streams& io);
int run_broker_api_versions(const Args& args, Streams& io);
int run_cluster(const Args& args, Streams& io);
int run_features(const Args& args, Streams& io);
int run_metadata_quorum(const Args& args, Streams& io);
int run_leader_election(const Args& args, Streams& io);
int run_reassign_partitions(const Args& args, Streams& io);
int run_replica_verification(const Args& args, Streams& io);
int run_transactions(const Args& args, Streams& io);
int run_client_metrics(const Args& args, Streams& io);
int run_delegation_tokens(const Args& args, Streams& io);
int run_acls(const Args& args, Streams& io);
int run_configs(const Args& args, Streams& io);

}  // namespace stoker::cli
