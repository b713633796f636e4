// CleanedTransactions: which batches and markers of transactions the cleaner may drop, found out
// while it walks a log in order. Records of an aborted transaction go at once, whatever their keys.
// A marker stays for as long as a batch of its transaction is there, and then until its delete
// horizon, so that nobody who began to read the transaction misses its end.
//
// The log is walked up to the last stable offset only, so every transaction seen is decided. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch.hpp"
#include "storage/transaction_index.hpp"

namespace stoker::storage {

class CleanedTransactions {
public:
    /// Those that end in the stretch that is walked next.
    void expect(std::span<const AbortedTransaction> aborted);

    /// The next batch that is not a control batch. True: it is of an aborted transaction.
    bool is_aborted(const record::BatchHeader& header);

    /// The next control batch. True: no batch of its transaction was seen, so it may go in time.
    /// invalid_record when its record cannot be read.
    Result<bool> may_go(const record::BatchView& control);

    /// The aborted transactions whose marker was seen and stays: the new transaction index. Forgets
    /// them.
    std::vector<AbortedTransaction> take_kept();

private:
    struct Ongoing {
        AbortedTransaction transaction;
        bool batch_seen = false;
    };

    void begin_up_to(Offset offset);
    bool ends_abort(ProducerId producer);

    /// By their first offset.
    std::multimap<Offset, AbortedTransaction> expected_;
    std::unordered_map<int64_t, Ongoing> aborted_;
    std::unordered_set<int64_t> committed_;
    std::vector<AbortedTransaction> kept_;
};

}  // namespace stoker::storage
