// Verdict: what a run's figures amount to, in one sentence and one exit status.
#pragma once

#include <optional>
#include <string>

#include "workload/run/run.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

/// What `stoker load` leaves with.
enum class Status : int {
    good = 0,
    failed = 1,        ///< a message has a finding, or was not acknowledged; or there was no run
    wrong_usage = 2,
    no_report = 3,     ///< the generator was the bottleneck: its figures say nothing of the cluster
    not_reached = 4,   ///< no rate keeps the service level
};

struct Verdict {
    Status status = Status::good;
    std::string sentence{};
    /// Why there are no times in the report, whatever the status.
    std::optional<std::string> refused{};
    /// Why there is no end-to-end time, at least.
    std::optional<std::string> end_to_end_refused{};
    /// All that is wrong is that the cluster did not take everything in time.
    bool fell_behind = false;
};

/// Why the times of the run say more of the generator than of the cluster; nothing when they do
/// not.
std::optional<std::string> generator_limit(const Workload& workload, const RunResult& result);

/// The same of the time that messages took to the consumers, whose readers are ours, too.
std::optional<std::string> reader_limit(const RunResult& result);
/// "2 lost, 1 reordered": what the run found wrong with messages; empty when nothing is.
std::string findings_of(const Workload& workload, const RunResult& result);

/// Findings come first: they hold whatever the generator did.
Verdict judge(const Workload& workload, const RunResult& result);

}  // namespace stoker::workload
