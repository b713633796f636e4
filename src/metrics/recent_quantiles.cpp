#include "metrics/recent_quantiles.hpp"

#include <cmath>
#include <utility>

namespace stoker::metrics {
namespace {

constexpr double fading_a_second = 0.015;
constexpr double ns_a_second = 1e9;
/// Below it, weights are as good as nothing, and sums of them lose their precision.
constexpr double weight_min = 1e-9;

}  // namespace

void RecentQuantiles::take(Distribution all, int64_t now_ns) {
    if (all.count == seen_.count) return;
    const double age_s = double(now_ns - taken_ns_) / ns_a_second;
    const double keep = std::exp(-fading_a_second * age_s);
    weights_.resize(all.buckets.size());
    seen_.buckets.resize(all.buckets.size());
    weight_ = 0;
    for (size_t i = 0; i < weights_.size(); ++i) {
        weights_[i] = weights_[i] * keep + double(all.buckets[i] - seen_.buckets[i]);
        if (weights_[i] < weight_min) weights_[i] = 0;
        weight_ += weights_[i];
    }
    seen_ = std::move(all);
    taken_ns_ = now_ns;
}

double RecentQuantiles::quantile(double q) const {
    const double wanted = weight_ * q;
    double below = 0;
    double value = 0;
    for (size_t i = 0; i < weights_.size(); ++i) {
        if (weights_[i] == 0) continue;
        value = Histogram::value_of(i);
        below += weights_[i];
        if (below >= wanted) break;
    }
    return value;
}

}  // namespace stoker::metrics
