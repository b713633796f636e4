// Runs a case in blocks A B B A A B B A …, so that drift hits both sides alike, and reports the
// ratio of each pair. The first pair is dropped; a pair during which the machine itself was not
// steady is repeated, and reported beside those that count.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/measure/case.hpp"
#include "bench/measure/statistics.hpp"
#include "bench/measure/steadiness.hpp"

namespace stoker::bench {

struct RunOptions {
    int pairs = 12;  // that count
    /// Attempts at most, as a multiple of what is wanted; then unsteady ones count too.
    int attempts_factor = 3;
    bool quick = false;
    Tolerance tolerance;
    std::filesystem::path folder;  // blocks get an empty folder in it
    std::function<void(const std::string&)> progress;
};

struct Pair {
    Block a;
    Block b;
    Disturbance disturbance;
    bool steady = true;
    bool counts = false;
    double ratio() const { return a.value / b.value; }
};

struct RatioResult {
    std::vector<Pair> pairs;  // all but the first, in the order of time
    bool all_steady = true;   // those that count
    Estimate ratio;           // of those that count
    Estimate ratio_of_all;
    /// The whole confidence interval is on the right side of the target.
    bool reached = false;
};

RatioResult run_abba(const RatioCase& ratio_case, const RunOptions& options);

/// One figure of one side in the pairs that count.
std::vector<double> values_of(const RatioResult& result, Block Pair::*side, double Block::*figure);

/// Empties the folder, lets the disk come to rest, measures, and removes the folder.
template <class Measure>
auto in_fresh_folder(const std::filesystem::path& folder, const Measure& measure) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    settle_disk(folder);
    auto measured = measure(folder);
    std::filesystem::remove_all(folder);
    return measured;
}

}  // namespace stoker::bench
