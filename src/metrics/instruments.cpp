#include "metrics/instruments.hpp"

namespace stoker::metrics {

void Histogram::add_to(Distribution& distribution) const {
    distribution.buckets.resize(bucket_count);
    for (size_t i = 0; i < bucket_count; ++i) {
        const uint64_t n = buckets_[i].value();
        distribution.buckets[i] += n;
        distribution.count += n;
    }
    distribution.sum += sum_.value();
}

double Histogram::value_of(size_t bucket) {
    if (bucket < 2 * steps) return double(bucket);
    const size_t shift = bucket / steps - 1;
    const double width = double(uint64_t{1} << shift);
    return double((bucket % steps + steps) << shift) + (width - 1) / 2;
}

}  // namespace stoker::metrics
