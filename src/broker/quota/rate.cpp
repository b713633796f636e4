#include "broker/quota/rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace stoker::broker {

namespace {

constexpr double ms_per_second = 1000;

/// As Java's Math.round: a wait beyond all numbers, which a tiny bound makes, is the longest one.
int64_t rounded_ms(double ms) {
    constexpr auto longest = std::numeric_limits<int64_t>::max();
    return ms >= double(longest) ? longest : std::llround(ms);
}

}  // namespace

void Rate::record(double value, int64_t now_ms, const QuotaWindows& windows) {
    if (samples_.empty() || now_ms - samples_.back().start_ms >= windows.window_ms)
        samples_.push_back({.start_ms = now_ms, .last_ms = now_ms});
    samples_.back().value += value;
    samples_.back().last_ms = now_ms;
    while (std::cmp_greater(samples_.size(), windows.samples + 1)) samples_.pop_front();
}

int64_t Rate::span_ms(int64_t now_ms, const QuotaWindows& windows) {
    int64_t age_max = windows.samples * windows.window_ms;
    while (!samples_.empty() && now_ms - samples_.front().last_ms >= age_max) samples_.pop_front();
    int64_t elapsed = samples_.empty() ? 0 : now_ms - samples_.front().start_ms;
    int64_t whole = elapsed / windows.window_ms;
    int64_t wanted = windows.samples - 1;
    if (whole < wanted) elapsed += (wanted - whole) * windows.window_ms;
    return std::max(elapsed, windows.window_ms);
}

double Rate::measure(int64_t now_ms, const QuotaWindows& windows) {
    double seconds = double(span_ms(now_ms, windows)) / ms_per_second;
    double sum = 0;
    for (const Sample& sample : samples_) sum += sample.value;
    return sum / seconds;
}

int64_t Rate::excess_ms(double bound, int64_t now_ms, const QuotaWindows& windows) {
    double rate = measure(now_ms, windows);
    if (!(rate > bound)) return 0;
    if (bound <= 0) return span_ms(now_ms, windows);  // it never is back at nothing
    return rounded_ms((rate - bound) / bound * double(span_ms(now_ms, windows)));
}

bool Rate::idle(int64_t now_ms, const QuotaWindows& windows) const {
    return samples_.empty() ||
           now_ms - samples_.back().last_ms >= windows.samples * windows.window_ms;
}

void TokenBucket::refill(double rate, int64_t now_ms, const QuotaWindows& windows) {
    double burst = double(windows.samples * windows.window_ms) / ms_per_second * rate;
    double since = double(now_ms - updated_ms_) / ms_per_second;
    tokens_ = used_ ? std::min(burst, tokens_ + since * rate) : burst;
    used_ = true;
    updated_ms_ = now_ms;
}

bool TokenBucket::acceptable(double rate, int64_t now_ms, const QuotaWindows& windows) {
    refill(rate, now_ms, windows);
    return tokens_ >= 0;
}

void TokenBucket::take(double tokens, double rate, int64_t now_ms, const QuotaWindows& windows) {
    refill(rate, now_ms, windows);
    tokens_ -= tokens;
}

int64_t TokenBucket::excess_ms(double rate) const {
    return tokens_ < 0 ? rounded_ms(-tokens_ / rate * ms_per_second) : 0;
}

bool TokenBucket::idle(int64_t now_ms, const QuotaWindows& windows) const {
    return tokens_ >= 0 && now_ms - updated_ms_ >= windows.samples * windows.window_ms;
}

}  // namespace stoker::broker
