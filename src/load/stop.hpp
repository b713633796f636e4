// Stop: how one thread asks the others to come to an end, and how they wait without missing it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace stoker::load {

/// Any thread. Once requested, always requested.
class Stop {
public:
    void request();
    bool requested() const;
    /// Sleeps at most `time`; true as soon as a stop is requested.
    bool wait_for(std::chrono::nanoseconds time) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool requested_ = false;
};

}  // namespace stoker::load
