// Runs a case in blocks A B B A A B B A …, so that drift hits both sides alike, and reports the
// ratio of each pair. The first pair is dropped; a pair during which the machine itself was not
// steady is repeated.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/floor/statistics.hpp"
#include "bench/floor/wire_cases.hpp"

namespace stoker::bench {

struct AbbaOptions {
    int pairs = 12;  // that count
    /// Attempts at most, as a multiple of `pairs`; then unsteady pairs count too.
    int attempts_factor = 3;
    double steal_max = 0.03;
    double control_move_max = 0.2;
    std::filesystem::path folder;  // blocks get an empty folder in it
    std::function<void(const std::string&)> progress;
};

struct Pair {
    Block a;
    Block b;
    bool steady = true;
    double ratio() const { return a.value / b.value; }
};

struct CaseResult {
    std::vector<Pair> pairs;  // that count
    int repeated = 0;         // pairs that were given up because the machine was not steady
    bool all_steady = true;
    RatioEstimate ratio;
    /// The whole confidence interval is on the right side of the target.
    bool reached = false;
};

CaseResult run_abba(const WireCase& wire_case, const AbbaOptions& options);

/// The median over the pairs of one figure of one side.
double median_of(const CaseResult& result, Block Pair::*side, double Block::*figure);

}  // namespace stoker::bench
