// How Ctrl-C reaches a client that waits: a signal handler raises it, every wait of a producer or a
// consumer ends at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "kafka/failure.hpp"

namespace stoker::kafka {

class Wakeup {
public:
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    /// Any thread, and signal handlers.
    void raise();
    bool raised() const { return raised_; }
    /// Readable once raised, for poll().
    int fd() const { return fd_; }

private:
    int fd_;
    std::atomic<bool> raised_ = false;
};

/// org.apache.kafka.common.errors.WakeupException.
Failure woken();

/// Waits until one of the descriptors can be read (negative ones are passed over), the wakeup is
/// raised, or the time has passed. No wakeup is null.
void wait_readable(std::span<const int> descriptors, const Wakeup* wakeup, int64_t ms);

}  // namespace stoker::kafka
