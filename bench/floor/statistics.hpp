// What the measurements come to: percentiles, and ratios of pairs with their uncertainty.
#pragma once

#include <cstdint>
#include <vector>

namespace stoker::bench {

/// The value that `percent` percent do not exceed (nearest rank); 0 for none. Sorts `values`.
double percentile(std::vector<double>& values, double percent);
double median(std::vector<double> values);

struct RatioEstimate {
    double mean = 0;  // geometric
    double low = 0;   // 95 % confidence interval, by bootstrap
    double high = 0;
};
/// Deterministic: the resampling has a fixed seed.
RatioEstimate estimate_ratio(const std::vector<double>& pair_ratios);

}  // namespace stoker::bench
