// Report: a run's figures as JSON and as text. Where the generator was the bottleneck neither has a
// time of the cluster's.
#pragma once

#include <string>

#include "load/json.hpp"
#include "workload/report/verdict.hpp"
#include "workload/run/run.hpp"

namespace stoker::workload {

using load::Json;

/// {"count", "mean", "p50", "p90", "p99", "p999", "p9999", "p99999", "max"}, microseconds.
Json percentiles_json(const load::Histogram& histogram);

Json report_json(const Workload& workload, const RunResult& result, const Verdict& verdict);

/// A page for people.
std::string report_text(const RunResult& result, const Verdict& verdict);

/// "812 µs", "3.4 ms", "2.1 s".
std::string shown_us(int64_t microseconds);

}  // namespace stoker::workload
