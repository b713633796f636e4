// The settings of the group coordinator, with Kafka's names in the comments, and the limits that
// Kafka does not have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "broker/group/consumer/assignor.hpp"

namespace stoker::broker {

/// group.consumer.migration.policy: which groups with members may change their protocol. Those
/// without always may.
enum class MigrationPolicy { disabled, upgrade, downgrade, bidirectional };
inline bool allows_upgrade(MigrationPolicy policy) {
    return policy == MigrationPolicy::upgrade || policy == MigrationPolicy::bidirectional;
}
inline bool allows_downgrade(MigrationPolicy policy) {
    return policy == MigrationPolicy::downgrade || policy == MigrationPolicy::bidirectional;
}

/// Values are the broker's to check when it reads its configuration.
struct GroupConfig {
    int32_t min_session_timeout_ms = 6'000;                   // group.min.session.timeout.ms
    int32_t max_session_timeout_ms = 1'800'000;               // group.max.session.timeout.ms
    int32_t max_size = std::numeric_limits<int32_t>::max();   // group.max.size
    /// group.initial.rebalance.delay.ms. Kafka's default is 3,000; ours is none, since nobody
    /// starts a hundred consumers against one machine and everybody waits for the first row.
    int32_t initial_rebalance_delay_ms = 0;
    int32_t offsets_partitions = 50;                          // offsets.topic.num.partitions
    int32_t offset_metadata_size_max = 4'096;                 // offset.metadata.max.bytes
    int64_t offsets_retention_ms = 7 * 24 * 3'600'000LL;      // offsets.retention.minutes
    int64_t offsets_retention_check_interval_ms = 600'000;    // ….check.interval.ms

    // --- Groups of the consumer protocol
    int32_t consumer_session_timeout_ms = 45'000;      // group.consumer.session.timeout.ms
    int32_t consumer_heartbeat_interval_ms = 5'000;    // group.consumer.heartbeat.interval.ms
    int32_t consumer_max_size = std::numeric_limits<int32_t>::max();  // group.consumer.max.size
    /// group.consumer.assignors: at least one; the first is for members that name none.
    std::vector<Assignor> consumer_assignors = {Assignor::uniform, Assignor::range};
    MigrationPolicy consumer_migration_policy = MigrationPolicy::bidirectional;
    int32_t consumer_regex_refresh_interval_ms = 600'000;  // group.consumer.regex.refresh.….ms
    /// group.consumer.assignment.interval.ms: a new target at most so often. Kafka's default is
    /// 1,000; it costs the second of two members that start together a heartbeat interval without
    /// partitions.
    int32_t consumer_assignment_interval_ms = 0;

    /// Groups at one time. One more is refused: a join with GROUP_MAX_SIZE_REACHED, a commit with
    /// POLICY_VIOLATION. Keeps a client that invents names from filling the memory.
    size_t groups_max = 1'000'000;
    /// Members of one group that were told their id and have not come back with it yet.
    size_t pending_members_max = 10'000;
};

/// What the configuration of one group says (a GROUP resource); nothing: the broker's counts.
struct ConsumerGroupSettings {
    std::optional<int32_t> session_timeout_ms;      // consumer.session.timeout.ms
    std::optional<int32_t> heartbeat_interval_ms;   // consumer.heartbeat.interval.ms
    std::optional<int32_t> assignment_interval_ms;  // consumer.assignment.interval.ms
};

/// A new member whose JoinGroup waits is dropped after this time, unless the rebalance ends before.
/// Its client cannot heartbeat yet and may long be gone (Kafka's own figure).
inline constexpr int64_t new_member_join_timeout_ms = 5 * 60'000;

/// Bytes of a member id or of a regular expression: the key of its record must hold it. An
/// expression of this length is a mistake anyway.
inline constexpr size_t consumer_key_text_max = 16 * 1'024;

/// When a member could not be removed because the log refused it, it is tried again after this.
inline constexpr int64_t fence_retry_ms = 1'000;

/// Tombstones in one batch; more are split, so that a batch stays far below message.max.bytes.
inline constexpr size_t tombstones_per_batch = 1'000;

/// Bytes of a client's id that its member id begins with. The member id must itself fit a string.
inline constexpr size_t member_id_prefix_max = 1'024;

}  // namespace stoker::broker
