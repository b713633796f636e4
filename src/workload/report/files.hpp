// Report files: the seconds of a run as CSV, as an HdrHistogram log that its tools plot, and as one
// HTML page that needs nothing else.
#pragma once

#include <string>

#include "workload/report/report.hpp"

namespace stoker::workload {

/// A header line, then a line for each interval; without times when they are refused.
std::string report_csv(const RunResult& result, const Verdict& verdict);

/// HdrHistogram's log, version 1.3: an interval a line, of response times in microseconds. Its
/// headers alone when they are refused.
std::string report_hlog(const RunResult& result, const Verdict& verdict);

std::string report_html(const Workload& workload, const RunResult& result, const Verdict& verdict);

}  // namespace stoker::workload
