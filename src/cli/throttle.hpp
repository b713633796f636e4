// Upstream's ThroughputThrottler: keeps the average since the start at a rate, by sleeping in steps
// of at least two milliseconds.
#pragma once

#include <cstdint>

namespace stoker::cli {

class Throttle {
public:
    /// A negative rate does not throttle, zero waits for ever.
    Throttle(double per_second, int64_t start_ms)
        : per_second_(per_second), start_ms_(start_ms), step_ns_(1e9 / per_second) {}

    /// How long to sleep after that many records, in nanoseconds; INT64_MAX: for ever.
    int64_t pause_ns(int64_t so_far, int64_t now_ms);
    /// How long the sleep really took.
    void slept(int64_t ns) { deficit_ns_ -= double(ns); }

private:
    double per_second_;
    int64_t start_ms_;
    double step_ns_;
    double deficit_ns_ = 0;
};

}  // namespace stoker::cli
