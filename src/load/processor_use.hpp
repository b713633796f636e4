// ProcessorUse: how busy the machine and this program were, so that a load that fell behind can say
// whether the machine was what limited it.
#pragma once

#include <cstdint>

namespace stoker::load {

/// Between two moments.
struct ProcessorUse {
    double machine = 0;  ///< the part of all processors' time that something used, 0 to 1
    double own = 0;      ///< the part of it that this process used
};

/// Counts from its making on.
class ProcessorMeter {
public:
    ProcessorMeter();
    ProcessorUse since() const;

private:
    struct Sample {
        int64_t busy_ticks = 0;
        int64_t all_ticks = 0;
        int64_t own_ticks = 0;
    };
    static Sample sample();

    Sample begin_;
};

/// What the calling thread has used of a processor so far.
int64_t thread_processor_ns();

}  // namespace stoker::load
