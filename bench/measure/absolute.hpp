// Runs a case that measures the broker alone: rounds in fresh folders, medians of their samples.
#pragma once

#include <vector>

#include "bench/measure/abba.hpp"
#include "bench/measure/case.hpp"
#include "bench/measure/statistics.hpp"

namespace stoker::bench {

struct AbsoluteResult {
    struct Series {
        std::vector<double> samples;  // of the rounds that count
        Estimate median;
        bool reached = false;
    };
    std::vector<Series> series;  // one a figure
    bool all_steady = true;
    int rounds_repeated = 0;
};

AbsoluteResult run_absolute(const AbsoluteCase& absolute_case, const RunOptions& options);

}  // namespace stoker::bench
