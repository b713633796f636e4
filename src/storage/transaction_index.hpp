// TransactionIndex: the *.txnindex file of a segment, which says which transactions were aborted by
// a marker in it (KIP-98), in Apache Kafka's bytes (docs/formats/log-segment.md). Readers under
// read_committed are given those that overlap what they read, and pass over their records.
//
// The file is there only when a transaction was aborted, and is appended to with each one. Entries
// come in the order of their markers. It has no checksum: what cannot be right is made anew from
// the log when that is opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

struct AbortedTransaction {
    ProducerId producer = ProducerId::none;
    /// Of its first record.
    Offset first{};
    /// Of its marker.
    Offset last{};
    /// The last stable offset once it was over: the first one of the oldest transaction that was
    /// still open, or the one behind the marker.
    Offset last_stable{};

    bool operator==(const AbortedTransaction&) const = default;
};

inline constexpr size_t aborted_transaction_size = 34;

Bytes encode_aborted_transactions(std::span<const AbortedTransaction> transactions);

/// Whether the first `size` bytes can be the index of a segment that holds [base, end).
DiskResult<bool> is_plausible_transaction_index(File& file, int64_t size, Offset base, Offset end);

struct AbortedSearch {
    std::vector<AbortedTransaction> found;
    /// No later segment can have more of them.
    bool complete = false;
};

/// The aborted transactions of one index that overlap [from, up_to). would_block() unless the file
/// may be waited for.
DiskResult<AbortedSearch> find_aborted_transactions(File& file, int64_t size, Offset from,
                                                    Offset up_to, bool may_block);

}  // namespace stoker::storage
