// What the measurements come to: percentiles, and ratios of pairs with their uncertainty.
#pragma once

#include <cstddef>
#include <vector>

namespace stoker::bench {

/// The value that `percent` percent do not exceed (nearest rank); 0 for none. Sorts `values`.
double percentile(std::vector<double>& values, double percent);
double median(std::vector<double> values);
/// The percentile of each stretch of `stretch` values in turn, and of those the median: what holds
/// most of the time. On a shared machine one bad moment decides the percentile of a whole run, and
/// the run beside it has another. A last stretch that is not full counts when it is the only one.
double typical_percentile(const std::vector<double>& values, double percent, size_t stretch);

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
