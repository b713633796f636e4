// ProducerState: what a partition knows of its idempotent and transactional producers (KIP-98): the
// epoch, the last five batches with their sequences and offsets, and open transactions. It decides
// whether a batch is new, a duplicate or out of order, as org.apache.kafka.storage's
// ProducerAppendInfo of version 4.3 does, and is what a *.snapshot file holds
// (producer_snapshot.hpp).
//
// Not thread-safe: it belongs to the log's writer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/transaction_index.hpp"
#include "storage/transaction_verification.hpp"

namespace stoker::storage {

/// One batch of a producer that is in the log.
struct ProducerBatch {
    int32_t last_sequence = -1;
    Offset last_offset{-1};
    int32_t offset_delta = 0;  // last offset - first offset
    int64_t timestamp_ms = -1;

    Offset first_offset() const { return last_offset - offset_delta; }
    int32_t first_sequence() const;

    bool operator==(const ProducerBatch&) const = default;
};

struct ProducerEntry {
    static constexpr size_t batches_max = 5;

    ProducerId id = ProducerId::none;
    int16_t epoch = -1;
    uint8_t batch_count = 0;
    int32_t coordinator_epoch = -1;
    int64_t last_timestamp_ms = -1;
    /// By our own clock; when the log was opened at the earliest. Not in snapshots.
    int64_t seen_ms = 0;
    /// -1: no transaction is open.
    Offset transaction_start{-1};
    /// Oldest first; the first batch_count are there.
    std::array<ProducerBatch, batches_max> batches{};

    std::span<const ProducerBatch> known_batches() const {
        return std::span(batches).first(batch_count);
    }
    const ProducerBatch* last_batch() const;

    bool operator==(const ProducerEntry&) const = default;
};

/// What becomes of the producers when an append succeeds. Kept and used again by the writer, so
/// that appending allocates nothing.
class ProducerUpdate {
public:
    void clear();
    /// What it ends without effect: for the segment's index.
    std::span<const AbortedTransaction> aborted() const { return aborted_; }

private:
    friend class ProducerState;

    struct Completed {
        Offset start{};
        Offset marker{};
    };

    std::vector<ProducerEntry> entries_;
    std::vector<Offset> started_;
    std::vector<Completed> completed_;
    std::vector<AbortedTransaction> aborted_;
    bool transactional_ = false;
};

/// How a batch is checked.
struct ProducerCheck {
    /// Where it comes from: a producer's is checked for its sequence; the broker's own (a marker,
    /// offsets of a transaction) for its epochs; what is in the log already for nothing.
    enum class Source { client, broker, log };

    Source source = Source::client;
    /// The wall clock's.
    int64_t now_ms = 0;
    /// Of ProducerState::begin_verification, for a batch that begins a transaction.
    VerificationGuard verification = VerificationGuard::none;
    /// Of a marker: in transactions v2 its epoch is above the producer's (KIP-890), so that a late
    /// one never ends the next transaction.
    int16_t transaction_version = 0;
    /// The batches came one by one: each is measured by those before it, too.
    bool separate = false;
};

class ProducerState {
public:
    /// Looks at the next batch of an append, whose header has its final offsets, and adds what it
    /// changes to `update`. The batch that it repeats, when it is a duplicate: then nothing may be
    /// written. `batch.bytes` is read only for control batches. A marker is alone in its append.
    ///
    /// out_of_order_sequence_number, invalid_producer_epoch, invalid_txn_state,
    /// transaction_coordinator_fenced; invalid_record for a marker that cannot be read.
    Result<std::optional<ProducerBatch>> check(const record::BatchView& batch,
                                               const ProducerCheck& how,
                                               ProducerUpdate& update) const;
    void commit(const ProducerUpdate& update);

    /// check and commit of a batch that is in the log: for recovery. A producer's epoch that went
    /// back or a marker that cannot be read is passed over. The transactions that it aborted, until
    /// the next call.
    std::span<const AbortedTransaction> replay(const record::BatchView& batch, int64_t now_ms);

    /// A guard for check(), unless the producer's transaction is open here; then none.
    /// invalid_producer_epoch: a newer one was seen.
    Result<VerificationGuard> begin_verification(const TransactionStart& start, int64_t now_ms);

    /// Older batches of producers that were loaded from a snapshot, which has only the last one of
    /// each: headers from the log, in order, up to where the snapshot was taken.
    void recall(std::span<const record::BatchHeader> headers);

    /// The first offset of the oldest transaction that is open, or whose marker is at or behind the
    /// high watermark; nothing when all below it is decided.
    std::optional<Offset> first_unstable(Offset high_watermark) const;
    /// Forgets which transactions were completed below it.
    void high_watermark_moved(Offset high_watermark);

    /// Drops producers that were silent for so long. Unlike Apache Kafka, which compares the
    /// records' own timestamps: a producer that writes old records would be forgotten at once.
    void expire(int64_t now_ms, int64_t expiration_ms);

    size_t size() const { return producers_.size(); }
    bool empty() const { return producers_.empty(); }
    /// By producer id.
    std::vector<ProducerEntry> entries() const;
    void load(std::span<const ProducerEntry> entries, int64_t now_ms);
    void clear();

private:
    const ProducerEntry* find(ProducerId id) const;
    /// As it will be after `update`.
    const ProducerEntry* find(ProducerId id, const ProducerUpdate& update) const;
    ProducerEntry& working_copy(ProducerId id, ProducerUpdate& update) const;
    Result<void> check_marker(const record::BatchView& batch, const ProducerCheck& how,
                              ProducerEntry& entry, ProducerUpdate& update) const;
    Result<void> check_verification(const ProducerEntry& entry, const record::BatchHeader& header,
                                    const ProducerCheck& how) const;
    Offset stable_after(const ProducerUpdate::Completed& completed) const;

    std::unordered_map<int64_t, ProducerEntry> producers_;
    /// First offsets of open transactions.
    std::set<Offset> open_;
    /// Completed ones whose marker is not below the high watermark: first offset, marker.
    std::vector<ProducerUpdate::Completed> undecided_;
    TransactionVerifications verifications_;
    ProducerUpdate replayed_;
};

}  // namespace stoker::storage
