// Phase: one stretch of a load and its shape, as a rate of messages over time. A shape is two
// functions, inverse to each other: how many messages are due after so many seconds, and when the
// n-th one is. The times are fixed before the run: a slow cluster does not move them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace stoker::workload {

enum class Shape : uint8_t {
    constant,  ///< `rate`
    ramp,      ///< from `rate` to `to` in a straight line
    sine,      ///< `rate` + `amplitude` · sin(2π t / `period_s`)
    bursts,    ///< `rate`, but `to` for `burst_s` at the beginning of every `period_s`
    replay,    ///< the times in `times_s`
    max        ///< as fast as the cluster takes them: no times, hence no open loop
};

std::string_view name(Shape shape);

struct Phase {
    Shape shape = Shape::constant;
    /// The gaps between messages are random, exponentially distributed around the rate.
    bool poisson = false;
    double duration_s = 0;
    double rate = 0;  ///< messages a second, of all producers together
    double to = 0;
    double amplitude = 0;  ///< at most `rate`
    double period_s = 0;
    double burst_s = 0;
    std::vector<double> times_s{};  ///< ascending, the first at 0

    /// How many messages are due in the first `seconds`.
    double count(double seconds) const;
    /// When so many are due, 0 to duration_s; the reverse of count().
    double when(double messages) const;
    double total() const { return count(duration_s); }
};

}  // namespace stoker::workload
