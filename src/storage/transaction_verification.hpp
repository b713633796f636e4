// Which producers are about to begin a transaction in a partition (KIP-890): the transaction
// coordinator is asked first whether it knows of it, so that a batch that comes late never opens a
// transaction that nobody will end.
//
// A guard is worth one append. It is void once the producer's transaction has begun here or a
// marker has ended it, so that an answer of the coordinator about the last transaction does not let
// a batch into the next.
//
// Not thread-safe: it belongs to the log's writer.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>

#include "base/ids.hpp"

namespace stoker::storage {

enum class VerificationGuard : uint64_t {
    none = 0,
    /// For who has other reasons to know that the transaction is open.
    not_needed = std::numeric_limits<uint64_t>::max(),
};

/// The batch that is to begin a transaction.
struct TransactionStart {
    ProducerId producer = ProducerId::none;
    int16_t epoch = -1;
    int32_t sequence = -1;
    /// Of a client of transactions v2: an unknown producer begins with sequence 0.
    bool bumps_epoch = false;
};

class TransactionVerifications {
public:
    /// Producers at one time. The guard of one more is worth nothing: its batch is refused. Keeps a
    /// client that invents producer ids from filling the memory.
    static constexpr size_t entries_max = 100'000;
    /// What is older makes room then; a coordinator has answered long before.
    static constexpr int64_t crowded_age_ms = 60'000;

    struct Entry {
        VerificationGuard guard = VerificationGuard::none;
        int64_t since_ms = 0;
        /// The lowest sequence that was seen in this epoch: a batch behind it that is verified
        /// first must not overtake it.
        int32_t lowest_sequence = -1;
        int16_t epoch = -1;
        bool bumps_epoch = false;
    };

    bool empty() const { return entries_.empty(); }

    /// Nothing when the producer has not begun.
    const Entry* find(ProducerId producer) const {
        const auto found = entries_.find(raw(producer));
        return found == entries_.end() ? nullptr : &found->second;
    }

    /// The guard of a producer; the same one as long as it is not void.
    VerificationGuard begin(const TransactionStart& start, int64_t now_ms) {
        if (entries_.size() >= entries_max && !entries_.contains(raw(start.producer))) {
            expire(now_ms, crowded_age_ms);
            if (entries_.size() >= entries_max) return VerificationGuard{++last_};
        }
        const auto [found, is_new] = entries_.try_emplace(raw(start.producer));
        Entry& entry = found->second;
        if (is_new) {
            entry = {.guard = VerificationGuard{++last_},
                     .since_ms = now_ms,
                     .lowest_sequence = start.sequence,
                     .epoch = start.epoch,
                     .bumps_epoch = start.bumps_epoch};
        } else if (start.epoch > entry.epoch ||
                   (start.epoch == entry.epoch && start.sequence < entry.lowest_sequence)) {
            entry.epoch = start.epoch;
            entry.lowest_sequence = start.sequence;
        }
        return entry.guard;
    }

    void end(ProducerId producer) { entries_.erase(raw(producer)); }
    void expire(int64_t now_ms, int64_t expiration_ms) {
        std::erase_if(entries_, [&](const auto& item) {
            return now_ms - item.second.since_ms >= expiration_ms;
        });
    }
    void clear() { entries_.clear(); }

private:
    std::unordered_map<int64_t, Entry> entries_;
    uint64_t last_ = 0;
};

}  // namespace stoker::storage
