// Record batches, version 2: check, iterate and stamp them, as a broker does with the batches of a
// Produce request and of a segment file, and read their records, as a consumer does
// (docs/formats/record-batch.md; KIP-98, KIP-82).
//
// Views: nothing here owns the bytes of a batch. They must outlive every BatchView, RecordReader
// and RecordView. Any thread; an object belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "record/batch_format.hpp"
#include "record/compression.hpp"
#include "record/varint.hpp"

namespace stoker::record {

struct BatchHeader {
    Offset base_offset{};
    /// Bytes after this field: batch_length_min or more.
    int32_t batch_length = batch_length_min;
    LeaderEpoch leader_epoch = LeaderEpoch::none;
    int8_t magic = current_magic;
    uint32_t crc = 0;
    int16_t attributes = 0;
    int32_t last_offset_delta = 0;
    /// Milliseconds since 1970, or no_timestamp.
    int64_t base_timestamp = no_timestamp;
    int64_t max_timestamp = no_timestamp;
    ProducerId producer_id = ProducerId::none;
    int16_t producer_epoch = no_producer_epoch;
    int32_t base_sequence = no_sequence;
    int32_t record_count = 0;

    Offset last_offset() const;
    /// Any number from 0 to 7; validate refuses those that are no Codec.
    Codec codec() const { return Codec(attributes & codec_mask); }
    bool is_control() const { return (attributes & control_bit) != 0; }
    bool is_transactional() const { return (attributes & transactional_bit) != 0; }
    bool is_log_append_time() const { return (attributes & log_append_time_bit) != 0; }
    bool has_delete_horizon() const { return (attributes & delete_horizon_bit) != 0; }
    bool has_producer_id() const { return producer_id > ProducerId::none; }
    /// Sequences go from 0 to 2^31-1 and then start again; no_sequence where base_sequence is.
    int32_t last_sequence() const;
    /// Bytes of the whole batch.
    size_t size() const { return log_overhead + size_t(batch_length); }
};

/// A batch and its header. `bytes` is the batch exactly, header included.
struct BatchView {
    BatchHeader header;
    ByteView bytes;
};

/// Who made a batch. A client's batch is new: its offsets start at 0 and leave nothing out. In a
/// log, compaction may have taken records away, and control batches occur.
enum class Origin { client, log };

/// Reads the header of the batch that starts at `bytes` and checks only what is needed to find the
/// batch's end. `bytes` may hold less than the batch, but must hold its header. corrupt_message:
/// too short, or a length or magic that cannot be; invalid_record, as Apache Kafka answers: magic 0
/// or 1 (only magic 2 is spoken, KIP-724).
Result<BatchHeader> parse_header(ByteView bytes);

/// Checks the batch that starts at `batch`, which must hold all of it and may hold more, without
/// decompressing it or walking its records. corrupt_message: not whole, or the checksum is wrong;
/// unsupported_compression_type; invalid_record: a field that contradicts another one or the
/// origin. Codes and rules are those of Apache Kafka's log.
Result<BatchHeader> validate(ByteView batch, Origin origin = Origin::client);

/// The batches of a span, one after another: the records of a Produce request, a stretch of a
/// segment. Headers only: call validate on what comes from outside.
class BatchReader {
public:
    explicit BatchReader(ByteView bytes) : bytes_(bytes) {}

    /// The next batch; nothing at the end; corrupt_message when the rest is not a whole batch.
    /// After an error the same error comes again, and position() stays where the bad batch starts.
    Result<std::optional<BatchView>> next();

    /// Where the next batch starts.
    size_t position() const { return position_; }

private:
    ByteView bytes_;
    size_t position_ = 0;
};

struct HeaderView {
    std::string_view key;
    std::optional<ByteView> value;

    bool operator==(const HeaderView& other) const;
};

/// The headers of a record, read as one goes along. They were checked when the record was read.
class HeaderRange {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = HeaderView;
        using difference_type = std::ptrdiff_t;
        using pointer = const HeaderView*;
        using reference = const HeaderView&;

        Iterator() = default;
        Iterator(ByteView bytes, size_t count);

