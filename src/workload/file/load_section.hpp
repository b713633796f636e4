// The section `load` of a workload file: phases, one after another.
#pragma once

#include <string>
#include <vector>

#include "workload/arrivals/phase.hpp"
#include "workload/file/mapping.hpp"

namespace stoker::workload {

/// Throws Complaint.
std::vector<Phase> read_phases(Mapping& file, const std::string& folder);

}  // namespace stoker::workload
