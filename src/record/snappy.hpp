// Snappy as Kafka carries it. The codec itself has no framing for streams, so Java's xerial library
// made one, and librdkafka, kafka-python and others write it too; some clients (Go's among them)
// send one raw block instead.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace stoker::record {

/// Either framing; see decompress.
Result<Bytes> snappy_decompress(ByteView input, size_t size_max);
/// Xerial's framing, in blocks of 32 KiB as Java cuts them.
Bytes snappy_compress(ByteView input);
size_t snappy_compressed_size_max(size_t size);

}  // namespace stoker::record
