// Schedule: when each message ought to be sent. The load is open-loop: the times are fixed before
// the run, a slow broker does not move them, and latency is measured from them. (A load that waits
// for answers before it sends the next message hides exactly the delays it should find.)
//
// Message g of the whole run is due g / rate seconds after the start. Thread t of n sends messages
// t, t+n, t+2n …, so that n threads together keep the rate evenly.
#pragma once

#include <cstdint>

namespace stoker::load {

struct ScheduleOptions {
    int64_t messages_per_second = 1;  ///< of all threads together
    int64_t duration_ns = 0;
    int64_t start_ns = 0;  ///< on the monotonic clock
    int thread = 0;
    int threads = 1;
};

class Schedule {
public:
    explicit Schedule(const ScheduleOptions& options) : options_(options) {}

    /// How many messages this thread sends altogether.
    int64_t total() const { return mine(in_the_first(options_.duration_ns)); }
    /// How many of them ought to have been sent at `now_ns`.
    int64_t due(int64_t now_ns) const;
    /// When this thread's n-th message (from 0) ought to be sent.
    int64_t intended_ns(int64_t n) const;
    /// The number that the n-th message of this thread has in the whole run.
    int64_t global(int64_t n) const { return options_.thread + n * options_.threads; }
    int64_t end_ns() const { return options_.start_ns + options_.duration_ns; }

private:
    int64_t in_the_first(int64_t ns) const;
    int64_t mine(int64_t of_all) const;

    ScheduleOptions options_;
};

}  // namespace stoker::load
