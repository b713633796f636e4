#include "kafka/partitioner.hpp"

namespace stoker::kafka {

int32_t murmur2(ByteView bytes) {
    constexpr uint32_t seed = 0x9747b28c;
    constexpr uint32_t m = 0x5bd1e995;
    constexpr int r = 24;
    const auto at = [&](size_t i) { return std::to_integer<uint32_t>(bytes[i]); };

    uint32_t h = seed ^ uint32_t(bytes.size());
    size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
        uint32_t k = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
        k *= m;
        k ^= k >> r;
        k *= m;
        h *= m;
        h ^= k;
    }
    if (i < bytes.size()) {
        uint32_t rest = 0;
        for (size_t j = bytes.size(); j > i; --j) rest = rest << 8 | at(j - 1);
        h ^= rest;
        h *= m;
    }
    h ^= h >> 13;
    h *= m;
    h ^= h >> 15;
    return int32_t(h);
}

int32_t partition_for_key(ByteView key, int32_t partitions) {
    return (murmur2(key) & 0x7fffffff) % partitions;
}

int32_t StickyPartitioner::next(int32_t partitions) {
    if (partition_ < 0 || partition_ >= partitions) {
        partition_ = int32_t(random_->below(uint64_t(partitions)));
        bytes_ = 0;
    }
    return partition_;
}

void StickyPartitioner::added(size_t bytes, bool closed_batch) {
    bytes_ += bytes;
    if ((bytes_ >= batch_size_ && closed_batch) || bytes_ >= 2 * batch_size_) partition_ = -1;
}

}  // namespace stoker::kafka
