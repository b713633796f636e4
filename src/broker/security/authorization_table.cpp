#include "broker/security/authorization_table.hpp"

#include <algorithm>
#include <array>

namespace stoker::broker {

namespace {

using enum Right;
using enum Denial;

constexpr auto table = std::to_array<AuthorizationRow>({
    {produce_transactional_id, 0, AclOperation::write, AclResource::transactional_id, refused,
     ErrorCode::transactional_id_authorization_failed},
    {produce_topic, 0, AclOperation::write, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {fetch_as_follower, 1, AclOperation::cluster_action, AclResource::cluster, refused,
     ErrorCode::topic_authorization_failed},
    {fetch_topic, 1, AclOperation::read, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {list_offsets_as_follower, 2, AclOperation::cluster_action, AclResource::cluster, refused,
     ErrorCode::topic_authorization_failed},
    {list_offsets_topic, 2, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {metadata_topic, 3, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {metadata_all_topics, 3, AclOperation::describe, AclResource::topic, hidden, ErrorCode::none},
    {metadata_create_any, 3, AclOperation::create, AclResource::cluster, alternative,
     ErrorCode::none},
    {metadata_create_topic, 3, AclOperation::create, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {metadata_cluster_operations, 3, AclOperation::describe, AclResource::cluster, withheld,
     ErrorCode::none},
    {offset_commit_group, 8, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {offset_commit_topic, 8, AclOperation::read, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {offset_fetch_group, 9, AclOperation::describe, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {offset_fetch_topic, 9, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {offset_fetch_all_topics, 9, AclOperation::describe, AclResource::topic, withheld,
     ErrorCode::none},
    {find_group_coordinator, 10, AclOperation::describe, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {find_transaction_coordinator, 10, AclOperation::describe, AclResource::transactional_id,
     refused,
     ErrorCode::transactional_id_authorization_failed},
    {find_share_coordinator, 10, AclOperation::cluster_action, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {join_group, 11, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {heartbeat_group, 12, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {leave_group, 13, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {sync_group, 14, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {describe_group, 15, AclOperation::describe, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {list_all_groups, 16, AclOperation::describe, AclResource::cluster, alternative,
     ErrorCode::none},
    {list_group, 16, AclOperation::describe, AclResource::group, hidden, ErrorCode::none},
    {create_any_topic, 19, AclOperation::create, AclResource::cluster, alternative,
     ErrorCode::none},
    {create_topic, 19, AclOperation::create, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {create_topic_configs, 19, AclOperation::describe_configs, AclResource::topic, hidden,
     ErrorCode::none},
    {delete_any_topic, 20, AclOperation::remove, AclResource::cluster, alternative,
     ErrorCode::none},
    {delete_topic_describe, 20, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {delete_topic, 20, AclOperation::remove, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {delete_records_topic, 21, AclOperation::remove, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {init_producer_transactional_id, 22, AclOperation::write, AclResource::transactional_id,
     refused,
     ErrorCode::transactional_id_authorization_failed},
    {init_producer_idempotent, 22, AclOperation::idempotent_write, AclResource::cluster,
     alternative,
     ErrorCode::none},
    {init_producer_any_topic, 22, AclOperation::write, AclResource::topic, refused,
     ErrorCode::cluster_authorization_failed},
    {epochs_as_follower, 23, AclOperation::cluster_action, AclResource::cluster, alternative,
     ErrorCode::none},
    {epochs_topic, 23, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {add_partitions_as_broker, 24, AclOperation::cluster_action, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {add_partitions_transactional_id, 24, AclOperation::write, AclResource::transactional_id,
     refused,
     ErrorCode::transactional_id_authorization_failed},
    {add_partitions_topic, 24, AclOperation::write, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {add_offsets_transactional_id, 25, AclOperation::write, AclResource::transactional_id, refused,
     ErrorCode::transactional_id_authorization_failed},
    {add_offsets_group, 25, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {end_transaction, 26, AclOperation::write, AclResource::transactional_id, refused,
     ErrorCode::transactional_id_authorization_failed},
    {write_markers_as_admin, 27, AclOperation::alter, AclResource::cluster, alternative,
     ErrorCode::none},
    {write_markers_as_broker, 27, AclOperation::cluster_action, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {transaction_offsets_transactional_id, 28, AclOperation::write,
     AclResource::transactional_id, refused,
     ErrorCode::transactional_id_authorization_failed},
    {transaction_offsets_group, 28, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {transaction_offsets_topic, 28, AclOperation::read, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {describe_acls, 29, AclOperation::describe, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {create_acls, 30, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {delete_acls, 31, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_cluster_configs, 32, AclOperation::describe_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_topic_configs, 32, AclOperation::describe_configs, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {describe_group_configs, 32, AclOperation::describe_configs, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {alter_cluster_configs, 33, AclOperation::alter_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {alter_topic_configs, 33, AclOperation::alter_configs, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {alter_group_configs, 33, AclOperation::alter_configs, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {describe_log_dirs, 35, AclOperation::describe, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {create_partitions, 37, AclOperation::alter, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {delete_group, 42, AclOperation::remove, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {elect_leaders, 43, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {change_cluster_configs, 44, AclOperation::alter_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {change_topic_configs, 44, AclOperation::alter_configs, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {change_group_configs, 44, AclOperation::alter_configs, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {alter_reassignments, 45, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {list_reassignments, 46, AclOperation::describe, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {delete_offsets_group, 47, AclOperation::remove, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {delete_offsets_topic, 47, AclOperation::read, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {describe_quotas, 48, AclOperation::describe_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {alter_quotas, 49, AclOperation::alter_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_scram_users, 50, AclOperation::describe, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {alter_scram_users, 51, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_quorum, 55, AclOperation::describe, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {update_features, 57, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_cluster_operations, 60, AclOperation::describe, AclResource::cluster, withheld,
     ErrorCode::none},
    {describe_producers_topic, 61, AclOperation::read, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {unregister_broker, 64, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_transaction, 65, AclOperation::describe, AclResource::transactional_id, refused,
     ErrorCode::transactional_id_authorization_failed},
    {describe_transaction_topic, 65, AclOperation::describe, AclResource::topic, withheld,
     ErrorCode::none},
    {list_transaction, 66, AclOperation::describe, AclResource::transactional_id, withheld,
     ErrorCode::none},
    {consumer_heartbeat_group, 68, AclOperation::read, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {consumer_heartbeat_topic, 68, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {consumer_heartbeat_pattern, 68, AclOperation::describe, AclResource::topic, hidden,
     ErrorCode::none},
    {consumer_describe_group, 69, AclOperation::describe, AclResource::group, refused,
     ErrorCode::group_authorization_failed},
    {consumer_describe_topic, 69, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {list_config_resources, 74, AclOperation::describe_configs, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {describe_partitions_topic, 75, AclOperation::describe, AclResource::topic, refused,
     ErrorCode::topic_authorization_failed},
    {describe_partitions_all_topics, 75, AclOperation::describe, AclResource::topic, hidden,
     ErrorCode::none},
    {add_raft_voter, 80, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
    {remove_raft_voter, 81, AclOperation::alter, AclResource::cluster, refused,
     ErrorCode::cluster_authorization_failed},
});
static_assert([] {
    for (size_t i = 0; i < table.size(); ++i)
        if (size_t(table[i].right) != i) return false;
    return std::ranges::is_sorted(table, {}, &AuthorizationRow::api);
}());

// SaslHandshake, ApiVersions, SaslAuthenticate, the clients' own telemetry; and delegation tokens,
// of which everybody hears that there are none.
constexpr auto open_to_all = std::to_array<int16_t>({17, 18, 36, 38, 39, 40, 41, 71, 72});

}  // namespace

std::span<const AuthorizationRow> authorization_table() {
    return table;
}

const AuthorizationRow& row_of(Right right) {
    return table[size_t(right)];
}

bool is_open_to_all(int16_t api) {
    return std::ranges::find(open_to_all, api) != open_to_all.end();
}

bool is_in_authorization_table(int16_t api) {
    return is_open_to_all(api) ||
           std::ranges::binary_search(table, api, {}, &AuthorizationRow::api);
}

const char* authorization_message(ErrorCode error) {
    switch (error) {
        case ErrorCode::topic_authorization_failed: return "Topic authorization failed.";
        case ErrorCode::group_authorization_failed: return "Group authorization failed.";
        case ErrorCode::cluster_authorization_failed: return "Cluster authorization failed.";
        case ErrorCode::transactional_id_authorization_failed:
            return "Transactional Id authorization failed.";
        default: return "";
    }
}

}  // namespace stoker::broker
