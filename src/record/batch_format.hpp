// The layout of a record batch, version 2 ("magic 2", KIP-98): the same bytes in a Produce request,
// in a segment file and in a Fetch answer. docs/formats/record-batch.md shows it whole; these are
// its numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stoker::record {

/// Where each field of the header starts. All are big-endian.
namespace field {
inline constexpr size_t base_offset = 0;
inline constexpr size_t batch_length = 8;
inline constexpr size_t partition_leader_epoch = 12;
inline constexpr size_t magic = 16;
inline constexpr size_t crc = 17;
inline constexpr size_t attributes = 21;
inline constexpr size_t last_offset_delta = 23;
inline constexpr size_t base_timestamp = 27;
inline constexpr size_t max_timestamp = 35;
inline constexpr size_t producer_id = 43;
inline constexpr size_t producer_epoch = 51;
inline constexpr size_t base_sequence = 53;
inline constexpr size_t record_count = 57;
}  // namespace field

inline constexpr size_t header_size = 61;
/// What batch_length does not count: base_offset and itself.
inline constexpr size_t log_overhead = 12;
/// batch_length of a batch without records, and so the least there is.
inline constexpr int32_t batch_length_min = int32_t(header_size - log_overhead);
/// The checksum covers everything from here on; what lies before is stamped at append.
inline constexpr size_t crc_start = field::attributes;

inline constexpr int8_t current_magic = 2;

inline constexpr int16_t codec_mask = 0x07;
inline constexpr int16_t log_append_time_bit = 0x08;
inline constexpr int16_t transactional_bit = 0x10;
inline constexpr int16_t control_bit = 0x20;
/// base_timestamp holds the time from which a tombstone may go (KIP-534).
inline constexpr int16_t delete_horizon_bit = 0x40;

inline constexpr int64_t no_timestamp = -1;
inline constexpr int16_t no_producer_epoch = -1;
inline constexpr int32_t no_sequence = -1;

/// The least bytes a record has: its length, attributes, two deltas, two lengths and the count of
/// headers. A batch that claims more records than its bytes can hold is refused by this.
inline constexpr size_t record_size_min = 7;

}  // namespace stoker::record
