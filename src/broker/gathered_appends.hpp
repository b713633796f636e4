// Small batches that one turn of an io thread brings for one partition, put behind one another, so
// that the log takes them with one write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "storage/log.hpp"

namespace stoker::broker {

class Partition;

/// Who appended, and is told. Any thread.
class AppendListener {
public:
    virtual ~AppendListener() = default;
    /// Where the batch is, or why it was refused: then nothing follows. `ticket` is the caller's.
    virtual void appended(Partition& partition, size_t ticket,
                          const Result<storage::AppendResult>& result) = 0;
    /// It is as durable as the topic wants (none), or never will be (KAFKA_STORAGE_ERROR).
    virtual void durable(size_t ticket, ErrorCode error) = 0;
};

/// A plain value: no lock of its own.
class GatheredAppends {
public:
    /// Larger batches are not worth a copy.
    static constexpr size_t batch_max = 4096;

    struct Item {
        size_t at = 0;
        size_t size = 0;
        int64_t offsets = 0;  // that it takes
        std::shared_ptr<AppendListener> listener;
        size_t ticket = 0;
        Result<storage::AppendResult> result;
    };

    bool empty() const { return items_.empty(); }
    /// No more should be added before these are appended.
    bool full() const { return bytes_.size() >= bytes_max; }
    /// `batch` passed record::validate.
    void add(ByteView batch, const storage::AppendOptions& options,
             std::shared_ptr<AppendListener> listener, size_t ticket);

    MutableByteView bytes() { return bytes_; }
    MutableByteView bytes_of(const Item& item) {
        return MutableByteView(bytes_).subspan(item.at, item.size);
    }
    std::vector<Item>& items() { return items_; }
    const storage::AppendOptions& options() const { return options_; }
    /// Each item's part of what became of all of them.
    void share(const Result<storage::AppendResult>& whole);
    /// Empties it and keeps a little memory.
    void clear();

private:
    static constexpr size_t bytes_max = 256 << 10;
    static constexpr size_t bytes_kept = 32 << 10;
    static constexpr size_t items_kept = 128;

    Bytes bytes_;
    std::vector<Item> items_;
    storage::AppendOptions options_;  // of the last
};

}  // namespace stoker::broker
