// HdrHistogram's interchange format: a histogram's counters as zigzag varints behind a header of
// forty bytes (encoding V2), deflated behind one of eight, in base64.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "load/histogram.hpp"

namespace stoker::workload {

/// V2, not deflated.
Bytes encode_histogram(const load::Histogram& histogram);
/// As it stands in a log.
std::string compressed_histogram(const load::Histogram& histogram);

}  // namespace stoker::workload
