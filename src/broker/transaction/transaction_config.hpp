// The settings of the transaction coordinator, with Kafka's names in the comments, and the limits
// that Kafka does not have.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stoker::broker {

/// Values are the broker's to check when it reads its configuration.
struct TransactionConfig {
    int32_t partitions = 50;           // transaction.state.log.num.partitions
    int32_t max_timeout_ms = 900'000;  // transaction.max.timeout.ms
    /// transaction.abort.timed.out.transaction.cleanup.interval.ms
    int64_t abort_interval_ms = 10'000;
    /// transaction.remove.expired.transaction.cleanup.interval.ms
    int64_t expiry_interval_ms = 3'600'000;
    int64_t id_expiration_ms = 7 * 24 * 3'600'000LL;  // transactional.id.expiration.ms

    /// Transactional ids at one time. A new one more is refused with POLICY_VIOLATION. Keeps a
    /// client that invents names from filling the memory.
    size_t ids_max = 1'000'000;
};

/// A marker or a completion that could not be written is tried again after this.
inline constexpr int64_t marker_retry_ms = 1'000;

/// Tombstones in one batch; more are split, so that a batch stays far below message.max.bytes.
inline constexpr size_t expired_ids_per_batch = 1'000;

}  // namespace stoker::broker