        reference operator*() const { return current_; }
        pointer operator->() const { return &current_; }
        Iterator& operator++();
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return left_ == 0; }

    private:
        void read();

        VarintReader reader_;
        size_t left_ = 0;
        HeaderView current_;
    };

    HeaderRange() = default;
    /// `bytes` are `count` headers exactly.
    HeaderRange(ByteView bytes, size_t count) : bytes_(bytes), count_(count) {}

    Iterator begin() const { return {bytes_, count_}; }
    std::default_sentinel_t end() const { return {}; }
    size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    /// As they stand in the record.
    ByteView bytes() const { return bytes_; }

private:
    ByteView bytes_;
    size_t count_ = 0;
};

/// One record. Its views point into the batch, or into the RecordReader that decompressed it.
struct RecordView {
    Offset offset{};
    /// The batch's max_timestamp when that is the append time, else the record's own.
    int64_t timestamp = no_timestamp;
    int8_t attributes = 0;
    std::optional<ByteView> key;
    std::optional<ByteView> value;
    HeaderRange headers;
};

/// The records of one batch in order. It owns the decompressed bytes, so RecordViews live as long
/// as it does.
class RecordReader {
public:
    /// Decompresses where needed, to at most decompressed_max bytes (decompress's errors). The
    /// batch's header is believed: what comes from outside goes through validate first, but nothing
    /// here depends on that for safety.
    static Result<RecordReader> open(const BatchView& batch, size_t decompressed_max);

    RecordReader(RecordReader&&) = default;
    RecordReader& operator=(RecordReader&&) = default;

    /// The next record; nothing behind the last. invalid_record when the record is malformed, when
    /// its offset does not rise or leaves the batch's range, or when bytes follow the last one.
    /// After an error the same error comes again.
    Result<std::optional<RecordView>> next();

private:
    RecordReader(const BatchHeader& header, Bytes decompressed, ByteView records);

    Result<RecordView> read_record();

    BatchHeader header_;
    Bytes decompressed_;
    VarintReader reader_;
    int32_t left_;
    int64_t last_delta_ = -1;
    bool failed_ = false;
};

/// Calls visit(const RecordView&) for each record and returns their number; the errors are
/// RecordReader's. Records before a malformed one have been visited when the error is returned.
template <class Visitor>
Result<size_t> for_each_record(const BatchView& batch, size_t decompressed_max, Visitor&& visit) {
    Result<RecordReader> reader = RecordReader::open(batch, decompressed_max);
    if (!reader) return fail(reader.error());
    for (size_t count = 0;; ++count) {
        Result<std::optional<RecordView>> record = reader->next();
        if (!record) return fail(record.error());
        if (!*record) return count;
        visit(std::as_const(**record));
    }
}

/// Stamps what the leader decides when it appends; neither field is under the checksum. `batch` is
/// at least a header.
void assign_offsets(MutableByteView batch, Offset base, LeaderEpoch epoch);

/// Makes the batch one of log append time: sets the type's bit and max_timestamp, and computes the
/// checksum anew. `batch` is one whole batch exactly.
void set_log_append_time(MutableByteView batch, int64_t timestamp_ms);

/// The reverse, with the greatest timestamp of its records: what Apache Kafka makes of a client's
/// batch that claims log append time, or a max_timestamp that is not so, in a topic of create time.
void set_create_time(MutableByteView batch, int64_t max_timestamp_ms);

struct MaxTimestamp {
    int64_t timestamp = no_timestamp;
    Offset offset{-1};
};

/// The greatest timestamp among the records, and the first record that has it; both -1 when the
/// batch has none (compaction can leave an empty batch). For ListOffsets with timestamp -3. Errors
/// are RecordReader's.
Result<MaxTimestamp> max_timestamp_record(const BatchView& batch, size_t decompressed_max);

/// The first record whose timestamp is timestamp_ms or later, if the batch has one. Errors are
/// RecordReader's.
Result<std::optional<MaxTimestamp>> first_record_at_or_after(const BatchView& batch,
                                                             int64_t timestamp_ms,
                                                             size_t decompressed_max);

}  // namespace stoker::record
