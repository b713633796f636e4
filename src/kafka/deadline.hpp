// A point in time until which a blocking call may take.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.hpp"

namespace stoker::kafka {

/// The clock must outlive it.
class Deadline {
public:
    Deadline(const Clock& clock, int64_t timeout_ms)
        : clock_(&clock), at_ms_(clock.monotonic_ms() + std::clamp<int64_t>(timeout_ms, 0, far)) {}

    int64_t left_ms() const { return std::max<int64_t>(0, at_ms_ - clock_->monotonic_ms()); }
    bool passed() const { return left_ms() == 0; }
    /// The earlier of this and `timeout_ms` from now.
    Deadline within(int64_t timeout_ms) const {
        return {*clock_, std::min(left_ms(), timeout_ms)};
    }
    const Clock& clock() const { return *clock_; }

private:
    /// A century: Java's Long.MAX_VALUE time-outs must not overflow.
    static constexpr int64_t far = 100LL * 365 * 24 * 3600 * 1000;

    const Clock* clock_;
    int64_t at_ms_;
};

/// Waits without doing anything else.
void pause(int64_t ms);

}  // namespace stoker::kafka
