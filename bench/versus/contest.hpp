// A contest: rounds in which every server is started, measured idle, loaded in turns with the
// others, measured again, and ended. The servers of a round are up side by side, because a JVM
// takes seconds to start and more to warm up; the ones whose turn it is not have nothing to do.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/measure/steadiness.hpp"
#include "bench/versus/versus_cases.hpp"

namespace stoker::bench {

struct ContestOptions {
    int rounds = 8;
    /// How often a case is measured in a round at most, when the machine is not steady.
    int attempts = 2;
    VersusLimits limits;
    std::vector<std::string> cases;  // all when there is none; the first three figures always
    Tolerance tolerance;
    std::filesystem::path folder;
    std::function<void(const std::string&)> progress;
};

/// One row a figure. Throws std::runtime_error.
std::vector<VersusRow> run_contest(const std::vector<Subject>& subjects,
                                   const ContestOptions& options);

}  // namespace stoker::bench
