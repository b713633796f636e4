// Time comes in through the constructor, so that a whole broker can run under a virtual clock.
#pragma once

#include <atomic>
#include <cstdint>

namespace stoker {

class Clock {
public:
    virtual ~Clock() = default;
    /// Milliseconds since 1970: for timestamps that people and records see. It can jump.
    virtual int64_t wall_ms() const = 0;
    /// Nanoseconds since some start: for time-outs and measuring. It never goes back.
    virtual int64_t monotonic_ns() const = 0;

    int64_t monotonic_ms() const { return monotonic_ns() / 1'000'000; }
};

/// The machine's own clocks. Any thread.
class SystemClock final : public Clock {
public:
    int64_t wall_ms() const override;
    int64_t monotonic_ns() const override;
};

/// Time that moves only when a test says so. Any thread.
class ManualClock final : public Clock {
public:
    explicit ManualClock(int64_t wall_ms = 1'700'000'000'000) : wall_ms_(wall_ms) {}

    int64_t wall_ms() const override { return wall_ms_; }
    int64_t monotonic_ns() const override { return monotonic_ns_; }

    void advance_ms(int64_t ms) {
        wall_ms_ += ms;
        monotonic_ns_ += ms * 1'000'000;
    }
    /// The wall clock alone jumps, as an administrator or NTP makes it.
    void jump_wall_ms(int64_t ms) { wall_ms_ += ms; }

private:
    std::atomic<int64_t> wall_ms_;
    std::atomic<int64_t> monotonic_ns_ = 0;
};

}  // namespace stoker
