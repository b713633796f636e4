#include "workload/arrivals/phase.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace stoker::workload {
namespace {

constexpr double two_pi = 6.283185307179586;
/// A tenth of a microsecond is finer than any timer.
constexpr double time_step_s = 1e-7;

constexpr std::array<std::string_view, 6> names{"constant", "ramp",   "sine",
                                                "bursts",   "replay", "max"};

double sine_count(const Phase& phase, double seconds) {
    const double omega = two_pi / phase.period_s;
    return phase.rate * seconds + phase.amplitude / omega * (1 - std::cos(omega * seconds));
}

/// The count never falls, and is never more than one period's surplus away from the mean line.
double sine_when(const Phase& phase, double messages) {
    const double surplus = 2 * phase.amplitude * phase.period_s / two_pi;
    double low = std::max(0.0, (messages - surplus) / phase.rate);
    double high = messages / phase.rate;
    while (high - low > time_step_s) {
        const double middle = (low + high) / 2;
        (sine_count(phase, middle) < messages ? low : high) = middle;
    }
    return high;
}

double ramp_when(const Phase& phase, double messages) {
    // rate·t + slope/2·t² = messages, in the form that does not divide by a slope of 0.
    const double slope = (phase.to - phase.rate) / phase.duration_s;
    const double root = std::sqrt(std::max(0.0, phase.rate * phase.rate + 2 * slope * messages));
    const double sum = phase.rate + root;
    return sum > 0 ? 2 * messages / sum : 0;
}

double bursts_in_period(const Phase& phase) {
    return phase.to * phase.burst_s + phase.rate * (phase.period_s - phase.burst_s);
}

double bursts_count(const Phase& phase, double seconds) {
    const double periods = std::floor(seconds / phase.period_s);
    const double within = seconds - periods * phase.period_s;
    return periods * bursts_in_period(phase) + phase.to * std::min(within, phase.burst_s) +
           phase.rate * std::max(0.0, within - phase.burst_s);
}

double bursts_when(const Phase& phase, double messages) {
    const double each = bursts_in_period(phase);
    const double periods = std::floor(messages / each);
    const double within = messages - periods * each;
    const double in_burst = phase.to * phase.burst_s;
    const double start = periods * phase.period_s;
    if (within < in_burst) return start + within / phase.to;
    if (phase.rate <= 0) return start + phase.burst_s;
    return start + phase.burst_s + (within - in_burst) / phase.rate;
}

double replay_count(const Phase& phase, double seconds) {
    return double(std::ranges::lower_bound(phase.times_s, seconds) - phase.times_s.begin());
}

double replay_when(const Phase& phase, double messages) {
    if (phase.times_s.empty()) return 0;
    const auto last = phase.times_s.size() - 1;
    return phase.times_s[std::min(size_t(std::max(0.0, messages)), last)];
}

}  // namespace

std::string_view name(Shape shape) { return names[size_t(shape)]; }

double Phase::count(double seconds) const {
    switch (shape) {
        case Shape::constant: return rate * seconds;
        case Shape::ramp:
            return rate * seconds + (to - rate) / duration_s * seconds * seconds / 2;
        case Shape::sine: return sine_count(*this, seconds);
        case Shape::bursts: return bursts_count(*this, seconds);
        case Shape::replay: return replay_count(*this, seconds);
        case Shape::max: return 0;
    }
    return 0;
}

double Phase::when(double messages) const {
    switch (shape) {
        case Shape::constant: return messages / rate;
        case Shape::ramp: return ramp_when(*this, messages);
        case Shape::sine: return sine_when(*this, messages);
        case Shape::bursts: return bursts_when(*this, messages);
        case Shape::replay: return replay_when(*this, messages);
        case Shape::max: return 0;
    }
    return 0;
}

}  // namespace stoker::workload
