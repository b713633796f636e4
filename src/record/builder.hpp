// Builds record batches: what a producer sends, and what a broker writes itself (transaction
// markers, the records of its internal topics). Without compression the bytes are those of Apache
// Kafka's MemoryRecordsBuilder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "record/batch.hpp"

namespace stoker::record {

using Header = HeaderView;

/// One batch, record by record. One thread.
class BatchBuilder {
public:
    struct Options {
        Offset base_offset{};
        Codec codec = Codec::none;
        int level = default_level;
        ProducerId producer_id = ProducerId::none;
        int16_t producer_epoch = no_producer_epoch;
        int32_t base_sequence = no_sequence;
        bool transactional = false;
        bool control = false;
        /// The batch's max_timestamp is append_time_ms, and readers give it to every record.
        bool log_append_time = false;
        int64_t append_time_ms = no_timestamp;
        LeaderEpoch leader_epoch = LeaderEpoch::none;
    };

    explicit BatchBuilder(const Options& options);

    /// Copies the record in behind the last one. Key, value and each header are below 2 GiB.
    void append(int64_t timestamp_ms, std::optional<ByteView> key, std::optional<ByteView> value,
                std::span<const Header> headers = {});

    /// No result of build() is longer than this; exact without compression.
    size_t size_bound() const;
    /// What append would add to the uncompressed size.
    size_t record_size(int64_t timestamp_ms, std::optional<ByteView> key,
                       std::optional<ByteView> value, std::span<const Header> headers = {}) const;
    bool empty() const { return count_ == 0; }
    int32_t record_count() const { return count_; }

    /// The whole batch. It needs at least one record, and at most 2^31-1 bytes.
    Bytes build() &&;

private:
    int32_t body_size(int64_t timestamp_ms, std::optional<ByteView> key,
                      std::optional<ByteView> value, std::span<const Header> headers) const;
    void write_header(MutableByteView batch) const;

    Options options_;
    /// The header's room, then the records, uncompressed.
    Bytes bytes_;
    int32_t count_ = 0;
    int64_t base_timestamp_ = no_timestamp;
    int64_t max_timestamp_ = no_timestamp;
};

/// What a control record is about: the second number of its key.
enum class ControlType : int16_t {
    abort = 0,
    commit = 1,
    leader_change = 2,
    snapshot_header = 3,
    snapshot_footer = 4,
    kraft_version = 5,
    kraft_voters = 6,
};

/// A control record's key: int16 version, int16 type.
Bytes control_key(ControlType type);

/// The type in a control record's key; nothing when it is too short. Types that are not in the
/// enumeration occur: a reader passes over them.
std::optional<ControlType> control_type(ByteView key);

/// The batch that ends a transaction in a partition (KIP-98): one control record, commit or abort.
struct EndTransactionMarker {
    Offset base_offset{};
    int64_t timestamp_ms = no_timestamp;
    LeaderEpoch leader_epoch = LeaderEpoch::none;
    ProducerId producer_id = ProducerId::none;
    int16_t producer_epoch = no_producer_epoch;
    bool commit = false;
    int32_t coordinator_epoch = 0;
};
Bytes build_batch(const EndTransactionMarker& marker);

}  // namespace stoker::record
