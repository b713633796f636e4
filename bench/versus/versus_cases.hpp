// What bench/versus measures of each server, all with the same client.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/versus/subject.hpp"
#include "bench/versus/table.hpp"

namespace stoker::bench {

struct VersusLimits {
    double seconds = 2;                  // of a block
    uint64_t bytes = uint64_t{1} << 30;  // produced in a block at most
    uint64_t log_size = 512 << 20;       // what a consumer that catches up reads
    double paced_seconds = 4;            // at 1,000 records a second: what percentiles need
    double warm_up_seconds = 4;          // not measured: a JVM compiles what it sees much of
    int joins = 5;
    int starts = 3;
};

/// A server that has been up for a while, and what it is called.
struct Contender {
    const Subject& subject;
    const Server& server;
};

struct VersusMeasured {
    std::vector<double> values;  // in the order of the figures
    /// Cores that were kept busy, on average; 0 where that was not measured.
    double server_cores = 0;
    double client_cores = 0;
};

struct VersusCase {
    std::string name;
    std::vector<VersusFigure> figures;
    bool durable = false;
    bool heavy = false;  // it leaves much behind that servers then delete
    std::function<VersusMeasured(const Contender&)> measure;
};

/// The loads, in the order in which a round goes through them.
std::vector<VersusCase> load_cases(const VersusLimits& limits);
/// The figures of a server's life, which a round measures around its loads.
VersusFigure start_figure();
VersusFigure memory_idle_figure();
VersusFigure memory_loaded_figure();

/// Some of everything, so that no server meets its first record when it is measured.
void warm_up(const Contender& contender, const VersusLimits& limits);

}  // namespace stoker::bench
