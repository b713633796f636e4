// How fast something goes, as Apache Kafka's quotas measure it: in windows, of which so many are
// kept; and the bucket of tokens of KIP-599. Not thread-safe: their owner has the lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace stoker::broker {

struct QuotaWindows {
    int32_t samples = 11;      // quota.window.num
    int64_t window_ms = 1000;  // quota.window.size.seconds
};

class Rate {
public:
    void record(double value, int64_t now_ms, const QuotaWindows& windows);
    /// Per second. Less than all windows counts as all but the last: a burst at the start is no
    /// rate.
    double measure(int64_t now_ms, const QuotaWindows& windows);
    /// How long to wait until the rate is back at `bound` when nothing more comes; 0 when it is not
    /// above it.
    int64_t excess_ms(double bound, int64_t now_ms, const QuotaWindows& windows);
    /// Whether nothing was recorded within the windows.
    bool idle(int64_t now_ms, const QuotaWindows& windows) const;

private:
    struct Sample {
        int64_t start_ms = 0;
        int64_t last_ms = 0;
        double value = 0;
    };

    int64_t span_ms(int64_t now_ms, const QuotaWindows& windows);

    std::deque<Sample> samples_;
};

/// Fills at `rate` a second up to what all windows hold; may be overdrawn once.
class TokenBucket {
public:
    /// Whether there is anything in it, or nothing at least.
    bool acceptable(double rate, int64_t now_ms, const QuotaWindows& windows);
    void take(double tokens, double rate, int64_t now_ms, const QuotaWindows& windows);
    /// Until it is no longer overdrawn.
    int64_t excess_ms(double rate) const;
    bool idle(int64_t now_ms, const QuotaWindows& windows) const;

private:
    void refill(double rate, int64_t now_ms, const QuotaWindows& windows);

    double tokens_ = 0;
    int64_t updated_ms_ = 0;
    bool used_ = false;
};

}  // namespace stoker::broker
