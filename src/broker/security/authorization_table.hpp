// What each API asks the authorizer, in one table: which operation on which kind of resource, and
// what somebody who may not gets. The handlers ask by the row (access.hpp), the test of the matrix
// goes through the rows, and an API that has none is open to nobody.
//
// As upstream's KafkaApis and ControllerApis, and beyond them: ListOffsets of a follower needs
// CLUSTER_ACTION.
#pragma once

#include <cstdint>
#include <span>

#include "base/error_code.hpp"
#include "broker/security/acl.hpp"

namespace stoker::broker {

/// One row each, in the order of the table.
enum class Right : uint8_t {
    produce_transactional_id,
    produce_topic,
    fetch_as_follower,
    fetch_topic,
    list_offsets_as_follower,
    list_offsets_topic,
    metadata_topic,
    metadata_all_topics,
    metadata_create_any,
    metadata_create_topic,
    metadata_cluster_operations,
    offset_commit_group,
    offset_commit_topic,
    offset_fetch_group,
    offset_fetch_topic,
    offset_fetch_all_topics,
    find_group_coordinator,
    find_transaction_coordinator,
    find_share_coordinator,
    join_group,
    heartbeat_group,
    leave_group,
    sync_group,
    describe_group,
    list_all_groups,
    list_group,
    create_any_topic,
    create_topic,
    create_topic_configs,
    delete_any_topic,
    delete_topic_describe,
    delete_topic,
    delete_records_topic,
    init_producer_transactional_id,
    init_producer_idempotent,
    init_producer_any_topic,
    epochs_as_follower,
    epochs_topic,
    add_partitions_as_broker,
    add_partitions_transactional_id,
    add_partitions_topic,
    add_offsets_transactional_id,
    add_offsets_group,
    end_transaction,
    write_markers_as_admin,
    write_markers_as_broker,
    transaction_offsets_transactional_id,
    transaction_offsets_group,
    transaction_offsets_topic,
    describe_acls,
    create_acls,
    delete_acls,
    describe_cluster_configs,
    describe_topic_configs,
    describe_group_configs,
    alter_cluster_configs,
    alter_topic_configs,
    alter_group_configs,
    describe_log_dirs,
    create_partitions,
    delete_group,
    elect_leaders,
    change_cluster_configs,
    change_topic_configs,
    change_group_configs,
    alter_reassignments,
    list_reassignments,
    delete_offsets_group,
    delete_offsets_topic,
    describe_quotas,
    alter_quotas,
    describe_scram_users,
    alter_scram_users,
    describe_quorum,
    update_features,
    describe_cluster_operations,
    describe_producers_topic,
    unregister_broker,
    describe_transaction,
    describe_transaction_topic,
    list_transaction,
    consumer_heartbeat_group,
    consumer_heartbeat_topic,
    consumer_heartbeat_pattern,
    consumer_describe_group,
    consumer_describe_topic,
    list_config_resources,
    describe_partitions_topic,
    describe_partitions_all_topics,
    add_raft_voter,
    remove_raft_voter,
};

/// What becomes of somebody without the right.
enum class Denial : uint8_t {
    /// The resource, or the whole request, is answered with the row's error; audited.
    refused,
    /// What the right is about is left out of the answer; audited.
    withheld,
    /// The same, and nobody asked for it by name: not audited.
    hidden,
    /// Nothing: another row of the API may do instead. Not audited.
    alternative,
};

struct AuthorizationRow {
    Right right;
    int16_t api;
    AclOperation operation;
    AclResource resource;
    Denial denial;
    ErrorCode error;  // none unless refused
};

std::span<const AuthorizationRow> authorization_table();
const AuthorizationRow& row_of(Right right);
/// What everybody may ask: it comes before anybody is known (versions, SASL).
bool is_open_to_all(int16_t api);
/// Whether there is a row of it, or it is open to all.
bool is_in_authorization_table(int16_t api);

/// The sentence that goes with an authorization error; empty for other errors.
const char* authorization_message(ErrorCode error);

}  // namespace stoker::broker
