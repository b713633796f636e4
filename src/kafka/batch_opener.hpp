// Opens batches of records, which means their checksum and their decompression, on a thread of its
// own, a little ahead of whoever reads them. A reader that catches up with that thread opens the
// next batch itself: neither ever waits for more than the batch that the other one has in hand.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/bytes.hpp"
#include "record/batch.hpp"

namespace stoker::kafka {

enum class BatchDamage { checksum, compression };
using OpenedBatch = std::expected<record::RecordReader, BatchDamage>;

/// Validates the batch if told to, and opens it.
OpenedBatch open_batch(const record::BatchView& batch, bool check_crc);

/// One reader. Its thread starts with the first batch.
class BatchOpener {
public:
    explicit BatchOpener(bool check_crcs) : check_crcs_(check_crcs) {}
    ~BatchOpener();
    BatchOpener(const BatchOpener&) = delete;
    BatchOpener& operator=(const BatchOpener&) = delete;

    class Batch;
    using Ticket = std::shared_ptr<Batch>;

    /// Batches are opened in the order in which they were added. `owner` keeps the bytes that
    /// `batch` is a view of.
    Ticket add(const record::BatchView& batch, std::shared_ptr<const void> owner);
    /// Once a ticket.
    OpenedBatch take(const Ticket& ticket);
    /// Nobody will take it.
    void drop(const Ticket& ticket);

    /// Compressed bytes that are opened and not taken: at this the thread rests, until half of
    /// them are left. To wake it for each batch would cost more than to open one.
    static constexpr size_t ahead_max = 256 * 1024;

private:
    void work();
    void forget(const Batch& batch);

    const bool check_crcs_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Ticket> waiting_;
    size_t ahead_ = 0;  ///< as in ahead_max
    bool rests_ = false;
    bool ends_ = false;
    std::thread thread_;
};

}  // namespace stoker::kafka
