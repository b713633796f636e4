// Quantiles of what came lately, from a distribution that only ever grows.
//
// As in Kafka's own histograms, what is older weighs less: a value's weight shrinks by 1.5 % each
// second, so that the last five minutes are nearly all that counts. When nothing new comes, the
// quantiles stay what they were.
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/instruments.hpp"

namespace stoker::metrics {

/// The reader's side of one histogram; whoever reads it, reads the same. One thread.
class RecentQuantiles {
public:
    /// All that was recorded until `now_ns` (monotonic).
    void take(Distribution all, int64_t now_ns);

    /// The value below which the share `q` lies; 0 when nothing was ever recorded.
    double quantile(double q) const;
    uint64_t count() const { return seen_.count; }
    uint64_t sum() const { return seen_.sum; }

private:
    Distribution seen_;
    std::vector<double> weights_;  // one a bucket
    double weight_ = 0;            // of all
    int64_t taken_ns_ = 0;
};

}  // namespace stoker::metrics
