#include "workload/arrivals/arrivals.hpp"

#include <utility>

namespace stoker::workload {
namespace {

constexpr double second_ns = 1e9;

int64_t nanoseconds(double seconds) { return int64_t(seconds * second_ns); }

}  // namespace

Arrivals::Arrivals(std::vector<Phase> phases, const ArrivalsOptions& options)
    : phases_(std::move(phases)),
      options_(options),
      random_(options.seed + uint64_t(options.producer) * 0x5851f42d4c957f2du),
      next_(options.producer) {
    if (!phases_.empty() && phases_[0].poisson) next_ = random_.exponential() * options_.producers;
}

std::optional<Arrivals::Arrival> Arrivals::next() {
    while (phase_ < phases_.size()) {
        const Phase& phase = phases_[phase_];
        if (phase.shape == Shape::max)
            return Arrival{.at_ns = nanoseconds(phase_start_s_), .whenever = true};
        const double within = next_ - before_;
        if (within >= phase.total()) {
            leave_phase();
            continue;
        }
        const double at = phase_start_s_ + phase.when(within);
        next_ += phase.poisson ? random_.exponential() * options_.producers : options_.producers;
        return Arrival{.at_ns = nanoseconds(at)};
    }
    return std::nullopt;
}

void Arrivals::leave_phase() {
    before_ += phases_[phase_].total();
    phase_start_s_ += phases_[phase_].duration_s;
    ++phase_;
}

int64_t Arrivals::phase_end_ns() const {
    const double length = phase_ < phases_.size() ? phases_[phase_].duration_s : 0;
    return nanoseconds(phase_start_s_ + length);
}

int64_t Arrivals::duration_ns(const std::vector<Phase>& phases) {
    double sum = 0;
    for (const Phase& phase : phases) sum += phase.duration_s;
    return nanoseconds(sum);
}

}  // namespace stoker::workload
