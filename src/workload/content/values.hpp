// Values: bytes of a wanted size that compress by a wanted amount. They are stretches of a pool
// that is made once for all producers, so that a value costs no more than its copy. With a template
// (template.hpp) the values are text that somebody could have written.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "workload/random64.hpp"

namespace stoker::workload {

struct ValuePlan {
    enum class Size : uint8_t { fixed, lognormal };
    Size size = Size::fixed;
    int64_t bytes = 256;  ///< the size, or the median of the sizes
    double sigma = 0.5;   ///< of the sizes' logarithms
    int64_t bytes_max = 1'000'000;
    /// The part of each value that a codec can do away with: 0 random bytes, 1 nothing but zeros.
    double compressibility = 0.5;
    double tombstones = 0;  ///< the share of messages without a value

    /// What any broker takes with a margin for its headers, unless it was told otherwise.
    static constexpr int64_t size_limit = 100'000'000;
};

class ValuePool {
public:
    ValuePool(const ValuePlan& plan, uint64_t seed);
    ByteView bytes() const { return bytes_; }

private:
    Bytes bytes_;
};

class Values {
public:
    /// `pool` is of the same plan, and outlives this.
    Values(const ValuePlan& plan, const ValuePool& pool) : plan_(plan), pool_(pool) {}

    bool is_tombstone(Random64& random) const {
        return plan_.tombstones > 0 && random.unit() < plan_.tombstones;
    }
    /// The view lasts as long as the pool.
    ByteView next(Random64& random);

private:
    size_t size(Random64& random) const;

    ValuePlan plan_;
    const ValuePool& pool_;
    size_t at_ = SIZE_MAX;  ///< in the pool, where the last one ended
};

}  // namespace stoker::workload
