// Which partition a record goes to, as Java's producer decides: records with a key by its murmur2
// hash, those without stick to one partition until a batch worth of bytes went there (KIP-794).
// Pure but for the choice among partitions, which is random.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace stoker::kafka {

/// Utils.murmur2 of Java's clients: MurmurHash2, 32 bit, with the seed 0x9747b28c.
int32_t murmur2(ByteView bytes);

/// The partition of a key among `partitions` (at least one).
int32_t partition_for_key(ByteView key, int32_t partitions);

/// The built-in partitioner of one topic.
class StickyPartitioner {
public:
    /// `random` must outlive it.
    StickyPartitioner(Random& random, size_t batch_size)
        : random_(&random), batch_size_(batch_size) {}

    /// Where the next record without a key goes, among `partitions` (at least one).
    int32_t next(int32_t partitions);
    /// That many bytes went there. A batch that was closed lets it move on a little early.
    void added(size_t bytes, bool closed_batch);

private:
    Random* random_;
    size_t batch_size_;
    int32_t partition_ = -1;
    size_t bytes_ = 0;
};

}  // namespace stoker::kafka
