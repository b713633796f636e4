// Producers that promise more than to send: idempotence, or transactions that they commit. Their
// batches differ from each other (sequence, epoch), so that each is made and sealed here, which is
// little beside what the broker does with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace stoker::bench {

enum class Promise {
    none,
    idempotence,
    /// Of version 2 (KIP-890): a partition joins by the first Produce, each commit bumps the epoch.
    transactions,
};

struct PromiseLoad {
    uint16_t port = 0;
    std::string topic;  // there already, with a partition for each producer
    Promise promise = Promise::none;
    /// Each a thread with a connection and a partition of its own.
    int32_t producers = 1;
    size_t batch_size = 16 << 10;
    size_t record_size = 1 << 10;
    /// Produce requests that a producer has under way.
    size_t window = 5;
    /// Records of a transaction, rounded up to whole batches. Its commit waits for their
    /// acknowledgements, and what comes next for the commit's.
    int64_t transaction_records = 1'000;
    /// It ends with whichever comes first.
    double seconds = 1;
    uint64_t bytes_max = UINT64_MAX;
    /// Called when measuring begins, and again when it ends.
    std::function<void()> on_begin;
    std::function<void()> on_end;
};

struct PromiseOutcome {
    uint64_t records = 0;  // acknowledged, and of transactions committed
    double seconds = 0;
    double rate() const { return static_cast<double>(records) / seconds; }
};

/// Throws std::runtime_error when something is refused.
PromiseOutcome run(const PromiseLoad& load);

}  // namespace stoker::bench
