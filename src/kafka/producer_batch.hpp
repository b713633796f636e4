// One batch of a producer on its way: open while records are added, closed when it is full or due,
// stamped with producer id and sequence when it is first sent, kept until the broker has answered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "record/builder.hpp"

namespace stoker::kafka {

struct PartitionQueue;

/// Who numbers the batches (KIP-98).
struct ProducerIdentity {
    ProducerId id = ProducerId::none;
    int16_t epoch = record::no_producer_epoch;

    bool operator==(const ProducerIdentity&) const = default;
};

class ProducerBatch {
public:
    ProducerBatch(PartitionQueue& queue, const record::BatchBuilder::Options& options,
                  int64_t now_ms)
        : queue_(&queue),
          options_(options),
          created_ms_(now_ms),
          builder_(std::in_place, options) {}

    PartitionQueue& queue() const { return *queue_; }
    /// On the monotonic clock; linger.ms and delivery.timeout.ms count from here.
    int64_t created_ms() const { return created_ms_; }

    /// While open: the bytes that the record would add, compression apart.
    size_t record_size(int64_t timestamp_ms, std::optional<ByteView> key,
                       std::optional<ByteView> value,
                       std::span<const record::Header> headers) const {
        return builder_->record_size(timestamp_ms, key, value, headers);
    }
    void append(int64_t timestamp_ms, std::optional<ByteView> key, std::optional<ByteView> value,
                std::span<const record::Header> headers, int64_t tag, size_t record_size);
    bool is_open() const { return builder_.has_value(); }
    void close();

    /// Bytes so far, or of the whole once closed.
    size_t size() const { return is_open() ? size_ : bytes_.size(); }
    /// Once closed: the whole batch as it travels.
    MutableByteView bytes() { return bytes_; }
    ByteView bytes() const { return bytes_; }
    int32_t count() const { return int32_t(tags_.size()); }
    std::span<const int64_t> tags() const { return tags_; }

    bool is_stamped() const { return sequence_ != record::no_sequence; }
    int32_t sequence() const { return sequence_; }
    const ProducerIdentity& stamped_by() const { return stamped_by_; }
    void stamp(const ProducerIdentity& identity, int32_t sequence);
    void forget_stamp() { sequence_ = record::no_sequence; }

    /// Two closed batches of half the records each, for one that the broker finds too large. It has
    /// at least two records.
    std::pair<std::unique_ptr<ProducerBatch>, std::unique_ptr<ProducerBatch>> halves() const;

    /// Grows with each batch of a producer; halves have that of the whole.
    uint64_t serial = 0;
    int attempts = 0;
    /// Not to be sent before this, on the monotonic clock.
    int64_t retry_at_ms = 0;

private:
    PartitionQueue* queue_;
    record::BatchBuilder::Options options_;
    int64_t created_ms_;
    std::optional<record::BatchBuilder> builder_;
    size_t size_ = record::header_size;
    Bytes bytes_;
    std::vector<int64_t> tags_;
    ProducerIdentity stamped_by_;
    int32_t sequence_ = record::no_sequence;
};

}  // namespace stoker::kafka
