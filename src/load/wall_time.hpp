// Wall-clock time finer than Clock's milliseconds, and as ISO 8601 text: message timestamps have
// microseconds, and end-to-end latencies compare two processes' clocks.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace stoker::load {

/// Nanoseconds since 1970, of the machine's clock.
int64_t wall_ns();

/// "2026-08-31T09:15:02.123456+00:00", always UTC. Remembers the last second, because a generator
/// asks for the same one thousands of times.
class IsoTime {
public:
    /// The view lasts until the next call. Years 0 to 9999.
    std::string_view format(int64_t wall_us);

private:
    int64_t second_ = INT64_MIN;
    std::array<char, 32> text_{};
};

std::string iso_time(int64_t wall_us);

}  // namespace stoker::load
