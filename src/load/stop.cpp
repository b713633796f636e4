#include "load/stop.hpp"

namespace stoker::load {

void Stop::request() {
    std::lock_guard lock(mutex_);
    requested_ = true;
    changed_.notify_all();
}

bool Stop::requested() const {
    std::lock_guard lock(mutex_);
    return requested_;
}

bool Stop::wait_for(std::chrono::nanoseconds time) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [this] { return requested_; });
}

}  // namespace stoker::load
