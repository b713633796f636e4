#include "bench/measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/random.hpp"

namespace stoker::bench {
namespace {

constexpr int resamples = 4000;
constexpr uint64_t seed = 20240501;

/// The interval of `statistic` over samples drawn anew from `samples`.
template <class Statistic>
Estimate bootstrap(const std::vector<double>& samples, const Statistic& statistic) {
    Random random(seed);
    std::vector<double> results;
    std::vector<double> drawn(samples.size());
    for (int i = 0; i < resamples; ++i) {
        for (double& sample : drawn) sample = samples[random.below(samples.size())];
        results.push_back(statistic(drawn));
    }
    return {.value = statistic(samples),
            .low = percentile(results, 2.5),
            .high = percentile(results, 97.5)};
}

double geometric_mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += std::log(value);
    return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace

double percentile(std::vector<double>& values, double percent) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const auto rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
    const auto at = static_cast<size_t>(std::max(rank - 1, 0.0));
    return values[std::min(at, values.size() - 1)];
}

double median(std::vector<double> values) { return percentile(values, 50); }

double typical_percentile(const std::vector<double>& values, double percent, size_t stretch) {
    std::vector<double> of_each;
    for (size_t at = 0; at == 0 || at + stretch <= values.size(); at += stretch) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
        const size_t size = std::min(stretch, values.size() - at);
        std::vector<double> part(begin, begin + static_cast<std::ptrdiff_t>(size));
        of_each.push_back(percentile(part, percent));
    }
    return median(std::move(of_each));
}

Estimate estimate_ratio(const std::vector<double>& pair_ratios) {
    if (pair_ratios.empty()) return {};
    return bootstrap(pair_ratios, geometric_mean);
}

Estimate estimate_median(const std::vector<double>& samples) {
    if (samples.empty()) return {};
    return bootstrap(samples, median);
}

}  // namespace stoker::bench
