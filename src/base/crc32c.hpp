// CRC32C (Castagnoli), as Kafka's record batches carry it; in hardware where SSE 4.2 is there.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace stoker {

/// The checksum of `bytes`; `crc` is the checksum of what came before them.
uint32_t crc32c(ByteView bytes, uint32_t crc = 0);

}  // namespace stoker
