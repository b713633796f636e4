// What the measurements come to: percentiles, and ratios of pairs with their uncertainty.
#pragma once

#include <vector>

namespace stoker::bench {

/// The value that `percent` percent do not exceed (nearest rank); 0 for none. Sorts `values`.
double percentile(std::vector<double>& values, double percent);
double median(std::vector<double> values);

struct Estimate {
    double value = 0;
    double low = 0;  // 95 % confidence interval, by bootstrap
    double high = 0;
};
// Deterministic: the resampling has a fixed seed.

/// The geometric mean.
Estimate estimate_ratio(const std::vector<double>& pair_ratios);
Estimate estimate_median(const std::vector<double>& samples);

}  // namespace stoker::bench
