#include "workload/content/values.hpp"

#include <algorithm>
#include <cmath>

namespace stoker::workload {
namespace {

/// Values begin anywhere in it: what repeats lies far apart, beyond the reach of most codecs.
constexpr size_t pool_variety = 4 << 20;
/// Random bytes and zeros take turns within so many bytes.
constexpr size_t grain = 64;

Bytes make_pool(const ValuePlan& plan, uint64_t seed) {
    const bool fixed = plan.size == ValuePlan::Size::fixed;
    Bytes pool(pool_variety + size_t(fixed ? plan.bytes : plan.bytes_max));
    const auto random_in_grain = size_t(std::lround((1 - plan.compressibility) * grain));
    Random64 random(seed);
    for (size_t i = 0; i < pool.size(); ++i)
        if (i % grain < random_in_grain) pool[i] = std::byte(random.next() >> 56);
    return pool;
}

}  // namespace

ValuePool::ValuePool(const ValuePlan& plan, uint64_t seed) : bytes_(make_pool(plan, seed)) {}

ByteView Values::next(Random64& random) {
    // One behind the other, from a random place on again and again: the processor fetches ahead
    // what comes next, and two rounds have nothing in common.
    if (at_ >= pool_variety) at_ = random.below(pool_variety);
    const ByteView value = pool_.bytes().subspan(at_, size(random));
    at_ += value.size();
    return value;
}

size_t Values::size(Random64& random) const {
    if (plan_.size == ValuePlan::Size::fixed) return size_t(plan_.bytes);
    const double drawn = double(plan_.bytes) * std::exp(plan_.sigma * random.normal());
    return size_t(std::clamp<double>(drawn, 1, double(plan_.bytes_max)));
}

}  // namespace stoker::workload
