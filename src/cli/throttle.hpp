// Keeps what is sent at a rate since the start, as upstream's ThroughputThrottler does, by sleeping
// in steps of at least two milliseconds. Upstream's lets everything pass that is sent within the
// first millisecond; this one does not.
#pragma once

#include <cstdint>

namespace stoker::cli {

class Throttle {
public:
    /// A negative rate does not throttle, zero waits for ever.
    Throttle(double per_second, int64_t start_ns) : per_second_(per_second), start_ns_(start_ns) {}

    bool limits() const { return per_second_ >= 0; }
    /// How long to sleep after that many records, in nanoseconds; INT64_MAX: for ever. By a
    /// monotonic clock.
    int64_t pause_ns(int64_t sent, int64_t now_ns) const;

private:
    double per_second_;
    int64_t start_ns_;
};

}  // namespace stoker::cli
