#include "bench/floor/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/random.hpp"

namespace stoker::bench {
namespace {

constexpr int resamples = 4000;
constexpr uint64_t seed = 20240501;

}  // namespace

double percentile(std::vector<double>& values, double percent) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const auto rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
    const auto at = static_cast<size_t>(std::max(rank - 1, 0.0));
    return values[std::min(at, values.size() - 1)];
}

double median(std::vector<double> values) { return percentile(values, 50); }

RatioEstimate estimate_ratio(const std::vector<double>& pair_ratios) {
    if (pair_ratios.empty()) return {};
    std::vector<double> logs;
    for (const double ratio : pair_ratios) logs.push_back(std::log(ratio));
    const auto count = static_cast<double>(logs.size());
    double sum = 0;
    for (const double value : logs) sum += value;

    Random random(seed);
    std::vector<double> means;
    for (int i = 0; i < resamples; ++i) {
        double resampled = 0;
        for (size_t k = 0; k < logs.size(); ++k) resampled += logs[random.below(logs.size())];
        means.push_back(resampled / count);
    }
    return {.mean = std::exp(sum / count),
            .low = std::exp(percentile(means, 2.5)),
            .high = std::exp(percentile(means, 97.5))};
}

}  // namespace stoker::bench
