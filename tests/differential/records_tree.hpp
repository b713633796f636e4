// The record batches within a request or an answer.
#pragma once

#include "base/bytes.hpp"
#include "tree.hpp"
#include "world.hpp"

namespace stoker::differential {

/// The batches with the broker's own producer id in the place of a symbol. A checksum that was
/// right is right again; one that was wrong stays as it is.
Bytes with_own_producer(ByteView batches, const World& world);

/// Headers and records, decompressed; a batch that is cut off at the end, as a fetch may leave it,
/// is left out, since two brokers need not cut at the same byte.
Tree tree_of(ByteView batches, const World& world);

}  // namespace stoker::differential
