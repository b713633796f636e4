#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace stoker::load {

namespace {

/// 2,048 is the first power of two that tells 1,000 values apart at twice the unit.
constexpr int half_magnitude = 10;
constexpr int64_t half_count = 1 << half_magnitude;
constexpr uint64_t first_mask = 2 * half_count - 1;

int bucket_of(int64_t value) {
    return int(std::bit_width(uint64_t(value) | first_mask)) - (half_magnitude + 1);
}

size_t index_of(int64_t value) {
    int bucket = bucket_of(value);
    int64_t within = value >> bucket;
    return size_t((int64_t(bucket) << half_magnitude) + within);
}

/// The largest value that shares the counter.
int64_t upper_edge(size_t index) {
    if (int64_t(index) < 2 * half_count) return int64_t(index);
    int bucket = int(index >> half_magnitude) - 1;
    int64_t within = int64_t(index & size_t(half_count - 1)) + half_count;
    return ((within + 1) << bucket) - 1;
}

}  // namespace

void Histogram::record(int64_t value) {
    value = std::clamp<int64_t>(value, 0, value_max);
    size_t index = index_of(value);
    if (index >= counts_.size()) counts_.resize(index + 1);
    ++counts_[index];
    ++count_;
    max_ = std::max(max_, value);
    sum_ += double(value);
}

void Histogram::merge(const Histogram& other) {
    if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
    for (size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
    sum_ += other.sum_;
}

Histogram Histogram::restored(std::vector<int64_t> counts, int64_t max, double sum) {
    Histogram result;
    for (int64_t count : counts) result.count_ += count;
    result.counts_ = std::move(counts);
    result.max_ = max;
    result.sum_ = sum;
    return result;
}

Histogram Histogram::since(const Histogram& earlier) const {
    Histogram result = *this;
    for (size_t i = 0; i < earlier.counts_.size(); ++i) result.counts_[i] -= earlier.counts_[i];
    result.count_ -= earlier.count_;
    result.sum_ -= earlier.sum_;
    auto last = std::find_if(result.counts_.rbegin(), result.counts_.rend(),
                             [](int64_t count) { return count != 0; });
    result.counts_.erase(last.base(), result.counts_.end());
    result.max_ =
        result.counts_.empty() ? 0 : std::min(max_, upper_edge(result.counts_.size() - 1));
    return result;
}

double Histogram::mean() const {
    return count_ == 0 ? 0 : sum_ / double(count_);
}

int64_t Histogram::percentile(double percent) const {
    if (count_ == 0) return 0;
    // A little less than asked, as HdrHistogram does: 99.9 has no exact double, and of a thousand
    // records its product would be the last one's rank.
    const double least = std::nextafter(std::clamp(percent, 0.0, 100.0), 0.0);
    const double wanted = std::ceil(least * double(count_) / 100);
    int64_t rank = std::max<int64_t>(1, int64_t(wanted));
    int64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::min(upper_edge(i), max_);
    }
    return max_;
}

}  // namespace stoker::load
