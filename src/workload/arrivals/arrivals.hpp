// Arrivals: when each message of one producer ought to be sent. The producers of a run share its
// load: message g of the whole run belongs to producer g modulo their number, so that together they
// keep the shape evenly. With random gaps each producer has a process of its own; processes of
// this kind add up to one of the same kind.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workload/arrivals/phase.hpp"
#include "workload/random64.hpp"

namespace stoker::workload {

struct ArrivalsOptions {
    int producer = 0;
    int producers = 1;
    uint64_t seed = 0;
};

class Arrivals {
public:
    Arrivals(std::vector<Phase> phases, const ArrivalsOptions& options);

    struct Arrival {
        int64_t at_ns = 0;  ///< since the start of the run
        /// Send it as soon as there is room: `at_ns` is when the phase begins.
        bool whenever = false;
    };
    /// In ascending order; nothing when the load is over. Within a phase of shape max it never
    /// runs dry: leave_phase() ends it.
    std::optional<Arrival> next();
    void leave_phase();
    /// Of the phase of the last arrival.
    int64_t phase_end_ns() const;

    static int64_t duration_ns(const std::vector<Phase>& phases);

private:
    std::vector<Phase> phases_;
    ArrivalsOptions options_;
    Random64 random_;
    size_t phase_ = 0;
    double phase_start_s_ = 0;
    double before_ = 0;  ///< messages of the phases before this one
    double next_ = 0;    ///< the number of the next message in the whole run
};

}  // namespace stoker::workload
