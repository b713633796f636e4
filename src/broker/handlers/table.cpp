// The handler table: which function answers which API. It drives the dispatch and, through
// ApiVersions, what clients believe (PROTOCOL facts: docs/ARCHITECTURE.md §4).
#include <algorithm>
#include <array>

#include "broker/handler.hpp"
#include "broker/handlers/delegation_token.hpp"
#include "broker/handlers/handlers.hpp"
#include "protocol/api_index.hpp"

namespace stoker::broker {
namespace {

using enum net::Next;

// Acks that wait for the disk may stack up on one connection (64 in flight at full speed); any
// other request of a session waits until the one before it is answered, as Apache Kafka has it.
constexpr std::array table{
    Handles<produce>::with(now),
    Handles<fetch>::with(after_reply),
    Handles<list_offsets>::with(after_reply),
    Handles<metadata>::with(after_reply),
    Handles<offset_commit>::with(after_reply),
    Handles<offset_fetch>::with(after_reply),
    Handles<find_coordinator>::with(after_reply),
    Handles<join_group>::with(after_reply),
    Handles<heartbeat>::with(after_reply),
    Handles<leave_group>::with(after_reply),
    Handles<sync_group>::with(after_reply),
    Handles<describe_groups>::with(after_reply),
    Handles<list_groups>::with(after_reply),
    Handles<sasl_handshake>::with(after_reply),
    Handles<api_versions>::with(after_reply),
    Handles<create_topics>::with(after_reply),
    Handles<delete_topics>::with(after_reply),
    Handles<delete_records>::with(after_reply),
    Handles<init_producer_id>::with(after_reply),
    Handles<offset_for_leader_epoch>::with(after_reply),
    Handles<add_partitions_to_txn>::with(after_reply),
    Handles<add_offsets_to_txn>::with(after_reply),
    Handles<end_txn>::with(after_reply),
    Handles<write_txn_markers>::with(after_reply),
    Handles<txn_offset_commit>::with(after_reply),
    Handles<describe_acls>::with(after_reply),
    Handles<create_acls>::with(after_reply),
    Handles<delete_acls>::with(after_reply),
    Handles<describe_configs>::with(after_reply),
    Handles<alter_configs>::with(after_reply),
    Handles<describe_log_dirs>::with(after_reply),
    Handles<sasl_authenticate>::with(after_reply),
    Handles<create_partitions>::with(after_reply),
    Handles<create_delegation_token>::with(after_reply),
    Handles<renew_delegation_token>::with(after_reply),
    Handles<expire_delegation_token>::with(after_reply),
    Handles<describe_delegation_token>::with(after_reply),
    Handles<delete_groups>::with(after_reply),
    Handles<elect_leaders>::with(after_reply),
    Handles<incremental_alter_configs>::with(after_reply),
    Handles<alter_partition_reassignments>::with(after_reply),
    Handles<list_partition_reassignments>::with(after_reply),
    Handles<offset_delete>::with(after_reply),
    Handles<describe_client_quotas>::with(after_reply),
    Handles<alter_client_quotas>::with(after_reply),
    Handles<describe_user_scram_credentials>::with(after_reply),
    Handles<alter_user_scram_credentials>::with(after_reply),
    Handles<describe_quorum>::with(after_reply),
    Handles<update_features>::with(after_reply),
    Handles<describe_cluster>::with(after_reply),
    Handles<describe_producers>::with(after_reply),
    Handles<unregister_broker>::with(after_reply),
    Handles<describe_transactions>::with(after_reply),
    Handles<list_transactions>::with(after_reply),
    Handles<consumer_group_heartbeat>::with(after_reply),
    Handles<consumer_group_describe>::with(after_reply),
    Handles<list_config_resources>::with(after_reply),
    Handles<describe_topic_partitions>::with(after_reply),
    Handles<add_raft_voter>::with(after_reply),
    Handles<remove_raft_voter>::with(after_reply),
};
static_assert(std::ranges::is_sorted(table, {}, [](const Handler& h) { return h.api.key; }));

}  // namespace

std::span<const Handler> handlers() {
    return table;
}

const Handler* find_handler(int16_t api_key) {
    constexpr auto key = [](const Handler& handler) { return handler.api.key; };
    return protocol::ApiIndex<table, key>::find(api_key);
}

}  // namespace stoker::broker
