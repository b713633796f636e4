// Compression of the records in a batch: gzip, snappy, lz4 and zstd as Apache Kafka's and
// librdkafka's producers write them. Input is hostile: output is capped, and memory follows what
// was really produced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace stoker::record {

/// The numbers are those of the low three bits of a batch's attributes.
enum class Codec : uint8_t { none, gzip, snappy, lz4, zstd };

/// What Apache Kafka's producer uses: gzip 6, lz4's fast mode, zstd 3. Snappy has no levels.
inline constexpr int default_level = std::numeric_limits<int>::min();

/// The decompressed bytes. corrupt_message when the input is damaged, cut, followed by anything
/// else, or would become more than size_max bytes; unsupported_compression_type for a number that
/// is no Codec. Snappy may be xerial's framing (Java, librdkafka) or one raw block; gzip members,
/// lz4 frames and zstd frames may follow one another.
///
/// Memory: at most output_step_max beyond what was produced, once more what was produced when its
/// parts are joined, and the codec's own window (gzip 32 KiB, lz4 up to 8.3 MiB, zstd as much as
/// was produced). Any thread.
Result<Bytes> decompress(Codec codec, ByteView input, size_t size_max);

/// The compressed bytes: gzip and zstd as one member or frame, lz4 as a frame of independent 64 KiB
/// blocks (all that Java reads), snappy in xerial's framing. A level beyond the codec's range means
/// the nearest one. Any thread.
Bytes compress(Codec codec, ByteView input, int level = default_level);

/// No result of compress is longer than this for an input of `size` bytes.
size_t compressed_size_max(Codec codec, size_t size);

/// The output of decompress never grows by more than this at once.
inline constexpr size_t output_step_max = 4 << 20;

}  // namespace stoker::record
